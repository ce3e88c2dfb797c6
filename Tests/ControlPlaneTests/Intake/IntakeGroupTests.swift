import Dispatch
import GRDB
import TenantRuntime
import TestKit
import Testing

@testable import ControlPlane

@Suite struct IntakeGroupTests {
  private func hit(_ job: Int64) -> LinkHit {
    LinkHit(jobID: job, link: 0, facts: HitFacts(method: "GET", userAgent: "a", at: Moment(milliseconds: job)))
  }

  private let stop = IntakeEvent.revocation(
    Revocation(
      phone: PhoneNumber(digits: 14_158_675_309)!, action: .optOut, method: "api", evidence: "",
      at: Moment(milliseconds: 1)))

  /// `acme 1,2` for a row of two clicks, `acme revocation` for another event.
  private func rows(_ group: IntakeGroup) -> [String] {
    group.rows.map { row in
      switch row {
      case .claim: "claim"
      case .note: "note"
      case .events(let tenant, .hits(let hits), let stored):
        IntakeEvent(stored: stored) == .hits(hits)
          ? "\(tenant) \(hits.map { "\($0.jobID ?? 0)" }.joined(separator: ","))" : "?"
      case .events(let tenant, let event, _): "\(tenant) \(event.word)"
      }
    }
  }

  @Test func clicksOfOneTenantAreOneRowAndNothingElseIs() throws {
    let other = IntakeGroup.Entry.event(tenant: "acme", stop, stored: try stop.stored())
    let group = IntakeGroup([
      .hits(tenant: "acme", [hit(1)]), other, .hits(tenant: "bolt", [hit(2)]), .hits(tenant: "acme", [hit(3)]), other,
      .hits(tenant: "bolt", [hit(4), hit(5)]),
    ])
    #expect(rows(group) == ["acme 1,3", "acme revocation", "bolt 2,4,5", "acme revocation"])
    #expect(group.rowIndices == [0, 1, 2, 0, 3, 2])
  }

  @Test func aRowHoldsNoMoreThanFiveHundred() {
    let group = IntakeGroup((1...1_203).map { .hits(tenant: "acme", [hit($0)]) })
    #expect(group.rows.count == 3 && Set(group.rowIndices) == [0, 1, 2])
    #expect(group.rowIndices == group.rowIndices.sorted() && group.rowIndices.filter { $0 == 0 }.count == 500)
  }

  @Test func eachRowHasItsOwnIdHoweverManyGoIntoAStatement() throws {
    let folder = try TestFolder()
    let file = try SQLiteFile(path: "\(folder.path)/intake.sqlite", lanes: StorageLanes(label: "test"))
    try file.migrateNow(IntakeMigrations.all, applicationID: IntakeMigrations.applicationID)
    let claim = SendClaim(
      tenant: "claim", epoch: 1, number: 1, at: Moment(milliseconds: 1), day: 20_261_123, highestCampaignID: 1,
      texts: [])
    let entries = try (0..<61).map { n -> IntakeGroup.Entry in
      n == 3 || n == 30 || n == 31 ? .claim(claim, []) : .event(tenant: "t\(n)", stop, stored: try stop.stored())
    }
    let group = IntakeGroup(entries)
    let ids = try file.writeNow { db in try group.insert(db) }
    for n in 0..<61 where ![3, 30, 31].contains(n) {
      for table in ["rows", "revocations"] {
        let tenant = try file.readNow { db in
          try String.fetchOne(db, sql: "SELECT tenant FROM \(table) WHERE id = ?", arguments: [ids[n]])
        }
        #expect(tenant == "t\(n)")
      }
    }
    #expect(ids.count == 61 && ids[30] == 2 && ids[31] == 3)
  }
}
