import Foundation
package import GRDB

/// A person with a phone.
package struct Contact: Sendable {
  /// What a caller may set. Nil leaves a value as it is.
  package struct Values: Sendable, Equatable {
    package var firstName: String?
    package var lastName: String?
    package var email: String?
    package var tags: [String] = []
    package var fields: [String: String] = [:]
    package var timeZone: String?
    package var language: String?
    package init() {}
  }

  package enum Outcome: String, Sendable { case created, updated, unchanged }

  /// Creates the contact of a phone or overwrites what the values name; blank values change nothing.
  package static func upsert(
    _ db: Database, phone: PhoneNumber, _ values: Values, importID: Int64?, at: Moment
  ) throws -> (id: Int64, outcome: Outcome) {
    let existing = try Row.fetchOne(
      db.cachedStatement(
        sql: "SELECT id, first_name, last_name, email, fields, time_zone, language FROM contacts WHERE phone = ?"),
      arguments: [phone])
    guard let existing else {
      try db.cachedStatement(
        sql: """
          INSERT INTO contacts (phone, first_name, last_name, email, fields, time_zone, language, import_id, created_at, updated_at)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          """
      ).execute(arguments: [
        phone, values.firstName, values.lastName, values.email, json(values.fields), values.timeZone, values.language,
        importID, at, at,
      ])
      let id = db.lastInsertedRowID
      _ = try addTags(db, values.tags, to: id)
      return (id, .created)
    }
    let id: Int64 = existing["id"]
    var fields = Self.fields(existing["fields"])
    let before = fields
    fields.merge(values.fields) { _, new in new }
    let named: [(String?, String?)] = [
      (values.firstName, existing["first_name"]), (values.lastName, existing["last_name"]),
      (values.email, existing["email"]),
      (values.timeZone, existing["time_zone"]), (values.language, existing["language"]),
    ]
    let changed = fields != before || named.contains { new, old in new != nil && new != old }
    if changed {
      try db.cachedStatement(
        sql: """
          UPDATE contacts SET first_name = ifnull(?, first_name), last_name = ifnull(?, last_name), email = ifnull(?, email),
          fields = ?, time_zone = ifnull(?, time_zone), language = ifnull(?, language), updated_at = ? WHERE id = ?
          """
      ).execute(arguments: [
        values.firstName, values.lastName, values.email, json(fields), values.timeZone, values.language, at, id,
      ])
    }
    let tagged = try addTags(db, values.tags, to: id)
    return (id, changed || tagged ? .updated : .unchanged)
  }

  private static func addTags(_ db: Database, _ tags: [String], to contact: Int64) throws -> Bool {
    var added = false
    for tag in tags where try addTag(db, tag, to: contact) { added = true }
    return added
  }

  /// True when the contact did not have it.
  @discardableResult
  static func addTag(_ db: Database, _ tag: String, to contact: Int64) throws -> Bool {
    try db.cachedStatement(sql: "INSERT INTO tags (name) VALUES (?) ON CONFLICT DO NOTHING").execute(arguments: [tag])
    try db.cachedStatement(
      sql: """
        INSERT INTO contact_tags (tag_id, contact_id) VALUES ((SELECT id FROM tags WHERE name = ?), ?) ON CONFLICT DO NOTHING
        """
    ).execute(arguments: [tag, contact])
    return db.changesCount > 0
  }

  static func fields(_ text: String) -> [String: String] {
    guard text != "{}", let members = (try? JSON(parsing: text))?.members else { return [:] }
    return Dictionary(
      members.compactMap { name, value in value.text.map { (name, $0) } }, uniquingKeysWith: { _, last in last })
  }

  /// Compact, names in order: equal fields are equal text.
  static func json(_ fields: [String: String]) -> String {
    fields.isEmpty ? "{}" : JSON.object(fields.sorted { $0.key < $1.key }.map { ($0.key, .text($0.value)) }).serialized
  }
}
