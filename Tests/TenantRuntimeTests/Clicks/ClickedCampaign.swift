import GRDB
import Synchronization
import TestKit

@testable import TenantRuntime

/// A campaign of two links that went out to some people, and hits of it.
struct ClickedCampaign: Sendable {
  static let sent = Moment(milliseconds: 1_800_000_000_000).hour
  static let phone =
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Version/17.0 Mobile/15E148 Safari/604.1"
  let runtime: Runtime
  let clock = Clock()

  final class Clock: Sendable {
    let now = Mutex(ClickedCampaign.sent.advanced(bySeconds: 3_600))
  }

  init(_ folder: TestFolder, people: Int = 5, tenant: String = "acme") async throws {
    let clock = clock
    runtime = try TestRuntime.open(try folder.tenantFile(tenant), folder, now: { clock.now.withLock { $0 } })
    try await runtime.file.write { db in
      let number = PhoneNumber(digits: 14_155_550_100)!
      try SendingNumber.reconcile(db, with: [SendingNumber(number: number, rate: 10)], at: Self.sent)
      var campaign = try Campaign.create(
        db,
        Campaign.Draft(
          name: "c", body: "https://example.com/one https://example.com/two", purpose: .informational,
          audience: .everyone,
          numbers: [number]), actor: "t", at: Self.sent)
      try campaign.launch(db, at: Self.sent)
      for link in 0...1 {
        try db.execute(
          sql:
            "INSERT INTO short_links (campaign_id, number, target, created_by, created_at, updated_at) VALUES (?, ?, 'https://example.com', 't', 0, 0) ON CONFLICT DO NOTHING",
          arguments: [campaign.id, link])
      }
      for person in 1...people {
        try db.execute(
          sql: """
            INSERT INTO send_jobs (id, kind, campaign_id, phone, state, attempt, number, claimed_at)
            VALUES (?, 'campaign', ?, ?, 'sending', 1, 14155550100, ?)
            """, arguments: [person, campaign.id, 14_157_000_000 + person, Self.sent])
      }
    }
  }

  func hit(
    job: Int64?, link: Int = 0, minute: Double, agent: String = Self.phone, method: String = "GET",
    address: String = "198.51.100.7", near: Int = 1
  ) -> LinkHit {
    LinkHit(
      jobID: job, link: link,
      facts: HitFacts(
        method: method, userAgent: agent, address: address, headers: ["accept": "text/html", "accept-language": "en"],
        at: Self.sent.advanced(byMilliseconds: Int64(minute * 60_000))), context: HitContext(recipientsNearby: near))
  }

  func apply(_ hits: LinkHit...) async throws { try await apply(hits) }

  func apply(_ hits: [LinkHit]) async throws {
    let networks = runtime.dependencies.networks.now
    try await runtime.file.write { db in
      var effects = Effects()
      effects.tally = FigureTally()
      try LinkHit.apply(hits, db, networks, &effects)
      try effects.write(db)
    }
  }

  func rejudge(since: Moment? = nil) async throws -> JSON {
    _ = try await runtime.transact(.worker()) { change in try Rejudging.begin(change, since: since) }
    while try await runtime.takeTurn(.rejudging) == .now {}
    return try await runtime.file.read { db in try Rejudging.newest(db) }
  }

  func list(scanners: String, carriers: String = "") throws {
    runtime.dependencies.networks.replace(
      Networks(scanners: try NetworkList(text: scanners), carriers: try NetworkList(text: carriers)))
  }

  func set(_ name: String, _ value: JSON) async throws {
    try await runtime.file.write { db in
      try db.execute(
        sql: "INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)", arguments: [name, value.serialized])
    }
  }

  /// Human, bot, unknown clicks and people of the campaign.
  func campaign() async throws -> [Int64] {
    let report = try await runtime.file.read { db in try Report.whole(db, campaign: 1) }
    return Self.sums(report)
  }

  func link(_ id: Int64) async throws -> [Int64] {
    Self.sums(try await runtime.file.read { db in try ClickReport.whole(db, link: id) })
  }

  private static func sums(_ report: JSON) -> [Int64] {
    ["human", "bot"].map { report["clicks"]?[$0]?.int ?? -1 } + [
      report["unknown_clicks"]?.int ?? -1, report["clicks"]?["people"]?.int ?? -1,
    ]
  }

  /// What the check says of clicks; these texts were not sent by the server, so of the ledger it is not asked.
  func differences() async throws -> [FiguresCheck.Difference] {
    try await runtime.file.read { db in try FiguresCheck(db) }.differences.filter {
      $0.figure.hasPrefix("link_") || $0.figure.hasSuffix("_clicks") || $0.figure.hasSuffix("people")
    }
  }
}
