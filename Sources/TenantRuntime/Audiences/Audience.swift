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
    rule = AudienceRule(stored: try JSON(parsing: row["rule"] as String))
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
    guard let row = try Row.fetchOne(db.cachedStatement(sql: "SELECT * FROM audiences WHERE id = ?"), arguments: [id])
    else {
      throw Refusal.notFound("There is no such audience.")
    }
    return try Audience(row)
  }

  static func all(_ db: Database, after id: Int64, limit: Int) throws -> [Audience] {
    try Row.fetchAll(
      db.cachedStatement(sql: "SELECT * FROM audiences WHERE id > ? ORDER BY id LIMIT ?"), arguments: [id, limit]
    ).map(Audience.init)
  }

  static func create(_ db: Database, name: String, rule: AudienceRule, actor: String, at: Moment) throws -> Audience {
    try rule.check(db)
    try checkName(db, name, besides: 0)
    try db.execute(
      sql: "INSERT INTO audiences (name, rule, created_by, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?4)",
      arguments: [name, rule.json.serialized, actor, at])
    return try find(db, id: db.lastInsertedRowID)
  }

  /// The people of an import come into an audience by their tag: one of that name that goes by another rule would stay without them.
  static func refuseOtherRule(_ db: Database, named name: String) throws {
    guard
      let row = try Row.fetchOne(db.cachedStatement(sql: "SELECT * FROM audiences WHERE name = ?"), arguments: [name])
    else {
      return
    }
    let audience = try Audience(row)
    if case .tag(let tag) = audience.rule, Tag.folded(tag) == Tag.folded(name) { return }
    throw Refusal.conflict(
      "audience: there is an audience \(audience.name) that picks its people by another rule, so nobody of this file would come into it; name another audience."
    )
  }

  /// The audience of an import: made with it unless there is one of that name.
  static func ensure(_ db: Database, named name: String, actor: String, at: Moment) throws {
    try refuseOtherRule(db, named: name)
    try db.execute(
      sql: """
        INSERT INTO audiences (name, rule, created_by, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?4) ON CONFLICT DO NOTHING
        """, arguments: [name, AudienceRule.tag(name).json.serialized, actor, at])
  }

  func change(_ db: Database, name: String, rule: AudienceRule, at: Moment) throws -> Audience {
    try Self.checkName(db, name, besides: id)
    if rule != self.rule { try refuseWhilePicked(db) }
    try db.execute(
      sql: "UPDATE audiences SET name = ?, rule = ?, updated_at = ? WHERE id = ?",
      arguments: [name, rule.json.serialized, at, id])
    // With the new rule in place, a circle would be found here and the change taken back.
    try AudienceRule.saved(id).check(db)
    // Anyone who names it, through others too, must stay within the bounds.
    for (user, rule) in try Self.rulesWithNames(db) {
      do { _ = try rule.resolved(db) } catch Refusal.invalid(let errors) {
        throw Refusal.invalid(
          "rule", "\(user) uses this audience, and with it \(errors.first?.message ?? "is too large")")
      } catch Refusal.conflict(_) {
        // What another rule of it is not taken for is no matter of this one; a circle through this one was found above.
      }
    }
    return try Self.find(db, id: id)
  }

  /// A launch was answered, and some of the campaign's people are picked by the rule as it is: so will be the rest, and nobody by another.
  private func refuseWhilePicked(_ db: Database) throws {
    var ids: Set<Int64> = [id]
    let others = try Row.fetchAll(db.cachedStatement(sql: "SELECT * FROM audiences WHERE instr(rule, '\"id\"') > 0"))
      .map(Audience.init)
    while let next = others.first(where: { !ids.contains($0.id) && $0.rule.names(ids) }) { ids.insert(next.id) }
    let picking = try Row.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT name, audience, exclude FROM campaigns
          WHERE frozen = 0 AND (state = 'starting' OR freeze_cursor > 0 AND state NOT IN ('completed', 'cancelled'))
          AND instr(audience || exclude, '"id"') > 0
          """))
    for row in picking where try Self.rule(row["audience"], besides: row["exclude"]).names(ids) {
      throw Refusal.conflict(
        "The people of the campaign \(row["name"] as String) are being picked by this audience: change it when they are, or cancel the campaign."
      )
    }
  }

  private static func rule(_ stored: String, besides excluded: String) throws -> AudienceRule {
    (try AudienceRule.read(stored: stored) ?? .everyone).without(try AudienceRule.list(stored: excluded))
  }

  /// What uses it, at any depth of a rule: other audiences, and campaigns that have still to pick their people. A bulk change has written down
  /// its rule with its audiences filled in.
  static func users(_ db: Database, of id: Int64) throws -> [String] {
    try rulesWithNames(db).filter { $0.user != "Audience \(id)" && $0.rule.names([id]) }.map(\.user)
  }

  private static func rulesWithNames(_ db: Database) throws -> [(user: String, rule: AudienceRule)] {
    try Row.fetchAll(
      db,
      sql: """
        SELECT 'Audience ' || id AS user, rule, '[]' AS exclude FROM audiences WHERE instr(rule, '"id"') > 0
        UNION ALL SELECT 'Campaign ' || id, audience, exclude FROM campaigns
          WHERE frozen = 0 AND state NOT IN ('completed', 'cancelled') AND instr(audience || exclude, '"id"') > 0
        """
    ).map { row in (row["user"], try rule(row["rule"], besides: row["exclude"])) }
  }

  private static func checkName(_ db: Database, _ name: String, besides id: Int64) throws {
    let taken = try Bool.fetchOne(
      db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM audiences WHERE name = ? AND id <> ?)"),
      arguments: [name, id])
    if taken == true { throw Refusal.conflict("There is an audience of that name already.") }
  }
}
