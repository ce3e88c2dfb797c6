import Foundation
import GRDB
import Synchronization
import TestKit

@testable import TenantRuntime

/// A tenant to whom things happen at random over some weeks, in their order, through the same functions as in a server. Triggers of its own
/// write down what rows do not keep: of people who are gone, and events of those who were erased.
final class ReportedTenant {
  static let numbers = [14_155_550_100, 14_155_550_101].map { PhoneNumber(digits: $0)! }
  private static let week: Int64 = 7 * 86_400_000
  private static let human = ClickedCampaign.phone
  private static let robot = "Twitterbot/1.0"
  /// Neither surely a person nor surely a machine.
  private static let other = "ShopApp/1.0"

  let zone: TimeZone
  let zoneName: String
  let runtime: Runtime
  /// Between them is everything that happens; clocks of both hemispheres change on the way.
  let first = Moment(iso8601: "2026-09-25T12:00:00Z")!
  let last = Moment(iso8601: "2026-11-08T12:00:00Z")!
  private let folder: TestFolder
  private var chance: Chance
  private var phones = 14_157_000_000

  init(_ folder: TestFolder, zone name: String, _ chance: Chance) throws {
    (self.folder, self.chance, zoneName) = (folder, chance, name)
    zone = TimeZone(identifier: name)!
    let now = Mutex(first)
    runtime = try TestRuntime.open(
      try folder.tenantFile(timeZone: name), folder, twilio: Lease.TwilioAccount(accountSID: "AC1", token: "t"),
      now: { now.withLock { $0 } }, timeZone: name)
    setNow = { moment in now.withLock { $0 = moment } }
    try runtime.file.writeNow { db in
      try SendingNumber.reconcile(
        db, with: Self.numbers.map { SendingNumber(number: $0, rate: 1_000, warmUp: "off") }, at: first)
      try db.execute(sql: Self.log)
      for campaign in 1...3 {
        _ = try Campaign.create(
          db,
          Campaign.Draft(
            name: "Campaign \(campaign)", body: "See https://example.com/one", purpose: .informational,
            audience: .everyone, numbers: Self.numbers), actor: "t", at: first)
        try db.execute(
          sql: """
            INSERT OR IGNORE INTO short_links (campaign_id, number, target, created_by, created_at, updated_at)
            VALUES (?, 0, 'https://example.com/one', 't', 0, 0)
            """, arguments: [campaign])
      }
      try db.execute(
        sql: """
          INSERT INTO short_links (code, name, target, created_by, created_at, updated_at)
          VALUES (17, 'Poster', 'https://example.com/poster', 't', 0, 0)
          """)
    }
  }

  private let setNow: (Moment) -> Void

  private static let log = """
    CREATE TEMP TABLE clock (now INTEGER NOT NULL, cause TEXT NOT NULL);
    INSERT INTO clock VALUES (0, 'deleted');
    CREATE TEMP TABLE log_people (at INTEGER NOT NULL, what TEXT NOT NULL);
    CREATE TEMP TRIGGER logs_new AFTER INSERT ON main.contacts BEGIN
      INSERT INTO log_people VALUES (new.created_at, CASE WHEN new.import_id IS NULL THEN 'added' ELSE 'imported' END);
    END;
    CREATE TEMP TRIGGER logs_gone AFTER DELETE ON main.contacts BEGIN
      INSERT INTO log_people SELECT now, cause FROM clock;
    END;
    CREATE TEMP TABLE log_events (at INTEGER NOT NULL, type TEXT NOT NULL, number INTEGER, method TEXT, answers INTEGER);
    CREATE TEMP TRIGGER logs_event AFTER INSERT ON main.events BEGIN
      INSERT INTO log_events VALUES (new.at, new.type, (SELECT number FROM send_jobs WHERE id = new.send_job_id AND kind <> 'test'),
        new.data ->> '$.method', ifnull((SELECT kind FROM send_jobs WHERE phone = new.phone AND claimed_at >= new.at - 604800000
          AND state IN ('sending', 'accepted', 'sent', 'delivered', 'unknown') ORDER BY claimed_at DESC LIMIT 1), 'test') <> 'test');
    END;
    """

  private enum Deed: CaseIterable {
    case add, imports, undo, delete, merge, erase, text, report, answer, optOut, optIn, hit, price
  }

  /// Texts, reports and clicks come often, deletions seldom.
  private static let deeds: [Deed] =
    Deed.allCases + Array(repeating: .text, count: 10) + Array(repeating: .report, count: 14)
    + Array(repeating: .hit, count: 8) + Array(repeating: .answer, count: 3)
    + Array(repeating: .add, count: 4) + [.price, .price]

  func live(deeds count: Int) async throws {
    let moments = (0..<count).map { _ in moment() }.sorted()
    for moment in moments { try await happens(chance.pick(Self.deeds), at: moment) }
  }

  /// One of three lies next to a midnight of the tenant.
  private func moment() -> Moment {
    let any = Int64(chance.below(Int(last.milliseconds - first.milliseconds)))
    let moment = first.advanced(byMilliseconds: any)
    guard chance.happens(1, in: 3) else { return moment }
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = zone
    let midnight = calendar.startOfDay(for: moment.date)
    return Moment(
      milliseconds: Int64(midnight.timeIntervalSince1970 * 1_000) + Int64(chance.below(2_400_000) - 1_200_000))
  }

  private func happens(_ deed: Deed, at: Moment) async throws {
    setNow(at)
    switch deed {
    case .imports: return try await runImport(at: at)
    case .undo: return try await undo(at: at)
    default: break
    }
    try runtime.file.writeNow { db in
      try db.execute(
        sql: "UPDATE clock SET now = ?, cause = ?",
        arguments: [at, [.merge: "merged", .erase: "erased"][deed] ?? "deleted"])
      var effects = Effects()
      effects.tally = chance.happens(1, in: 2) ? FigureTally() : nil
      switch deed {
      case .add: _ = try Contact.upsert(db, phone: fresh(), Contact.Values(), importID: nil, at: at)
      case .delete: if let id = try contact(db) { try Contact.delete(db, id: id, as: .deleted, at: at) }
      case .erase: if let id = try contact(db) { _ = try ContactErasure.erase(db, contact: id, at: at) }
      case .merge:
        if let id = try contact(db), let other = try contact(db), id != other {
          try ContactMerge.merge(db, other, into: id, at: at, &effects)
        }
      case .text: try text(db, at: at)
      case .report: try report(db, &effects, at: at)
      case .answer: try answer(db, &effects, at: at)
      case .optOut: try state(db, .optOut, chance.pick(["api", "staff", "page", "on paper"]), &effects, at: at)
      case .optIn: try state(db, .optIn, "staff", &effects, at: at)
      case .hit: try hit(db, &effects, at: at)
      case .price: try price(db, at: at)
      case .imports, .undo: break
      }
      try effects.write(db)
    }
  }

  private func fresh() -> PhoneNumber {
    phones += 1
    return PhoneNumber(digits: Int64(phones))!
  }

  private func some(_ db: Database, _ sql: String) throws -> Row? {
    let rows = try Row.fetchAll(db, sql: sql)
    return rows.isEmpty ? nil : chance.pick(rows)
  }

  private func contact(_ db: Database) throws -> Int64? { try some(db, "SELECT id FROM contacts")?["id"] }

  // MARK: Texts

  private func text(_ db: Database, at: Moment) throws {
    // What the circuit breaker has stopped goes on: this is about figures.
    try db.execute(
      sql: """
        UPDATE campaigns SET state = 'running', pause_reason = NULL, probe_left = NULL;
        UPDATE sending_numbers SET paused_reason = NULL, probe_left = NULL
        """)
    guard let person = try some(db, "SELECT id, phone FROM contacts") else { return }
    let phone: Int64 = person["phone"]
    if chance.happens(1, in: 3) {
      let isTest = chance.happens(1, in: 2)
      try db.execute(
        sql: "INSERT INTO messages (direction, phone, number, body, at) VALUES ('out', ?, ?, 'Yes, we are open', ?)",
        arguments: [phone, chance.pick(Self.numbers), at])
      try db.execute(
        sql:
          "INSERT INTO send_jobs (kind, phone, contact_id, state, message_id, test_of) VALUES (?, ?, ?, 'queued', ?, ?)",
        arguments: isTest
          ? ["test", phone, person["id"] as Int64, db.lastInsertedRowID, 1]
          : ["reply", phone, person["id"] as Int64, db.lastInsertedRowID, nil])
    } else {
      let campaign = Int64(chance.below(3) + 1)
      try db.execute(
        sql: """
          INSERT OR IGNORE INTO send_jobs (kind, campaign_id, phone, contact_id, state) VALUES ('campaign', ?, ?, ?, 'queued')
          """, arguments: [campaign, phone, person["id"] as Int64])
      if db.changesCount > 0 { try SendJob.counted(db, campaign: campaign, variant: nil, 1) }
    }
    var random = chance
    let claim = try Claim.take(
      db, atMost: 9, lease: runtime.lease, brands: [:], turn: chance.below(3), now: at, random: { random.next() })
    chance = random
    for job in claim.jobs {
      let answers: [TwilioMessage.Answer] =
        Array(repeating: .accepted(sid: "SM\(job.id)", segments: job.segments), count: 9)
        + [.refused(code: 21_211, status: 400), .refused(code: 30_007, status: 400), .notTaken("not_begun")]
      _ = try Settlement.settle(db, [Settlement(job: job, answer: chance.pick(answers))], now: at)
    }
  }

  private func report(_ db: Database, _ effects: inout Effects, at: Moment) throws {
    guard
      let job = try some(db, "SELECT * FROM send_jobs WHERE sid IS NOT NULL AND phone < \(SendJob.erasedPhones)")
    else { return }
    let isTest = job["kind"] as String == "test"
    let (status, code) = chance.pick([
      ("sent", 0), ("sent", 0), ("delivered", 0), ("delivered", 0), ("delivered", 0), ("undelivered", 30_003),
      ("undelivered", 30_005), ("undelivered", 0), ("failed", 30_008), ("undelivered", isTest ? 30_003 : 21_610),
    ])
    let report = StatusReport(
      sid: job["sid"], status: status, errorCode: code, jobID: job["id"], attempt: job["attempt"], to: job["phone"],
      from: job["number"], at: at, raw: "")
    try report.apply(db, &effects)
  }

  private func price(_ db: Database, at: Moment) throws {
    guard let row = try some(db, "SELECT \(SendJob.columns) FROM send_jobs WHERE sid IS NOT NULL") else { return }
    var job = try SendJob(row)
    try job.settlePrice(db, Int64(chance.below(20_000)), at: at)
  }

  // MARK: People

  private func answer(_ db: Database, _ effects: inout Effects, at: Moment) throws {
    let known = "SELECT phone FROM contacts UNION ALL SELECT phone FROM send_jobs WHERE phone < \(SendJob.erasedPhones)"
    guard let from: PhoneNumber = try some(db, known)?["phone"] else { return }
    let body = chance.pick(["Thanks", "When are you open?", "STOP", "START"])
    let text = InboundText(
      sid: "IN\(chance.next())", from: from, to: Self.numbers[0], body: body, mediaCount: 0,
      reading: InboundReading(body: body, optOutType: nil, words: .standard, languages: ["en"]), at: at, raw: "")
    try text.apply(db, &effects)
  }

  private func state(
    _ db: Database, _ action: Revocation.Action, _ method: String, _ effects: inout Effects, at: Moment
  ) throws {
    let from = action == .optIn ? "do_not_contact" : "contacts"
    guard let phone: PhoneNumber = try some(db, "SELECT phone FROM \(from)")?["phone"] else { return }
    try Consent.apply(
      db, Revocation(phone: phone, action: action, method: method, evidence: "", at: at), &effects)
  }

  private func hit(_ db: Database, _ effects: inout Effects, at: Moment) throws {
    let job =
      chance.happens(1, in: 4)
      ? nil
      : try some(
        db, "SELECT id FROM send_jobs WHERE campaign_id IS NOT NULL AND sid IS NOT NULL")
    let facts = HitFacts(
      method: chance.happens(1, in: 10) ? "HEAD" : "GET",
      userAgent: chance.pick([Self.human, Self.human, Self.robot, Self.other]),
      address: "198.51.100.\(chance.below(200))", headers: ["accept": "text/html", "accept-language": "en"], at: at)
    let hit = LinkHit(
      jobID: job?["id"], link: job == nil ? 17 : 0, facts: facts, context: HitContext(recipientsNearby: 1))
    try LinkHit.apply([hit], db, runtime.dependencies.networks.now, &effects)
  }

  // MARK: Imports

  private func runImport(at: Moment) async throws {
    let lines = (0..<chance.below(70) + 1).map { _ in fresh().description }
    let name = "\(chance.next()).csv"
    try Data(("Phone\n" + lines.joined(separator: "\n") + "\n").utf8).write(
      to: URL(fileURLWithPath: "\(folder.path)/\(name)"))
    let options = try await ImportUpload.look("\(folder.path)/\(name)", try ImportOptions([:], at: at), on: runtime)
    _ = try await runtime.file.write { db in
      try ImportBatch.begin(db, mode: .commit, file: name, bytes: 9, options: options, actor: "test", at: at).id
    }
    while try await runtime.takeTurn(.imports) == .now {}
  }

  private func undo(at: Moment) async throws {
    try await runtime.file.write { db in
      try db.execute(sql: "UPDATE clock SET now = ?, cause = 'undone'", arguments: [at])
      let newest = try Int64.fetchOne(
        db, sql: "SELECT id FROM import_batches WHERE state = 'completed' ORDER BY id DESC LIMIT 1")
      if let newest { try ImportBatch.find(db, id: newest).askUndo(db, at: at) }
    }
    while try await runtime.takeTurn(.imports) == .now {}
  }
}
