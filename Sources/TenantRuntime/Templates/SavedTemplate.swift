import GRDB

/// A text that campaigns begin with: written once, checked by the rules of their texts.
struct SavedTemplate: Sendable {
  static let most = 500
  static let longestName = 100

  var id: Int64
  var name: String
  var body: String
  var createdAt: Moment
  var updatedAt: Moment

  init(_ row: Row) {
    id = row["id"]
    name = row["name"]
    body = row["body"]
    createdAt = row["created_at"]
    updatedAt = row["updated_at"]
  }

  var json: JSON {
    [
      "id": .int(id), "name": .text(name), "body": .text(body), "fields": .list(fields.map(JSON.text)),
      "created_at": .moment(createdAt), "updated_at": .moment(updatedAt),
    ]
  }

  /// Merge fields that it uses, each once, those of its links too.
  var fields: [String] {
    let used = (try? MessageTemplate(body))?.fields ?? []
    return used.enumerated().filter { index, name in !used[..<index].contains(name) }.map(\.element)
  }

  static func find(_ db: Database, id: Int64) throws -> SavedTemplate {
    guard
      let row = try Row.fetchOne(
        db.cachedStatement(sql: "SELECT * FROM message_templates WHERE id = ?"), arguments: [id])
    else {
      throw Refusal.notFound("There is no such template.")
    }
    return SavedTemplate(row)
  }
}

// MARK: Verbs

extension SavedTemplate {
  static func create(_ change: Transaction, name: String, body: String) throws -> SavedTemplate {
    let db = change.db
    try checkName(db, name, besides: 0)
    guard try Int.fetchOne(db.cachedStatement(sql: "SELECT count(*) FROM message_templates")) ?? 0 < most else {
      throw Refusal.conflict("There are \(most) templates already; delete one first.")
    }
    try db.execute(
      sql: """
        INSERT INTO message_templates (name, body, created_by, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?4)
        """, arguments: [name, body, change.caller.name, change.now])
    let template = try find(db, id: db.lastInsertedRowID)
    try change.audit("template.create", template.subject, after: template.json.serialized)
    return template
  }

  /// - Parameters: nil stays as it is.
  static func edit(_ change: Transaction, _ id: Int64, name: String?, body: String?) throws -> SavedTemplate {
    let before = try find(change.db, id: id)
    if let name { try checkName(change.db, name, besides: id) }
    try change.db.execute(
      sql: "UPDATE message_templates SET name = ifnull(?, name), body = ifnull(?, body), updated_at = ? WHERE id = ?",
      arguments: [name, body, change.now, id])
    let after = try find(change.db, id: id)
    try change.audit(
      "template.edit", after.subject, before: before.json.serialized, after: after.json.serialized)
    return after
  }

  static func delete(_ change: Transaction, _ id: Int64) throws {
    let template = try find(change.db, id: id)
    try change.db.execute(sql: "DELETE FROM message_templates WHERE id = ?", arguments: [id])
    try change.audit("template.delete", template.subject, before: template.json.serialized)
  }

  private static func checkName(_ db: Database, _ name: String, besides id: Int64) throws {
    let isTaken = try Bool.fetchOne(
      db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM message_templates WHERE name = ? AND id <> ?)"),
      arguments: [name, id])
    if isTaken == true { throw Refusal.conflict("There is a template of that name already.") }
  }

  private var subject: String { "template:\(id)" }
}
