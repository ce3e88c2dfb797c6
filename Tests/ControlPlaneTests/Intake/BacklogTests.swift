import TenantRuntime
import TestKit
import Testing

@testable import ControlPlane

@Suite struct BacklogTests {
  private func event(_ id: Int64) -> OutsideEvent {
    .revocation(
      Revocation(
        phone: PhoneNumber(digits: 14_158_675_309)!, action: .optOut, method: "api", evidence: "",
        at: Moment(milliseconds: id)))
  }

  private func backlog(_ ids: ClosedRange<Int64>, whole: (Int64) -> Bool = { _ in true }) -> Backlog {
    var backlog = Backlog()
    for id in ids { backlog.append(id, whole(id) ? event(id) : nil) }
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
    #expect(backlog.events.isEmpty)
  }

  @Test func beyondTheBoundTheNewestAreWholeAgainOnceThereIsRoom() {
    var backlog = backlog(1...10) { $0 != 5 }
    #expect(backlog.events.count == 5)
    #expect(named(backlog.take(after: 0, atMost: 3)) == [1, 2, 3])
    #expect(named(backlog.take(after: 3, atMost: 100)) == [4, 5, 6, 7, 8, 9, 10])
  }

  @Test func whatTheFileHasOnDiskGoesWithItsEvents() {
    var backlog = backlog(1...10)
    #expect(backlog.drop(upTo: 0) == [])
    #expect(backlog.drop(upTo: 4) == [1, 2, 3, 4])
    #expect(whole(backlog.take(after: 4, atMost: 2)) == [5, 6])
    #expect(backlog.drop(upTo: 99) == [5, 6, 7, 8, 9, 10])
    #expect(backlog.ids.isEmpty && backlog.events.isEmpty && backlog.last == 10)
  }
}
