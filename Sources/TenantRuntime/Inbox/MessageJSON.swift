import GRDB

/// Messages as the API shows them: the text, and how its send job stands.
enum MessageJSON {
  /// To be followed by a condition on `m`.
  static let select = select(from: "messages m")

  /// The same over another driving table: `source` brings in `messages m`.
  static func select(from source: String) -> String {
    """
    SELECT m.*, j.kind, j.state AS job_state, j.reason, j.cost_micros, v.id AS conversation_id, v.sender,
    \(MessageMedia.column)
    FROM \(source) LEFT JOIN send_jobs j ON j.id = m.send_job_id
    LEFT JOIN conversations v ON v.phone = m.phone AND v.number = m.number
    """
  }

  static func find(_ db: Database, _ id: Int64) throws -> JSON? {
    try Row.fetchOne(db.cachedStatement(sql: "\(select) WHERE m.id = ?"), arguments: [id]).map(json)
  }

  @Sendable static func json(_ row: Row) -> JSON {
    let isIn = row["direction"] as String == "in"
    return [
      "id": row.int("id"), "direction": row.text("direction"),
      "phone": row["sender"] as String? == nil ? row.phone("phone") : .null, "sender": row.text("sender"),
      "reaction": .bool(isIn && Reaction.isReaction(row["body"])),
      "number": row.phone("number"), "body": row.text("body"), "segments": row.int("segments"),
      "media_count": row.int("media_count"), "media": row.document("media"), "sid": row.text("sid"),
      "campaign_id": row.int("campaign_id"), "conversation_id": row.int("conversation_id"),
      "kind": row.text("kind"), "state": isIn ? "received" : row.text("job_state"), "reason": row.text("reason"),
      "cost_micros": row.int("cost_micros"), "at": row.moment("at"),
    ]
  }
}
