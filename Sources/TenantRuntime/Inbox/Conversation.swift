import GRDB

/// What one person and one of our numbers have written to each other. Opened by an inbound text or by somebody who begins one;
/// a campaign's text opens none, or a launch would fill the inbox.
///
///     open ⇄ closed        closed by a person, opened by a person or by the next inbound text
struct Conversation: Sendable, Equatable {
  enum State: String, CaseIterable, Sendable { case open, closed }

  static let longestAssignee = 200
  static let mostTags = 20
  static let longestTag = 60

  var id: Int64
  var phone: PhoneNumber
  var number: PhoneNumber
  var state: State
  var unread: Int64
  var assignee: String?
  var tags: [String]

  init(_ row: Row) {
    id = row["id"]
    phone = row["phone"]
    number = row["number"]
    state = State(rawValue: row["state"]) ?? .open
    unread = row["unread"]
    assignee = row["assignee"]
    tags = row.document("tags").list?.compactMap(\.text) ?? []
  }

  static func find(_ db: Database, id: Int64) throws -> Conversation {
    guard
      let row = try Row.fetchOne(db.cachedStatement(sql: "SELECT * FROM conversations WHERE id = ?"), arguments: [id])
    else { throw Refusal.notFound("There is no such conversation.") }
    return Conversation(row)
  }

  static func all(_ db: Database, with phone: PhoneNumber) throws -> [Conversation] {
    try Row.fetchAll(
      db.cachedStatement(sql: "SELECT * FROM conversations WHERE phone = ? ORDER BY last_message_at DESC LIMIT 20"),
      arguments: [phone]
    ).map(Conversation.init)
  }

  /// An inbound text: opens or reopens its conversation.
  static func received(
    _ db: Database, from phone: PhoneNumber, sender: String? = nil, to number: PhoneNumber, message: Int64, at: Moment
  ) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO conversations (phone, sender, number, unread, last_message_id, last_message_at, created_at)
        VALUES (?, ?, ?, 1, ?, ?, ?)
        ON CONFLICT DO UPDATE SET state = 'open', unread = unread + 1, last_message_id = excluded.last_message_id,
        last_message_at = max(last_message_at, excluded.last_message_at)
        """
    ).execute(arguments: [phone, sender, number, message, at, at])
    try InboxLog.append(db, .message, message)
    if let id = try id(db, phone, number) { try InboxLog.append(db, .conversation, id) }
  }

  /// A text of ours, at the end of it.
  func wrote(_ db: Database, message: Int64, at: Moment) throws {
    try db.execute(
      sql: "UPDATE conversations SET last_message_id = ?, last_message_at = max(last_message_at, ?) WHERE id = ?",
      arguments: [message, at, id])
    try InboxLog.append(db, .message, message)
    try InboxLog.append(db, .conversation, id)
  }

  private static func id(_ db: Database, _ phone: PhoneNumber, _ number: PhoneNumber) throws -> Int64? {
    try Int64.fetchOne(
      db.cachedStatement(sql: "SELECT id FROM conversations WHERE phone = ? AND number = ?"),
      arguments: [phone, number])
  }

  /// The conversation of the two, begun if there was none.
  static func begin(
    _ change: Transaction, phone: PhoneNumber, number: PhoneNumber
  ) throws -> (id: Int64, isNew: Bool) {
    let db = change.db
    if let id = try id(db, phone, number) { return (id, false) }
    guard try sends(db, from: number) else { throw Refusal.invalid("number", "is not a sending number of this tenant") }
    try db.execute(
      sql: "INSERT INTO conversations (phone, number, last_message_at, created_at) VALUES (?, ?, ?, ?)",
      arguments: [phone, number, change.now, change.now])
    let id = db.lastInsertedRowID
    try change.audit("conversation.create", "conversation:\(id)")
    try InboxLog.append(db, .conversation, id)
    change.effects.inbox = true
    return (id, true)
  }

  static func sends(_ db: Database, from number: PhoneNumber) throws -> Bool {
    try Bool.fetchOne(
      db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM sending_numbers WHERE number = ?)"), arguments: [number])
      ?? false
  }

  // MARK: Change

  struct Edit: Sendable {
    var state: State?
    /// Set: to this name, or to nobody.
    var assignee: String??
    var tags: [String]?
    var isRead = false
  }

  /// Writes what differs.
  static func edit(_ change: Transaction, _ id: Int64, _ edit: Edit) throws {
    let (db, before) = (change.db, try find(change.db, id: id))
    var after = before
    if let state = edit.state { after.state = state }
    if let assignee = edit.assignee { after.assignee = assignee }
    if let tags = edit.tags { after.tags = tags }
    if edit.isRead { after.unread = 0 }
    guard after != before else { return }
    try db.execute(
      sql: "UPDATE conversations SET state = ?, assignee = ?, tags = ?, unread = ? WHERE id = ?",
      arguments: [
        after.state.rawValue, after.assignee, JSON.list(after.tags.map(JSON.text)).serialized, after.unread, id,
      ])
    try change.audit("conversation.edit", "conversation:\(id)", before: before.summary, after: after.summary)
    try InboxLog.append(db, .conversation, id)
    change.effects.inbox = true
  }

  private var summary: String {
    JSON.object([
      ("state", .text(state.rawValue)), ("assignee", .optional(assignee)), ("tags", .list(tags.map(JSON.text))),
      ("unread", .int(unread)),
    ]).serialized
  }
}
