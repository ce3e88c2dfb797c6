import GRDB
import Hummingbird

/// Answers that a team gives often, written once, with merge fields.
enum CannedReply {
  static let routes: [Route<Runtime>] = [
    Route(
      .get, "canned-replies", needs: .readMessages, about: "Canned replies", query: .page,
      answers: [.page(.cannedReply)], list),
    Route(
      .post, "canned-replies", needs: .writeMessages, about: "Make a canned reply",
      body: .json([
        Documented("name", .text(most: 100, example: "Opening hours"), required: true),
        Documented("body", .text(most: BodyRules.longest, example: "We open at 9."), required: true),
      ]), answers: [.created(.cannedReply)], create),
    Route(
      .get, "canned-replies/:id", needs: .readMessages, about: "One canned reply", answers: [.ok(.cannedReply)], show),
    Route(
      .patch, "canned-replies/:id", needs: .writeMessages, about: "Change a canned reply",
      body: .json([
        Documented("name", .text(most: 100, example: "Opening hours"), required: false),
        Documented("body", .text(most: BodyRules.longest, example: "We open at 9."), required: false),
      ]), answers: [.ok(.cannedReply)], edit),
    Route(
      .delete, "canned-replies/:id", needs: .writeMessages, about: "Delete a canned reply", answers: [.none], delete),
  ]
  private static let most = 200
  /// A person who is written to by a person says STOP.
  static let noUnsubscribeLink = "has {{unsubscribe_link}}, which belongs in campaigns"

  static func body(_ db: Database, id: Int64) throws -> String {
    guard
      let body = try String.fetchOne(
        db.cachedStatement(sql: "SELECT body FROM canned_replies WHERE id = ?"), arguments: [id])
    else {
      throw Refusal.invalid("canned_id", "is not a canned reply")
    }
    return body
  }

  private static func find(_ db: Database, _ id: Int64) throws -> Row {
    guard
      let row = try Row.fetchOne(db.cachedStatement(sql: "SELECT * FROM canned_replies WHERE id = ?"), arguments: [id])
    else {
      throw Refusal.notFound("There is no such canned reply.")
    }
    return row
  }

  @Sendable private static func json(_ row: Row) -> JSON {
    [
      "id": row.int("id"), "name": row.text("name"), "body": row.text("body"), "created_at": row.moment("created_at"),
      "updated_at": row.moment("updated_at"),
    ]
  }

  @Sendable private static func list(_ call: Call<Runtime>) async throws -> Response {
    let page = try PageRequest(call)
    return try await call.subject.file.page(
      page, "SELECT * FROM canned_replies WHERE id > ? ORDER BY id", [page.after], json)
  }

  @Sendable private static func show(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "canned reply")
    return try await call.subject.file.read { db in json(try find(db, id)) }.response()
  }

  /// What is given of name and body, checked.
  private static func read(_ call: Call<Runtime>, needsAll: Bool) async throws -> (name: String?, body: String?) {
    var fields = try await call.fields()
    let known = try await call.subject.file.read { db in Set(try ContactField.all(db).keys) }
    var name: String?
    var body: String?
    if needsAll || fields.has("name") { name = fields.requiredName("name", most: 100) }
    if needsAll || fields.has("body") {
      let text = fields.requiredBody("body")
      if let problem = MessageTemplate.problem(text, known: known) {
        fields.fail("body", problem)
      } else if try MessageTemplate(text).hasUnsubscribeLink {
        fields.fail("body", noUnsubscribeLink)
      }
      body = text
    }
    try fields.finish()
    return (name, body)
  }

  private static func refuseTaken(_ db: Database, _ name: String, besides id: Int64) throws {
    let isTaken = try Bool.fetchOne(
      db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM canned_replies WHERE name = ? AND id <> ?)"),
      arguments: [name, id])
    if isTaken == true { throw Refusal.conflict("A canned reply has this name already.") }
  }

  @Sendable private static func create(_ call: Call<Runtime>) async throws -> Response {
    let (name, body) = try await read(call, needsAll: true)
    guard let name, let body else { throw Refusal.invalid("name, body", "are required") }
    return try await call.answer(.created) { change in json(try create(change, name: name, body: body)) }
  }

  @Sendable private static func edit(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "canned reply")
    let (name, body) = try await read(call, needsAll: false)
    return try await call.transact { change in json(try edit(change, id, name: name, body: body)) }.response()
  }

  @Sendable private static func delete(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "canned reply")
    try await call.transact { change in try delete(change, id) }
    return Response(status: .noContent)
  }

  // MARK: Verbs

  private static func create(_ change: Transaction, name: String, body: String) throws -> Row {
    let db = change.db
    try refuseTaken(db, name, besides: 0)
    guard try Int.fetchOne(db.cachedStatement(sql: "SELECT count(*) FROM canned_replies")) ?? 0 < most else {
      throw Refusal.conflict("There are \(most) canned replies already; delete one first.")
    }
    try db.execute(
      sql: "INSERT INTO canned_replies (name, body, created_by, created_at, updated_at) VALUES (?, ?, ?, ?, ?)",
      arguments: [name, body, change.caller.name, change.now, change.now])
    let id = db.lastInsertedRowID
    try change.audit("canned_reply.create", "canned_reply:\(id)", after: name)
    return try find(db, id)
  }

  private static func edit(_ change: Transaction, _ id: Int64, name: String?, body: String?) throws -> Row {
    let db = change.db
    let before = try find(db, id)
    if let name { try refuseTaken(db, name, besides: id) }
    try db.execute(
      sql: "UPDATE canned_replies SET name = ifnull(?, name), body = ifnull(?, body), updated_at = ? WHERE id = ?",
      arguments: [name, body, change.now, id])
    let after = try find(db, id)
    try change.audit(
      "canned_reply.edit", "canned_reply:\(id)", before: json(before).serialized, after: json(after).serialized)
    return after
  }

  private static func delete(_ change: Transaction, _ id: Int64) throws {
    let row = try find(change.db, id)
    try change.db.execute(sql: "DELETE FROM canned_replies WHERE id = ?", arguments: [id])
    try change.audit("canned_reply.delete", "canned_reply:\(id)", before: row["name"])
  }
}
