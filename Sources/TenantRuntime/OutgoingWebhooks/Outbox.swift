import GRDB

/// What endpoints have not taken yet. Rows come from the trigger `events_told` alone.
enum Outbox {
  /// Those of one endpoint that come next, due or not, and of what they report.
  static func next(_ db: Database, endpoint: Int64, atMost: Int) throws -> [Row] {
    try Row.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT o.id AS outbox_id, o.due_at, o.attempts, v.* FROM outbox o LEFT JOIN events v ON v.id = o.event_id
          WHERE o.endpoint_id = ? AND o.due_at IS NOT NULL ORDER BY o.due_at, o.id LIMIT ?
          """), arguments: [endpoint, atMost])
  }

  /// Done with a row: the same person's next one has its turn.
  static func remove(_ db: Database, id: Int64, at: Moment) throws {
    guard
      let row = try Row.fetchOne(
        db.cachedStatement(sql: "DELETE FROM outbox WHERE id = ? RETURNING endpoint_id, phone"), arguments: [id]),
      let phone = row["phone"] as PhoneNumber?
    else { return }
    try db.cachedStatement(
      sql: """
        UPDATE outbox SET due_at = ?1 WHERE due_at IS NULL
        AND id = (SELECT min(id) FROM outbox WHERE phone = ?2 AND endpoint_id = ?3)
        """
    ).execute(arguments: [at, phone, row["endpoint_id"] as Int64])
  }

  /// The endpoint answers again: what waits for a later try need not.
  static func hurry(_ db: Database, endpoint: Int64, at: Moment) throws {
    try db.execute(
      sql: "UPDATE outbox SET due_at = ?1, attempts = 0 WHERE endpoint_id = ?2 AND due_at > ?1",
      arguments: [at, endpoint])
  }

  private static let sweptTogether = 2_000
  static let keptSeconds: Int64 = 30 * 86_400

  /// Old deliveries go, and so do, in slices, the rows of deleted endpoints. Answers whether there is more.
  static func sweep(_ db: Database, now: Moment) throws -> Bool {
    try db.execute(
      sql: """
        DELETE FROM webhook_deliveries WHERE (endpoint_id, no) IN
        (SELECT endpoint_id, no FROM webhook_deliveries WHERE at < ? ORDER BY at LIMIT \(sweptTogether))
        """, arguments: [now.advanced(bySeconds: -keptSeconds)])
    let more = db.changesCount == sweptTogether
    guard
      let gone = try Int64.fetchOne(db.cachedStatement(sql: "SELECT min(id) FROM webhook_endpoints WHERE deleted = 1"))
    else {
      return more
    }
    try db.execute(
      sql: "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE endpoint_id = ? LIMIT \(sweptTogether))",
      arguments: [gone])
    if db.changesCount == sweptTogether { return true }
    try db.execute(sql: "DELETE FROM webhook_deliveries WHERE endpoint_id = ?", arguments: [gone])
    try db.execute(sql: "DELETE FROM webhook_endpoints WHERE id = ?", arguments: [gone])
    return true
  }
}
