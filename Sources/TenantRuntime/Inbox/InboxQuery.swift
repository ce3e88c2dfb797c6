import GRDB

/// What `GET conversations` asks for. Newest activity first; a cursor is the last row's (time, id), so rows that come or move up meanwhile
/// shift nothing behind it.
struct InboxQuery: Sendable {
  /// The inbox looks for words in this many of the newest messages that people wrote (LIKE, a few milliseconds); campaigns' texts
  /// are not among them.
  static let searchedMessages = 20_000
  private static let mostContacts = 5_000
  private static let longestSearch = 100

  private(set) var limit: Int
  private let cursor: Cursor
  private(set) var conditions: [String] = []
  private(set) var arguments = StatementArguments()
  private(set) var searches = false

  init(_ call: Call<Runtime>) throws {
    limit = try Self.limit(call.query("limit"))
    cursor = Cursor(of: call)
    if let text = call.query("cursor") {
      let place = try cursor.values(text, count: 2)
      hold("(v.last_message_at, v.id) < (?, ?)", [place[0], place[1]])
    }
    if let text = call.query("state") {
      guard let state = Conversation.State(rawValue: text) else {
        throw Refusal.invalid("state", "must be open or closed")
      }
      hold("v.state = ?", [state.rawValue])
    }
    if let assignee = try Self.text(call, "assignee", most: Conversation.longestAssignee) {
      if assignee == "none" { hold("v.assignee IS NULL", []) } else { hold("v.assignee = ?", [assignee]) }
    }
    switch call.query("unread") {
    case nil: break
    case "true": hold("v.unread > 0", [])
    case "false": hold("v.unread = 0", [])
    default: throw Refusal.invalid("unread", "must be true or false")
    }
    if let tag = try Self.text(call, "tag", most: Conversation.longestTag) {
      hold("EXISTS (SELECT 1 FROM json_each(v.tags) WHERE value = ?)", [tag])
    }
    if let number = call.query("number") { hold("v.number = ?", [try Self.phone(number, "number")]) }
    if let text = try Self.text(call, "q", most: Self.longestSearch)?.trimmed, !text.isEmpty { search(text) }
  }

  /// What a page of the inbox shows: of everybody's open conversations, of one's own, of nobody's, or closed ones (`of`).
  init(_ call: Call<Runtime>, shown: Int, mine: String?) throws {
    try self.init(call)
    if call.query("limit") == nil { limit = shown }
    switch call.query("of") {
    case "mine": hold("v.assignee = ? AND v.state = 'open'", [mine ?? ""])
    case "nobody": hold("v.assignee IS NULL AND v.state = 'open'", [])
    case "closed": hold("v.state = 'closed'", [])
    default: if !searches { hold("v.state = 'open'", []) }
    }
  }

  var sql: String {
    let condition = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
    return "\(ConversationJSON.select) \(condition) ORDER BY v.last_message_at DESC, v.id DESC LIMIT \(limit + 1)"
  }

  func cursor(behind row: Row) -> String { cursor.text([row["last_message_at"], row["id"]]) }

  private mutating func hold(_ condition: String, _ values: StatementArguments) {
    conditions.append(condition)
    arguments += values
  }

  /// Found by a part of the number, by the contact's name (its words' beginnings), or by words of a text.
  private mutating func search(_ typed: String) {
    searches = true
    var ways: [String] = []
    var values = StatementArguments()
    let digits = typed.filter { $0.isASCII && $0.isNumber }
    if digits.count >= 3, typed.allSatisfy({ $0.isNumber || " +-().".contains($0) }) {
      ways.append("SELECT x.id FROM conversations x WHERE CAST(x.phone AS TEXT) LIKE ?")
      values += ["%\(digits)%"]
    }
    if let words = ContactSearch.expression(typed) {
      ways.append(
        """
        SELECT x.id FROM (SELECT k.phone FROM contact_search f JOIN contacts k ON k.id = f.rowid
        WHERE contact_search MATCH ? LIMIT \(Self.mostContacts)) p JOIN conversations x ON x.phone = p.phone
        """)
      values += [words]
    }
    ways.append(
      """
      SELECT x.id FROM (SELECT phone, number, body FROM messages INDEXED BY messages_written
      WHERE direction = 'in' OR campaign_id IS NULL ORDER BY id DESC LIMIT \(Self.searchedMessages)) t
      JOIN conversations x ON x.phone = t.phone AND x.number = t.number WHERE t.body LIKE ? ESCAPE '\\'
      """)
    var escaped = String.UnicodeScalarView()
    for scalar in typed.unicodeScalars {
      if "\\%_".unicodeScalars.contains(scalar) { escaped.append("\\") }
      escaped.append(scalar)
    }
    values += ["%\(String(escaped))%"]
    hold("v.id IN (\(ways.joined(separator: " UNION ")))", values)
  }

  static func limit(_ text: String?) throws -> Int {
    guard let text else { return 100 }
    guard let limit = Int(text), (1...PageRequest.most).contains(limit) else {
      throw Refusal.invalid("limit", "must be a whole number from 1 to \(PageRequest.most)")
    }
    return limit
  }

  static func phone(_ text: String, _ name: String) throws -> PhoneNumber {
    // A plus that nobody encoded arrives as a space.
    switch PhoneReader.shared.read(text.hasPrefix(" ") ? "+" + text.dropFirst() : text, region: "US") {
    case .success(let phone): return phone
    case .failure(let reason): throw Refusal.invalid(name, reason.sentence)
    }
  }

  private static func text(_ call: Call<Runtime>, _ name: String, most: Int) throws -> String? {
    guard let text = call.query(name) else { return nil }
    guard text.unicodeScalars.count <= most else { throw Refusal.invalid(name, "must have at most \(most) characters") }
    guard !text.unicodeScalars.contains("\u{0}") else { throw Refusal.invalid(name, "must not contain NUL") }
    return text
  }
}
