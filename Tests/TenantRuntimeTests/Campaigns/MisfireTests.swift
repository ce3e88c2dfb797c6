import GRDB
import TestKit
import Testing

@testable import TenantRuntime

/// Scheduled campaigns whose time passed while nothing could be sent.
@Suite struct MisfireTests {
  private let folder = try! TestFolder()
  private static let made = Moment(iso8601: "2026-11-23T08:00:00Z")!
  private static let due = Moment(iso8601: "2026-11-23T09:00:00Z")!

  /// A campaign for then is launched; the launching worker comes to it so many minutes later.
  private func late(_ minutes: Int64, _ misfire: Misfire, local: String? = nil) async throws -> (
    file: SQLiteFile, Campaign
  ) {
    let file = try folder.tenantFile("t\(UInt64.random(in: 0 ... .max))")
    try await file.write { db in
      let number = PhoneNumber(digits: 14_155_550_100)!
      try SendingNumber.reconcile(db, with: [SendingNumber(number: number, rate: 1)], at: Self.made)
      _ = try Contact.upsert(
        db, phone: PhoneNumber(digits: 14_157_000_000)!, Contact.Values(), importID: nil, at: Self.made)
      var draft = Campaign.Draft(
        name: "c", body: "Hi", purpose: .informational, audience: .everyone, numbers: [number],
        sendAt: local == nil ? Self.due : nil)
      draft.sendAtLocal = local.flatMap { WallTime($0) }
      draft.misfire = misfire
      var campaign = try Campaign.create(db, draft, actor: "t", at: Self.made)
      // Before any clock on earth comes to its time.
      try campaign.launch(db, at: Self.made.advanced(bySeconds: -86_400))
    }
    let now = Self.due.advanced(bySeconds: minutes * 60)
    let runtime = try TestRuntime.open(file, folder, now: { now })
    while try await runtime.takeTurn(.launching) == .now {}
    return (file, try await file.read { db in try Campaign.find(db, id: 1) })
  }

  @Test(
    arguments: [
      (0, Misfire(), CampaignState.running), (4, Misfire(), .running), (6, Misfire(), .paused),
      (59, Misfire(policy: .sendWithin, minutes: 60), .running),
      (61, Misfire(policy: .sendWithin, minutes: 60), .paused),
      (4, Misfire(policy: .skip), .running), (6, Misfire(policy: .skip), .cancelled),
    ] as [(Int64, Misfire, CampaignState)])
  func whatIsLateGoesByItsPolicy(_ minutes: Int64, _ misfire: Misfire, _ state: CampaignState) async throws {
    let (file, campaign) = try await late(minutes, misfire)
    #expect(campaign.state == state)
    let (jobs, audits) = try await file.read { db in
      (
        try Int.fetchOne(db, sql: "SELECT count(*) FROM send_jobs"),
        try String.fetchAll(db, sql: "SELECT actor || ' ' || action FROM audit_log")
      )
    }
    #expect(jobs == (state == .running ? 1 : 0))
    if state != .running {
      #expect(campaign.pausedBy == "schedule" && campaign.pauseReason?.contains("2026-11-23T09:00") == true)
      #expect(audits == ["schedule campaign.\(state == .paused ? "pause" : "cancel")"])
    }
  }

  @Test func whoeverWasAskedLetsItGoOn() async throws {
    let (file, _) = try await late(60, Misfire())
    let now = Self.due.advanced(bySeconds: 7_200)
    let runtime = try TestRuntime.open(file, folder, now: { now })
    _ = try await runtime.transact(.command(), resuming: .campaign(1)) { change in try Campaign.resume(change, 1) }
    while try await runtime.takeTurn(.launching) == .now {}
    #expect(try await file.read { db in try Campaign.find(db, id: 1).state } == .running)
  }

  /// The tenant's clock, UTC here, stands for everybody's: 09:00 in Kiritimati was 14 hours ago, and nobody is late.
  @Test(arguments: [(0, CampaignState.running), (6, .paused)] as [(Int64, CampaignState)])
  func byLocalClocksTheTenantsOwnSaysWhetherItIsLate(_ minutes: Int64, _ state: CampaignState) async throws {
    let (_, campaign) = try await late(minutes, Misfire(), local: "2026-11-23T09:00")
    #expect(campaign.state == state)
  }
}
