import GRDB
import TestKit
import Testing

@testable import TenantRuntime

/// Whom a campaign leaves out: the same people wherever they are counted.
@Suite struct ExclusionTests {
  private let folder = try! TestFolder()
  private static let now = Moment(iso8601: "2026-11-23T17:00:00Z")!
  private static let number = PhoneNumber(digits: 14_155_550_100)!
  private static let lease = Lease(
    tenant: "acme", twilio: Lease.TwilioAccount(accountSID: "AC1", token: "t"), twilioAPI: "", publicURL: "",
    linkHosts: [], linkKeys: TestKeys.one, timeZone: "UTC")

  /// Five people: 1 is tagged quiet, 2 in a saved audience, 3 got campaign 1, 4 was texted three days ago.
  private func town() async throws -> SQLiteFile {
    let file = try folder.tenantFile("t\(UInt64.random(in: 0 ... .max))")
    try await file.write { db in
      try SendingNumber.reconcile(
        db, with: [SendingNumber(number: Self.number, rate: 100, warmUp: "off")], at: Self.now)
      for person in 1...5 as ClosedRange<Int64> {
        var values = Contact.Values()
        values.tags = person == 1 ? ["quiet"] : person == 2 ? ["regular"] : []
        _ = try Contact.upsert(
          db, phone: PhoneNumber(digits: 14_157_000_000 + person)!, values, importID: nil, at: Self.now)
      }
      _ = try Audience.create(db, name: "Regulars", rule: .tag("regular"), actor: "t", at: Self.now)
      _ = try Campaign.create(db, Self.draft([]), actor: "t", at: Self.now)
      try db.execute(
        sql: """
          UPDATE campaigns SET state = 'completed', frozen = 1;
          INSERT INTO send_jobs (kind, campaign_id, contact_id, phone, state, attempt, claimed_at) VALUES ('campaign', 1, 3, 14157000003, 'delivered', 1, 5);
          INSERT INTO send_jobs (kind, contact_id, phone, state, attempt, claimed_at) VALUES ('reply', 4, 14157000004, 'delivered', 1, ?);
          """, arguments: [Self.now.advanced(bySeconds: -3 * 86_400)])
    }
    return file
  }

  private static func draft(_ exclude: [AudienceRule]) -> Campaign.Draft {
    var draft = Campaign.Draft(
      name: "c", body: "Hi", purpose: .informational, audience: .everyone, numbers: [number])
    draft.exclude = exclude
    return draft
  }

  @Test(
    arguments: [
      ([], [1, 2, 3, 4, 5]), ([.tag("quiet")], [2, 3, 4, 5]), ([.saved(1)], [1, 3, 4, 5]),
      ([.engagement(.received, campaign: 1)], [1, 2, 4, 5]), ([.texted(days: 4)], [1, 2, 3, 5]),
      ([.texted(days: 2)], [1, 2, 3, 4, 5]), ([.notTexted(days: 4)], [4]),
      ([.tag("quiet"), .saved(1), .texted(days: 30)], [3, 5]),
      ([.everyone], []),
    ] as [([AudienceRule], [Int64])])
  func countPreviewAndLaunchLeaveOutTheSamePeople(_ exclude: [AudienceRule], _ left: [Int64]) async throws {
    let file = try await town()
    let (campaign, count) = try await file.write { db in
      let campaign = try Campaign.create(db, Self.draft(exclude), actor: "t", at: Self.now)
      #expect(try Campaign.find(db, id: campaign.id).exclude == exclude)
      return (campaign, try AudienceCount.take(db, try campaign.people(), now: Self.now))
    }
    let preview = try await CampaignPreview.take(file, campaign, lease: Self.lease, now: Self.now)
    try await file.write { db in
      var campaign = campaign
      try campaign.launch(db, at: Self.now)
    }
    #expect(count.count == Int64(left.count) && count.sample == left)
    #expect(preview["audience"] == .int(left.count) && preview["texted"] == .int(left.count))
    let runtime = try TestRuntime.open(file, folder, now: { Self.now })
    while try await runtime.takeTurn(.launching) == .now {}
    let planned = try await file.read { db in
      try Int64.fetchAll(db, sql: "SELECT contact_id FROM send_jobs WHERE campaign_id = 2 ORDER BY contact_id")
    }
    #expect(planned == left)
  }

  @Test func onePersonWhoIsLeftOutHasNoPreview() async throws {
    let file = try await town()
    await #expect(throws: Refusal.invalid("contact_id", "is not in the audience of this campaign")) {
      let campaign = try await file.write { db in
        try Campaign.create(db, Self.draft([.tag("quiet")]), actor: "t", at: Self.now)
      }
      _ = try await CampaignPreview.take(file, campaign, contact: 1, lease: Self.lease, now: Self.now)
    }
  }

  @Test func anAudienceAndWhomItLeavesOutAreBoundedTogether() async throws {
    let file = try await town()
    try await file.write { db in
      let large = AudienceRule.any((1...49).map { .tag("t\($0)") })
      for name in ["a", "b", "c", "d"] {
        _ = try Audience.create(db, name: name, rule: large, actor: "t", at: Self.now)
      }
      _ = try Campaign.create(db, Self.draft([.saved(2), .saved(3), .saved(4)]), actor: "t", at: Self.now)
      do {
        _ = try Campaign.create(db, Self.draft([.saved(2), .saved(3), .saved(4), .saved(5)]), actor: "t", at: Self.now)
        Issue.record("there are more than 200 conditions")
      } catch Refusal.invalid(let errors) { #expect(errors.map(\.field) == ["exclude"]) }
    }
  }

  @Test func aCopyWithoutAnExclusionThatIsGoneHasNoAudience() async throws {
    let file = try await town()
    let runtime = try TestRuntime.open(file, folder, now: { Self.now })
    let copy = try await runtime.transact(.command()) { change in
      let original = try Campaign.create(change, Self.draft([.tag("quiet"), .saved(1)]))
      try change.db.execute(
        sql: "UPDATE campaigns SET state = 'completed', frozen = 1 WHERE id = ?", arguments: [original.id])
      try change.db.execute(sql: "DELETE FROM audiences")
      return try Campaign.duplicate(change, original.id)
    }
    #expect(copy.exclude == [.tag("quiet")] && copy.audience == nil && copy.draft.missing == ["audience"])
  }
}
