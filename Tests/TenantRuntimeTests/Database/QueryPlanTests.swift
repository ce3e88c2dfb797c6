import GRDB
import TestKit
import Testing

@testable import TenantRuntime

/// Drives the hot path of one tenant and asks SQLite how each statement that ran finds its rows.
@Suite struct QueryPlanTests {
  let folder = try! TestFolder()
  let number = PhoneNumber(digits: 14_155_550_100)!
  let phone = PhoneNumber(digits: 14_158_675_309)!
  let now = Moment(milliseconds: 1_800_000_000_000)

  /// Tables whose size does not grow with people or texts; `c`, `l` are aliases of small ones in their statements.
  private static let small: Set<String> = [
    "contact_fields",
    "campaigns", "sending_numbers", "kill_switches", "identity", "sqlite_sequence", "tags", "import_batches",
    "suppression_rules", "settings", "erased_numbers", "budgets", "webhook_endpoints", "link_rejudgings", "short_links",
    "link_keys", "unlogged_revocations",
  ]

  @Test func noStatementOfTheHotPathWalksThroughATable() async throws {
    let file = try folder.tenantFile()
    let runtime = try TestRuntime.open(
      file, folder, twilio: Lease.TwilioAccount(accountSID: "AC1", token: "t"), linkHosts: ["go.acme.test"])
    let recorder = try StatementRecorder(file)
    try await write(file)
    let code = try await ownLink(file)
    while try await runtime.takeTurn(.launching) == .now {}
    _ = try await runtime.takeTurn(.sending)
    let events: [IntakeEvent] = [
      .status(
        StatusReport(
          sid: "SM1", status: "delivered", errorCode: 0, jobID: 1, attempt: 1, to: phone, from: number, at: now, raw: ""
        )),
      .inbound(
        InboundText(
          sid: "SM2", from: phone, to: number, body: "STOP", mediaCount: 0,
          reading: InboundReading(body: "STOP", optOutType: nil, words: .standard, languages: []), at: now, raw: "")),
      .hits([
        LinkHit(jobID: 1, link: 0, facts: HitFacts(method: "GET", userAgent: "Mozilla/5.0", at: now)),
        LinkHit(
          jobID: 1, link: 0, facts: HitFacts(method: "GET", userAgent: Self.phone, address: "192.0.2.1", at: now)),
        LinkHit(
          jobID: nil, link: Int(code),
          facts: HitFacts(method: "GET", userAgent: Self.phone, address: "192.0.2.1", at: now)),
      ]),
    ]
    _ = try await runtime.apply(
      events.enumerated().map { (id: Int64($0.offset + 1), event: $0.element) }, intakeInstance: "i")
    // Nobody answers where the text was sent, so it is back in the queue; links are of texts that are out.
    try await file.write { db in try db.execute(sql: "UPDATE send_jobs SET claimed_at = 1 WHERE id = 1") }
    try await file.read { [now] db in
      for campaign: Int64 in [1, 2] { _ = try Report.whole(db, campaign: campaign) }
      _ = try ClickReport.whole(db, link: 1)
      for token in [LinkToken.link(job: 1, number: 0), .own(code: code)] {
        guard case .open = try ShortLink.resolve(db, token, at: now) else { throw Refusal.notFound("\(token)") }
      }
    }
    runtime.dependencies.networks.replace(Networks(scanners: try NetworkList(text: "0.0.0.0/0")))
    _ = try await runtime.transact(.worker()) { change in try Rejudging.begin(change, since: nil) }
    while try await runtime.takeTurn(.rejudging) == .now {}
    #expect(try await file.read { db in try Rejudging.newest(db) }["changed"]?.int ?? 0 > 0)
    try await file.write { db in try db.execute(sql: "UPDATE link_hits SET at = 0 WHERE id = 1") }
    while try await runtime.takeTurn(.sweepingByAge) == .now {}
    _ = try await runtime.takeTurn(.listingHits)
    try await file.write { db in _ = try HitListing.listedSome(db, leaving: 0) }
    // Nobody listens there: each delivery fails at once.
    _ = try await runtime.takeTurn(.deliveries)
    try await file.write { db in try WebhookEndpoint.delete(db, id: 1) }
    _ = try await runtime.takeTurn(.deliveries)
    #expect(recorder.count > 30)
    let scans = try recorder.scans(file, besides: Self.small)
    #expect(scans == [])
  }

  private static let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 15_0 like Mac OS X)"
  private func ownLink(_ file: SQLiteFile) async throws -> Int64 {
    let now = now
    return try await file.write { db in
      var effects = Effects()
      let draft = ShortLink.Draft(target: try LinkTarget("https://example.com"), slug: Slug("menu"))
      return try ShortLink.create(db, draft, keys: TestKeys.one, actor: "t", at: now, &effects).code ?? 0
    }
  }

  private func write(_ file: SQLiteFile) async throws {
    let (number, phone, now) = (number, phone, now)
    try await file.write { db in
      try SendingNumber.reconcile(db, with: [SendingNumber(number: number, rate: 10)], at: now)
      var values = Contact.Values()
      values.firstName = "Ada"
      values.tags = ["vip"]
      _ = try Contact.upsert(db, phone: phone, values, importID: nil, at: now)
      for audience in [AudienceRule.everyone, .tag("vip")] {
        let body = "Hi {{first_name}} https://example.com/{{first_name}}"
        var draft = Campaign.Draft(
          name: "c", body: body, purpose: .informational, audience: audience, numbers: [number])
        if audience != .everyone { draft.variants = ["A", "B"].map { CampaignVariant(name: $0, body: body) } }
        var campaign = try Campaign.create(db, draft, actor: "t", at: now)
        try campaign.launch(db, at: now)
      }
      let draft = WebhookEndpoint.Draft(url: "http://192.0.2.1/")
      _ = try WebhookEndpoint.create(db, draft, secret: "s", actor: "t", at: now)
    }
  }
}
