import GRDB

/// A saved rule with a name.
struct Audience: Sendable {
  var id: Int64
  var name: String
  var rule: AudienceRule
  var createdAt: Moment
  var updatedAt: Moment

  init(_ row: Row) throws {
    id = row["id"]
    name = row["name"]
    rule = try AudienceRule(try JSON(parsing: row["rule"] as String), at: "rule")
    createdAt = row["created_at"]
    updatedAt = row["updated_at"]
  }

  var json: JSON {
    [
      "id": .int(id), "name": .text(name), "rule": rule.json, "created_at": .moment(createdAt),
      "updated_at": .moment(updatedAt),
    ]
  }

  static func find(_ db: Database, id: Int64) throws -> Audience {
    guard let row = try Row.fetchOne(db, sql: "SELECT * FROM audiences WHERE id = ?", arguments: [id]) else {
      throw Refusal.notFound("There is no such audience.")
    }
    return try Audience(row)
  }

  static func create(_ db: Database, name: String, rule: AudienceRule, actor: String, at: Moment) throws -> Audience {
    try rule.check(db)
    try checkName(db, name, besides: 0)
    try db.execute(
      sql: "INSERT INTO audiences (name, rule, created_by, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?4)",
      arguments: [name, rule.json.serialized, actor, at])
    return try find(db, id: db.lastInsertedRowID)
  }

  /// The audience of an import: made with it unless there is one of that name.
  static func ensure(_ db: Database, named name: String, actor: String, at: Moment) throws {
    try db.execute(
      sql: """
        INSERT INTO audiences (name, rule, created_by, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?4) ON CONFLICT DO NOTHING
        """, arguments: [name, AudienceRule.tag(name).json.serialized, actor, at])
  }

  func change(_ db: Database, name: String, rule: AudienceRule, at: Moment) throws -> Audience {
    try Self.checkName(db, name, besides: id)
    try db.execute(
      sql: "UPDATE audiences SET name = ?, rule = ?, updated_at = ? WHERE id = ?",
      arguments: [name, rule.json.serialized, at, id])
    // With the new rule in place, a circle would be found here and the change taken back.
    try AudienceRule.saved(id).check(db)
    // Those that name it must stay within their bounds too.
    for row in try Row.fetchAll(db, sql: "SELECT * FROM audiences WHERE instr(rule, '\"id\"') > 0") {
      _ = try Audience(row).rule.resolved(db)
    }
    return try Self.find(db, id: id)
  }

  private static func checkName(_ db: Database, _ name: String, besides id: Int64) throws {
    let taken = try Bool.fetchOne(
      db, sql: "SELECT EXISTS (SELECT 1 FROM audiences WHERE name = ? AND id <> ?)", arguments: [name, id])
    if taken == true { throw Refusal.conflict("There is an audience of that name already.") }
  }
}
