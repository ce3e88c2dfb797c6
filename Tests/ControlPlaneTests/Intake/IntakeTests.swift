import ControlPlane
import Foundation
import GRDB
import TenantRuntime
import TestKit
import Testing

@Suite struct IntakeTests {
  let folder = try! TestFolder()
  let phone = PhoneNumber(digits: 14_158_675_309)!

  private func stop(at: Int64) -> IntakeEvent {
    .revocation(Revocation(phone: phone, action: .optOut, method: "api", evidence: "", at: Moment(milliseconds: at)))
  }

  @Test func rowsOfOneTenantComeBackInOrderAndNotToAnother() async throws {
    let intake = try Intake(path: folder.path + "/intake.sqlite")
    try await withThrowingTaskGroup(of: Void.self) { group in
      for n in 0..<200 {
        group.addTask { _ = try await intake.append(stop(at: Int64(n)), tenant: n % 2 == 0 ? "acme" : "other") }
      }
      try await group.waitForAll()
    }
    let rows = try await intake.rows(of: "acme", after: 0, atMost: 500)
    #expect(rows.count == 100)
    #expect(rows.map(\.id) == rows.map(\.id).sorted())
    #expect(intake.last(of: "acme") == rows.last?.id)
  }

  @Test func idsGoOnAndRevocationsStayAfterTrimmingAndReopening() async throws {
    let path = folder.path + "/intake.sqlite"
    let first = try Intake(path: path)
    let id = try await first.append(stop(at: 1), tenant: "acme")
    first.trim("acme", upTo: id)
    try first.close()
    let second = try Intake(path: path)
    #expect(second.instance == first.instance)
    #expect(try await second.append(stop(at: 2), tenant: "acme") > id)
    #expect(try await second.revocations(of: "acme", after: 0).count == 2)
    #expect(try await second.rows(of: "acme", after: 0, atMost: 10).count == 1)
  }

  @Test(.timeLimit(.minutes(5))) func clicksThatCameTogetherAreReadBackWholeAfterReopeningEachTenantItsOwn()
    async throws
  {
    func hits(_ tenant: Int, _ count: Int) -> [LinkHit] {
      (0..<count).map { n in
        LinkHit(
          jobID: Int64(n + 1), link: tenant,
          facts: HitFacts(method: "GET", userAgent: "phone \(n % 3)", at: Moment(milliseconds: Int64(n))))
      }
    }
    let path = folder.path + "/intake.sqlite"
    let first = try Intake(path: path)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (tenant, key) in ["acme", "other"].enumerated() {
        for hit in hits(tenant, 300) { group.addTask { _ = try await first.append(.hits([hit]), tenant: key) } }
      }
      try await group.waitForAll()
    }
    try first.close()
    let second = try Intake(path: path)
    for (tenant, key) in ["acme", "other"].enumerated() {
      var (found, after): ([LinkHit], Int64) = ([], 0)
      while case let rows = try await second.rows(of: key, after: after, atMost: 50), let last = rows.last {
        for case .hits(let hits) in rows.map(\.event) { found += hits }
        after = last.id
      }
      #expect(found.sorted { $0.jobID ?? 0 < $1.jobID ?? 0 } == hits(tenant, 300))
      #expect(after == second.last(of: key))
    }
    try second.close()
  }

  @Test func aClaimIsReadBackBehindItsNumber() async throws {
    let intake = try Intake(path: folder.path + "/intake.sqlite")
    let claim = SendClaim(
      tenant: "acme", epoch: 1, number: 3, at: Moment(milliseconds: 7), day: 20_261_123, highestCampaignID: 2,
      texts: [
        .init(
          job: 5, attempt: .max, kind: .campaign, campaign: 2, phone: phone, tries: 1, variant: 3, number: phone,
          segments: 2, cost: 16_600),
        .init(
          job: 6, attempt: 1, kind: .reply, campaign: nil, phone: phone, tries: 1, variant: nil, number: phone,
          segments: 1, cost: 8_300),
      ])
    try await intake.append(
      claim, campaigns: [CampaignNote(id: 2, record: "{}", state: .running, at: Moment(milliseconds: 7))])
    try await intake.append(CampaignNote(id: 2, state: .cancelled, at: Moment(milliseconds: 8)), tenant: "acme")
    #expect(try await intake.claims(of: "acme", after: 2) == [claim])
    #expect(try await intake.claims(of: "acme", after: 3) == [])
    #expect(try await intake.claims(of: "other", after: 0) == [])
    #expect(
      try await intake.notes(of: "acme") == [
        CampaignNote(id: 2, record: "{}", state: .cancelled, at: Moment(milliseconds: 8))
      ])
    #expect(try await intake.notes(of: "other") == [])
    // The last one counts, also where the clock has stepped back; what a claim tells changes no state.
    try await intake.append(CampaignNote(id: 2, state: .paused, at: Moment(milliseconds: 9)), tenant: "acme")
    try await intake.append(CampaignNote(id: 2, state: .running, at: Moment(milliseconds: 3)), tenant: "acme")
    try await intake.append(claim, campaigns: [CampaignNote(id: 2, record: "{}", at: Moment(milliseconds: 20))])
    #expect(try await intake.notes(of: "acme").map(\.state) == [.running])
    #expect(try await intake.notes(of: "acme", all: false) == [])
    // Whatever state stops something is read at every opening, and so is a second launch.
    for state in Campaign.State.allCases {
      let note = CampaignNote(id: 3, state: state, launch: 1, at: Moment(milliseconds: 9))
      try await intake.append(note, tenant: "acme")
      let isStop = CampaignNote.stops.contains(state)
      #expect(try await intake.notes(of: "acme", all: false) == (isStop ? [note] : []), "\(state)")
    }
    let second = CampaignNote(id: 3, state: .scheduled, launch: 2, at: Moment(milliseconds: 9))
    try await intake.append(second, tenant: "acme")
    #expect(try await intake.notes(of: "acme", all: false) == [second])
    #expect(try await intake.phone(ofJob: 6, of: "acme") == phone)
    #expect(try await intake.phone(ofJob: 7, of: "acme") == nil)
    #expect(try await intake.phone(ofJob: 6, of: "other") == nil)
  }

  @Test func aLogPutBackFromAnOlderCopyGivesNoIdASecondTime() async throws {
    let path = folder.path + "/intake.sqlite"
    let first = try Intake(path: path, start: Moment(milliseconds: 1_000))
    _ = try await first.append(stop(at: 1), tenant: "acme")
    try first.close()
    try FileManager.default.copyItem(atPath: path, toPath: path + ".old")
    let second = try Intake(path: path, start: Moment(milliseconds: 2_000))
    let given = try await second.append(stop(at: 2), tenant: "acme")
    try second.close()
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.moveItem(atPath: path + ".old", toPath: path)
    let third = try Intake(path: path, start: Moment(milliseconds: 3_000))
    #expect(third.instance == second.instance)
    #expect(try await third.append(stop(at: 3), tenant: "acme") > given)
    try await third.raiseIDs(above: 9_000_000)
    #expect(try await third.append(stop(at: 4), tenant: "acme") > 9_000_000)
    try third.close()
  }

  @Test func rowsThatTheDiskKeepsStayInOrderAndSayNothingOfThoseBehindThem() async throws {
    let path = folder.path + "/intake.sqlite"
    let intake = try Intake(path: path)
    // They are appended at once: whose id is the first is chance.
    let given = try await intake.append((1...600).map { stop(at: $0) }, tenant: "acme")
    let ids = given.sorted()
    let disk = try DatabaseQueue(path: path)
    let refusal =
      "CREATE TRIGGER full BEFORE DELETE ON rows WHEN old.id = \(ids[0]) BEGIN SELECT RAISE(ABORT, 'full'); END"
    try await disk.write { db in try db.execute(sql: refusal) }
    intake.trim("acme", upTo: ids[499])
    try intake.close()
    // Not one behind the first that has to stay is gone.
    let left = try await disk.read { db in try Int64.fetchAll(db, sql: "SELECT id FROM rows ORDER BY id") }
    #expect(left == ids)
    // Where there is such a hole nevertheless, each row that is gone is known to be applied.
    try await disk.write { db in
      try db.execute(sql: "DROP TRIGGER full")
      try db.execute(sql: "DELETE FROM rows WHERE id > ? AND id <= ?", arguments: [ids[0], ids[499]])
    }
    let second = try Intake(path: path)
    let applied = try await second.appliedRevocations(of: "acme", after: 0)
    let gone = given.indices.filter { given[$0] > ids[0] && given[$0] <= ids[499] }.map { Int64($0 + 1) }
    #expect(applied.map(\.at.milliseconds).sorted() == gone)
    try second.close()
    try disk.close()
  }

  @Test func whatIsOlderThanAnyBackupGoes() async throws {
    let intake = try Intake(path: folder.path + "/intake.sqlite")
    for at in [1, 2, 3] { _ = try await intake.append(stop(at: Int64(at)), tenant: "acme") }
    try await intake.sweep(before: Moment(milliseconds: 3))
    #expect(try await intake.revocations(of: "acme", after: 0).map(\.at.milliseconds) == [3])
  }
}
