import TenantRuntime
import TestKit
import Testing

@testable import ControlPlane

@Suite struct BacklogTests {
  private func event(_ id: Int64) -> IntakeEvent {
    .revocation(
      Revocation(
        id: "\(id)",
        phone: PhoneNumber(digits: 14_158_675_309)!, action: .optOut, method: "api", evidence: "",
        at: Moment(milliseconds: id)))
  }

  private func backlog(_ ids: ClosedRange<Int64>, whole: (Int64) -> Bool = { _ in true }) -> Backlog {
    var backlog = Backlog()
    for id in ids { backlog.append(.init(id: id, events: 1), whole(id) ? event(id) : nil) }
    return backlog
  }

  private func whole(_ page: Backlog.Page) -> [Int64]? {
    guard case .whole(let rows) = page else { return nil }
    #expect(rows.allSatisfy { $0.event == event($0.id) })
    return rows.map(\.id)
  }

  private func named(_ page: Backlog.Page) -> [Int64]? { if case .ids(let ids) = page { ids } else { nil } }

  @Test func rowsAreHandedOutInOrderAndWholeOnlyOnce() {
    var backlog = backlog(11...20)
    #expect(whole(backlog.take(after: 0, atMost: 4)) == [11, 12, 13, 14])
    #expect(whole(backlog.take(after: 14, atMost: 100)) == [15, 16, 17, 18, 19, 20])
    #expect(named(backlog.take(after: 14, atMost: 2)) == [15, 16])
    #expect(named(backlog.take(after: 20, atMost: 2)) == [])
  }

  @Test func whatWasReadOutOfTurnIsPassedOver() {
    var backlog = backlog(1...10)
    // Two readers at once: the second begins behind what the first has not taken.
    #expect(whole(backlog.take(after: 0, atMost: 2)) == [1, 2])
    #expect(named(backlog.take(after: 0, atMost: 5)) == [1, 2, 3, 4, 5])
    #expect(whole(backlog.take(after: 5, atMost: 100)) == [6, 7, 8, 9, 10])
    #expect(backlog.whole.isEmpty)
  }

  @Test func beyondTheBoundTheNewestAreWholeAgainOnceThereIsRoom() {
    var backlog = backlog(1...10) { $0 != 5 }
    #expect(backlog.whole.count == 5 && backlog.wholeEvents == 5)
    #expect(named(backlog.take(after: 0, atMost: 3)) == [1, 2, 3])
    #expect(named(backlog.take(after: 3, atMost: 100)) == [4, 5, 6, 7, 8, 9, 10])
  }

  @Test func whatTheFileHasOnDiskGoesWithItsEvents() {
    var backlog = backlog(1...10)
    #expect(backlog.drop(upTo: 0) == [])
    #expect(backlog.drop(upTo: 4) == [1, 2, 3, 4])
    #expect(whole(backlog.take(after: 4, atMost: 2)) == [5, 6])
    #expect(backlog.drop(upTo: 99) == [5, 6, 7, 8, 9, 10])
    #expect(
      backlog.rows.isEmpty && backlog.whole.isEmpty && backlog.events == 0 && backlog.wholeEvents == 0
        && backlog.last == 10)
  }

  @Test func aPageIsAsLongAsItsEvents() {
    var backlog = Backlog()
    func hits(_ count: Int) -> IntakeEvent {
      .hits(
        (0..<count).map { n in
          LinkHit(jobID: 1, link: n, facts: HitFacts(method: "GET", userAgent: "", at: Moment(milliseconds: 0)))
        })
    }
    for (id, count) in [(1, 3), (2, 4), (3, 9), (4, 1)] {
      backlog.append(.init(id: Int64(id), events: Int32(count)), hits(count))
    }
    #expect(backlog.events == 17 && backlog.wholeEvents == 17)
    func ids(_ page: Backlog.Page) -> [Int64] { if case .whole(let rows) = page { rows.map(\.id) } else { [] } }
    #expect(ids(backlog.take(after: 0, atMost: 7)) == [1, 2] && backlog.wholeEvents == 10)
    #expect(ids(backlog.take(after: 2, atMost: 7)) == [3], "one row is handed out however long it is")
    #expect(backlog.drop(upTo: 3) == [1, 2, 3] && backlog.events == 1 && backlog.wholeEvents == 1)
  }

  @Test func allTenantsShareTheMemory() {
    var backlogs = Backlogs()
    for id in 1...130_000 {
      backlogs.append(.init(id: Int64(id), events: 1), event(Int64(id)), tenant: id % 2 == 0 ? "acme" : "bolt")
    }
    #expect(backlogs.events == 130_000 && backlogs.events(of: "acme") == 65_000 && backlogs.last(of: "bolt") == 129_999)
    #expect(named(backlogs.take("bolt", after: 0, atMost: 2)) == [1, 3], "beyond the bound only the file has them")
    #expect(whole(backlogs.take("acme", after: 0, atMost: 2)) == [2, 4])
    #expect(backlogs.trim("acme", upTo: 130_000, at: .now) && !backlogs.trim("bolt", upTo: 3, at: .now))
    #expect(backlogs.events == 64_998 && backlogs.takeTrimmed(atMost: 3) == [2, 4, 6])
    #expect(backlogs.trimmingSince != nil)
    while !backlogs.takeTrimmed(atMost: 10_000).isEmpty {}
    #expect(backlogs.trimmingSince == nil && backlogs.events(of: "none") == 0 && backlogs.last(of: "none") == 0)
  }
}
