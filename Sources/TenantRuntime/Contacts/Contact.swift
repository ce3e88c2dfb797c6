import Foundation
package import GRDB

/// A person with a phone.
///
/// Verbs: `upsert` (imports of one), `edit`, `delete`, `merge` (ContactMerge), `erase` (ContactErasure), tags.
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
    package var notes: String?
    package init() {}
  }

  package enum Outcome: String, Sendable { case created, updated, unchanged }

  /// Creates the contact of a phone or overwrites what the values name; blank values change nothing.
  package static func upsert(
    _ db: Database, phone: PhoneNumber, _ values: Values, importID: Int64?, at: Moment
  ) throws -> (id: Int64, outcome: Outcome) {
    if let id = try Int64.fetchOne(
      db.cachedStatement(sql: "SELECT id FROM contacts WHERE phone = ?"), arguments: [phone])
    {
      var effects = Effects()
      let changed = try Edit(values).apply(db, to: id, at: at, &effects)
      return (id, changed ? .updated : .unchanged)
    }
    try db.cachedStatement(
      sql: """
        INSERT INTO contacts
        (phone, first_name, last_name, email, fields, time_zone, language, notes, import_id, created_at, updated_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10)
        """
    ).execute(arguments: [
      phone, values.firstName, values.lastName, values.email, json(values.fields), values.timeZone, values.language,
      values.notes, importID, at,
    ])
    let id = db.lastInsertedRowID
    try DayFigures.add(db, .people(importID == nil ? .added : .imported), at: at)
    for tag in values.tags { try addTag(db, tag, to: id) }
    return (id, .created)
  }

  /// - Parameter change: what it is counted as.
  static func delete(_ db: Database, id: Int64, as change: PeopleChange, at: Moment) throws {
    try remove(db, id: id)
    try DayFigures.add(db, .people(change), at: at)
  }

  /// For who counts many at once.
  static func remove(_ db: Database, id: Int64) throws {
    try db.cachedStatement(sql: "DELETE FROM contacts WHERE id = ?").execute(arguments: [id])
  }

  // MARK: Tags

  /// True when the contact did not have it.
  @discardableResult
  static func addTag(_ db: Database, _ tag: String, to contact: Int64) throws -> Bool {
    try db.cachedStatement(sql: "INSERT INTO contact_tags (tag_id, contact_id) VALUES (?, ?) ON CONFLICT DO NOTHING")
      .execute(arguments: [try Tag.id(db, tag), contact])
    return db.changesCount > 0
  }

  @discardableResult
  static func removeTag(_ db: Database, _ tag: String, from contact: Int64) throws -> Bool {
    try db.cachedStatement(
      sql: "DELETE FROM contact_tags WHERE contact_id = ? AND tag_id = \(Tag.id)"
    ).execute(arguments: [contact, Tag.folded(tag)])
    return db.changesCount > 0
  }

  static func tags(_ db: Database, of contact: Int64) throws -> [String] {
    try String.fetchAll(
      db.cachedStatement(
        sql: "SELECT t.name FROM contact_tags c JOIN tags t ON t.id = c.tag_id WHERE c.contact_id = ? ORDER BY t.name"),
      arguments: [contact])
  }

  // MARK: Custom fields

  /// Compact, names in order: equal fields are equal text.
  static func json(_ fields: [String: String]) -> String {
    fields.isEmpty ? "{}" : JSON.object(fields.sorted { $0.key < $1.key }.map { ($0.key, .text($0.value)) }).serialized
  }
}

extension Contact {
  /// A change of one contact: what is named is set, a named null is cleared.
  struct Edit: Sendable {
    var columns: [(name: Column, value: String?)] = []
    var fields: [(name: String, value: String?)] = []
    /// All tags it shall have; nil leaves them.
    var tags: [String]?
    var phone: PhoneNumber?

    enum Column: String, CaseIterable, Sendable {
      case firstName = "first_name"
      case lastName = "last_name"
      case email
      case timeZone = "time_zone"
      case language, notes
    }

    init() {}

    /// What it names, without a value.
    var names: [String] {
      columns.map(\.name.rawValue) + fields.map { "fields.\($0.name)" } + (tags == nil ? [] : ["tags"])
        + (phone == nil ? [] : ["phone"])
    }

    /// Adds what the values name; their tags come to those that are there.
    init(_ values: Values) {
      let named: [(Column, String?)] = [
        (.firstName, values.firstName), (.lastName, values.lastName), (.email, values.email),
        (.timeZone, values.timeZone), (.language, values.language), (.notes, values.notes),
      ]
      columns = named.filter { $0.1 != nil }
      fields = values.fields.map { ($0.key, $0.value) }
      added = values.tags
    }

    private var added: [String] = []

    /// True if anything has changed; then the contact counts as edited.
    func apply(_ db: Database, to id: Int64, at: Moment, _ effects: inout Effects) throws -> Bool {
      guard let row = try Row.fetchOne(db.cachedStatement(sql: "SELECT * FROM contacts WHERE id = ?"), arguments: [id])
      else { throw Refusal.notFound("There is no such contact.") }
      var changed = false
      for (column, value) in columns where (row[column.rawValue] as String?) != value {
        try db.cachedStatement(sql: "UPDATE contacts SET \(column.rawValue) = ? WHERE id = ?").execute(
          arguments: [value, id])
        if column == .timeZone {
          try SendJob.lookAgain(db, phone: row["phone"], of: id, now: at)
          effects.hasTexts = true
        }
        changed = true
      }
      if let phone, phone != row["phone"] {
        changed = try move(db, id, from: row["phone"], to: phone, at: at, &effects) || changed
      }
      var stored = ContactField.values(row["fields"])
      let before = stored
      for (name, value) in fields { stored[name] = value }
      if stored != before {
        try db.cachedStatement(sql: "UPDATE contacts SET fields = ? WHERE id = ?").execute(
          arguments: [Contact.json(stored), id])
        changed = true
      }
      changed = try applyTags(db, to: id) || changed
      if changed {
        try db.cachedStatement(sql: "UPDATE contacts SET updated_at = ? WHERE id = ?").execute(arguments: [at, id])
      }
      return changed
    }

    private func move(
      _ db: Database, _ id: Int64, from old: PhoneNumber, to phone: PhoneNumber, at: Moment, _ effects: inout Effects
    ) throws -> Bool {
      if try Bool.fetchOne(
        db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM contacts WHERE phone = ?)"), arguments: [phone])
        == true
      {
        throw Refusal.conflict("Another contact has \(phone); merge the two instead.")
      }
      try PersonNumber.leave(db, old, contact: id, at: at)
      try db.execute(sql: "UPDATE contacts SET phone = ? WHERE id = ?", arguments: [phone, id])
      try SendJob.lookAgain(db, phone: old, of: id, now: at)
      try Consent.carryOver(db, from: old, to: phone, method: "number_change", at: at, &effects)
      return true
    }

    private func applyTags(_ db: Database, to id: Int64) throws -> Bool {
      var changed = false
      if let tags {
        for tag in try Contact.tags(db, of: id)
        where !tags.contains(where: { Tag.folded($0) == Tag.folded(tag) }) {
          changed = try Contact.removeTag(db, tag, from: id) || changed
        }
      }
      for tag in (tags ?? []) + added { changed = try Contact.addTag(db, tag, to: id) || changed }
      return changed
    }
  }
}
