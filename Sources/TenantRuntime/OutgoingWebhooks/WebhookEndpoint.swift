import GRDB

/// A system of the tenant's own that receives events.
///
/// - Outbox rows are made by a trigger in the transaction of the event, for endpoints that are enabled then; what happens while an
///   endpoint is disabled is read from `GET events`. What waited when it was disabled is sent once it is enabled again.
/// - Of one person the events reach an endpoint in order: the next one waits until the one before is taken or given up.
/// - Every event is delivered at least once. Its id is the same each time, so receivers can recognize it.
struct WebhookEndpoint: Sendable {
  static let most = 20
  /// How long the secret before the last rotation goes on signing.
  static let rotationSeconds: Int64 = 86_400

  var id: Int64
  var url: String
  /// Those that sign now, the newest first.
  var secrets: [String]
  var isEnabled: Bool
  var enabledAt: Moment
  /// Deliveries that failed in a row, and since when.
  var failures: Int
  var failingSince: Moment?
  var lastSuccess: Moment?
  var lastFailure: Moment?

  /// Failures in a row from which on it is asked one thing at a time, with pauses between: it is down, whatever it is asked.
  private static let failuresUntilCareful = 10
  private static let pauseSeconds: (first: Int64, longest: Int64) = (5, 60)

  var isCareful: Bool { failures >= Self.failuresUntilCareful }

  /// Nothing is brought to it before.
  func pausedUntil(_ now: Moment) -> Moment? {
    guard isCareful, let lastFailure else { return nil }
    let wait = min(Self.pauseSeconds.first << min(failures - Self.failuresUntilCareful, 10), Self.pauseSeconds.longest)
    return lastFailure.advanced(bySeconds: wait).endingWait(ofAtMost: wait, now: now)
  }

  init(_ row: Row, now: Moment) {
    id = row["id"]
    url = row["url"]
    let old: String? = (row["old_secret_until"] as Moment?).flatMap { $0 > now ? row["old_secret"] : nil }
    secrets = [row["secret"]] + (old.map { [$0] } ?? [])
    isEnabled = row["enabled"]
    enabledAt = row["enabled_at"]
    failures = row["failures"]
    failingSince = row["failing_since"]
    lastSuccess = row["last_success_at"]
    lastFailure = row["last_failure_at"]
  }

  static func row(_ db: Database, id: Int64) throws -> Row {
    guard
      let row = try Row.fetchOne(
        db.cachedStatement(sql: "SELECT * FROM webhook_endpoints WHERE id = ? AND deleted = 0"), arguments: [id])
    else { throw Refusal.notFound("There is no such webhook endpoint.") }
    return row
  }

  static func find(_ db: Database, id: Int64, now: Moment) throws -> WebhookEndpoint {
    WebhookEndpoint(try row(db, id: id), now: now)
  }

  static func allEnabled(_ db: Database, now: Moment) throws -> [WebhookEndpoint] {
    try Row.fetchAll(db.cachedStatement(sql: "SELECT * FROM webhook_endpoints WHERE enabled = 1 ORDER BY id")).map {
      WebhookEndpoint($0, now: now)
    }
  }

  /// 256 random bits.
  static func newSecret(_ random: () -> UInt64) -> String {
    "whsec_" + (0..<4).map { _ in hex(random()) }.joined()
  }

  static func hex(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  struct Draft: Sendable {
    var url: String
    /// Nil: all.
    var events: [String]?
    var description: String?

    var eventsText: String? { events.map { JSON.list($0.map(JSON.text)).serialized } }
  }

  static func create(_ db: Database, _ draft: Draft, secret: String, actor: String, at: Moment) throws -> Row {
    let count =
      try Int.fetchOne(db.cachedStatement(sql: "SELECT count(*) FROM webhook_endpoints WHERE deleted = 0")) ?? 0
    if count >= most {
      throw Refusal.conflict("A tenant may have at most \(most) webhook endpoints; delete one first.")
    }
    try db.execute(
      sql: """
        INSERT INTO webhook_endpoints (url, description, events, secret, enabled_at, created_by, created_at)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """, arguments: [draft.url, draft.description, draft.eventsText, secret, at, actor, at])
    return try row(db, id: db.lastInsertedRowID)
  }

  /// The one before stays valid for a day; of older ones nothing is left.
  static func rotate(_ db: Database, id: Int64, secret: String, at: Moment) throws {
    try db.execute(
      sql: "UPDATE webhook_endpoints SET old_secret = secret, old_secret_until = ?, secret = ? WHERE id = ?",
      arguments: [at.advanced(bySeconds: rotationSeconds), secret, id])
  }

  /// What waits is sent now, and has its time again.
  static func enable(_ db: Database, id: Int64, at: Moment) throws {
    try db.execute(
      sql: """
        UPDATE webhook_endpoints SET enabled = 1, disabled_reason = NULL, enabled_at = ?, failures = 0, failing_since = NULL
        WHERE id = ?
        """, arguments: [at, id])
    try Outbox.hurry(db, endpoint: id, at: at)
  }

  /// Begins the reason of one that a person or a key has switched off.
  static let byPerson = "disabled by "

  static func disable(_ db: Database, id: Int64, reason: String) throws {
    try db.execute(
      sql: "UPDATE webhook_endpoints SET enabled = 0, disabled_reason = ? WHERE id = ? AND enabled = 1",
      arguments: [reason, id])
  }

  /// Gone for everybody now; its rows are removed in slices (Outbox.sweep).
  static func delete(_ db: Database, id: Int64) throws {
    try db.execute(
      sql: "UPDATE webhook_endpoints SET deleted = 1, enabled = 0, disabled_reason = NULL WHERE id = ?", arguments: [id]
    )
  }
}
