import GRDB

/// What people do to an audience. Each is one transaction with its audit row.
extension Audience {
  static func create(_ change: Transaction, name: String, _ rule: AudienceRule) throws -> Audience {
    let audience = try create(change.db, name: name, rule: rule, actor: change.caller.name, at: change.now)
    try change.audit("audience.create", audience.subject, after: rule.json.serialized)
    return audience
  }

  /// - Parameters: nil stays as it is.
  static func edit(_ change: Transaction, _ id: Int64, name: String?, _ rule: AudienceRule?) throws -> Audience {
    let before = try find(change.db, id: id)
    let after = try before.change(change.db, name: name ?? before.name, rule: rule ?? before.rule, at: change.now)
    try change.audit(
      "audience.edit", after.subject, before: before.rule.json.serialized, after: after.rule.json.serialized)
    return after
  }

  static func delete(_ change: Transaction, _ id: Int64) throws {
    let audience = try find(change.db, id: id)
    if let user = try users(change.db, of: id).first {
      throw Refusal.conflict("\(user) still uses this audience; change that first.")
    }
    try change.db.execute(sql: "DELETE FROM audiences WHERE id = ?", arguments: [id])
    try change.audit("audience.delete", audience.subject, before: audience.rule.json.serialized)
  }

  private var subject: String { "audience:\(id)" }
}
