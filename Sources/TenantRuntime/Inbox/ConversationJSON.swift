import GRDB

/// Conversations as the API shows them.
enum ConversationJSON {
  /// To be followed by a condition on `v`.
  static let select = select(from: "conversations v")

  static func select(from source: String) -> String {
    """
    SELECT v.*, k.id AS contact_id, k.first_name, k.last_name, d.phone IS NOT NULL AS do_not_contact,
    m.direction AS last_direction, substr(m.body, 1, \(longestPreview)) AS preview, m.media_count AS last_media
    FROM \(source) LEFT JOIN contacts k ON k.phone = v.phone LEFT JOIN do_not_contact d ON d.phone = v.phone
    LEFT JOIN messages m ON m.id = v.last_message_id
    """
  }

  private static let longestPreview = 160

  static func find(_ db: Database, _ id: Int64) throws -> JSON? {
    try Row.fetchOne(db.cachedStatement(sql: "\(select) WHERE v.id = ?"), arguments: [id]).map {
      try json($0, try ErasedNumbers.blocker(db))
    }
  }

  /// `erased` knows the numbers that are kept as hashes only.
  static func json(_ row: Row, _ erased: (PhoneNumber) throws -> Bool) throws -> JSON {
    let contact: JSON =
      row["contact_id"] as Int64? == nil
      ? .null
      : ["id": row.int("contact_id"), "first_name": row.text("first_name"), "last_name": row.text("last_name")]
    let last: JSON =
      row["last_direction"] as String? == nil
      ? .null
      : [
        "id": row.int("last_message_id"), "direction": row.text("last_direction"), "preview": row.text("preview"),
        "media_count": row.int("last_media"),
      ]
    let isBlocked = try row["do_not_contact"] as Bool || erased(row["phone"])
    return [
      "id": row.int("id"), "phone": row["sender"] as String? == nil ? row.phone("phone") : .null,
      "sender": row.text("sender"), "can_be_answered": .bool(row["sender"] as String? == nil),
      "number": row.phone("number"), "state": row.text("state"),
      "unread": row.int("unread"), "assignee": row.text("assignee"), "tags": row.document("tags"), "contact": contact,
      "do_not_contact": .bool(isBlocked), "last_message": last, "last_message_at": row.moment("last_message_at"),
      "created_at": row.moment("created_at"),
    ]
  }

  /// One by itself: with the whole contact, for who may read contacts, and, where there is one, the opt-out.
  static func whole(_ db: Database, _ id: Int64, for caller: Caller) throws -> JSON {
    guard let members = try find(db, id)?.members else {
      throw Refusal.notFound("There is no such conversation.")
    }
    let one = try Conversation.find(db, id: id)
    let optOut = try Row.fetchOne(
      db.cachedStatement(sql: "SELECT * FROM do_not_contact WHERE phone = ?"), arguments: [one.phone])
    let contact =
      caller.permissions.contains(.readContacts)
      ? try Row.fetchOne(db, sql: "\(ContactJSON.select) WHERE c.phone = ?", arguments: [one.phone]) : nil
    let kinds = try ContactField.all(db)
    let shown = try contact.map { try ContactJSON.json($0, kinds, try ErasedNumbers.blocker(db)) } ?? .null
    return .object(
      members.map { $0.0 == "contact" ? ("contact", shown) : $0 } + [
        (
          "opt_out",
          optOut.map {
            ["reason": $0.text("reason"), "source": $0.text("source"), "since": $0.moment("since")]
          } ?? .null
        )
      ])
  }
}
