import GRDB

/// Answers that are written often.
struct CannedRepliesPage: Page {
  static let template = "canned-replies"

  struct Reply: Sendable {
    let id: String
    let name: String
    let body: String
    /// As the page showed them first: what is left so is not sent, and stays as a colleague has made it since.
    let nameShown: String
    let bodyShown: String
    let changed: String
  }

  let title: String
  let replies: [Reply]
  let hasReplies: Bool
  let name: String
  let body: String
  let mayWrite: Bool

  @Sendable static func make(_ visit: Visit<Runtime>) async throws -> any Page {
    let words = visit.words
    let replies = try await visit.subject.file.read { db in
      try Row.fetchAll(db.cachedStatement(sql: "SELECT * FROM canned_replies ORDER BY name LIMIT 500")).map {
        reply($0, visit)
      }
    }
    let isNew = visit.typed.contains { $0.name == "_method" && $0.value == "PATCH" } == false
    return CannedRepliesPage(
      title: words("Canned replies"), replies: replies, hasReplies: !replies.isEmpty,
      name: isNew ? visit.field("name", nil) : "",
      body: isNew ? visit.field("body", nil) : "", mayWrite: visit.may(.writeMessages))
  }

  private static func reply(_ row: Row, _ visit: Visit<Runtime>) -> Reply {
    let id = String(row["id"] as Int64)
    let (name, body): (String, String) = (row["name"], row["body"])
    let isRefused = visit.field("_row", nil) == id
    func field(_ field: String, _ kept: String) -> String { isRefused ? visit.field(field, kept) : kept }
    return Reply(
      id: id, name: field("name", name), body: field("body", body), nameShown: field("_was:name", name),
      bodyShown: field("_was:body", body), changed: visit.words.short(row["updated_at"]))
  }
}

/// The first text of a conversation is from the team.
struct NewConversationPage: Page {
  static let template = "conversation-new"
  let title: String
  let numbers: [Choice]
  let hasNumbers: Bool
  let phone: String

  @Sendable static func make(_ visit: Visit<Runtime>) async throws -> any Page {
    let words = visit.words
    let numbers = try await visit.subject.file.read { db in
      try PhoneNumber.fetchAll(db.cachedStatement(sql: "SELECT number FROM sending_numbers ORDER BY number LIMIT 200"))
    }
    return NewConversationPage(
      title: words("Write to somebody"),
      numbers: numbers.map { Choice($0.description, words.phone($0), chosen: visit.field("number", nil)) },
      hasNumbers: !numbers.isEmpty,
      phone: visit.field("phone", visit.query("phone").map { "+" + $0.drop { $0 == "+" || $0 == " " } }))
  }
}
