import GRDB

/// What people do to a webhook endpoint. Each is one transaction with its audit row.
extension WebhookEndpoint {
  /// Nil stays as it is.
  struct Edit: Sendable {
    var url: String?
    /// Some nil: all.
    var events: [String]??
    var description: String??
    var isEnabled: Bool?
  }

  /// The worker puts its watch on the file before this is answered or soon after; what came first it finds by itself.
  static func create(_ change: Transaction, _ draft: Draft, secret: String) throws -> Row {
    let row = try create(change.db, draft, secret: secret, actor: change.caller.name, at: change.now)
    try note(change, "create", row["id"], after: json(row))
    return row
  }

  static func edit(_ change: Transaction, _ id: Int64, _ edit: Edit) throws -> Row {
    let db = change.db
    let before = try row(db, id: id)
    if let url = edit.url {
      try db.execute(sql: "UPDATE webhook_endpoints SET url = ? WHERE id = ?", arguments: [url, id])
    }
    if let events = edit.events {
      let text = Draft(url: "", events: events).eventsText
      try db.execute(sql: "UPDATE webhook_endpoints SET events = ? WHERE id = ?", arguments: [text, id])
    }
    if let description = edit.description {
      try db.execute(sql: "UPDATE webhook_endpoints SET description = ? WHERE id = ?", arguments: [description, id])
    }
    // What failed at the old address is sent to the new one now.
    let moved = edit.url != nil && edit.url != before["url"] && before["enabled"] == true && edit.isEnabled != false
    if edit.isEnabled == true || moved { try enable(db, id: id, at: change.now) }
    if edit.isEnabled == false { try disable(db, id: id, reason: byPerson + change.caller.name) }
    let after = try row(db, id: id)
    try note(change, "edit", id, before: json(before), after: json(after))
    return after
  }

  static func delete(_ change: Transaction, _ id: Int64) throws {
    let before = json(try row(change.db, id: id))
    try delete(change.db, id: id)
    try note(change, "delete", id, before: before)
  }

  static func rotateSecret(_ change: Transaction, _ id: Int64, to secret: String) throws -> Row {
    _ = try row(change.db, id: id)
    try rotate(change.db, id: id, secret: secret, at: change.now)
    try note(change, "rotate_secret", id)
    return try row(change.db, id: id)
  }

  private static func note(
    _ change: Transaction, _ action: String, _ id: Int64, before: JSON? = nil, after: JSON? = nil
  ) throws {
    try change.audit(
      "webhook_endpoint.\(action)", "webhook_endpoint:\(id)", before: before?.serialized, after: after?.serialized)
    change.effects.wakes.insert(.deliveries)
  }

  @Sendable static func json(_ row: Row) -> JSON { .object(members(row)) }

  static func members(_ row: Row) -> [(String, JSON)] {
    [
      ("id", row.int("id")), ("url", row.text("url")), ("description", row.text("description")),
      ("events", (row["events"] as String?) == nil ? "all" : row.document("events")),
      ("enabled", .bool(row["enabled"])), ("disabled_reason", row.text("disabled_reason")),
      ("failures", row.int("failures")), ("failing_since", row.moment("failing_since")),
      ("last_success_at", row.moment("last_success_at")), ("last_failure_at", row.moment("last_failure_at")),
      ("old_secret_until", row.moment("old_secret_until")), ("created_at", row.moment("created_at")),
    ]
  }
}
