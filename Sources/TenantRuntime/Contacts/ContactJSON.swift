import GRDB

/// Contacts as the API shows and takes them.
enum ContactJSON {
  /// A contact's columns with what hangs on it, to be followed by a condition on `c`.
  static let select = select(from: "contacts c")

  /// The same over another driving table: `source` brings in `contacts c`.
  static func select(from source: String) -> String {
    """
    SELECT c.*, d.phone IS NOT NULL AS do_not_contact, b.code AS bad_code, b.since AS bad_since, b.until AS bad_until,
    (SELECT json_group_array(t.name) FROM contact_tags ct JOIN tags t ON t.id = ct.tag_id WHERE ct.contact_id = c.id) AS tags
    FROM \(source) LEFT JOIN do_not_contact d ON d.phone = c.phone LEFT JOIN bad_numbers b ON b.phone = c.phone
    """
  }

  static func find(_ db: Database, _ id: Int64) throws -> Row {
    guard let row = try Row.fetchOne(db, sql: "\(select) WHERE c.id = ?", arguments: [id]) else {
      throw Refusal.notFound("There is no such contact.")
    }
    return row
  }

  /// `erased` knows the numbers that are kept as hashes only.
  static func json(
    _ row: Row, _ kinds: [String: ContactField.Kind], _ erased: (PhoneNumber) throws -> Bool = { _ in false }
  ) throws -> JSON {
    let phone = PhoneNumber(digits: row["phone"])
    let own: String? = row["time_zone"]
    let isBlocked = try row["do_not_contact"] as Bool || (phone.map(erased) ?? false)
    let zones = phone.map { TextingZones(phone: $0, own: own, tenant: "") }
    let derived = own == nil ? zones?.ofNumber ?? [] : []
    return [
      "id": row.int("id"), "phone": .phone(phone), "first_name": row.text("first_name"),
      "last_name": row.text("last_name"), "email": row.text("email"), "tags": row.document("tags"),
      "fields": fields(row["fields"], kinds), "time_zone": .optional(own ?? (derived.count == 1 ? derived[0] : nil)),
      "time_zone_source": own != nil ? "contact" : derived.isEmpty ? nil : "area_code",
      "possible_time_zones": .list((own == nil ? derived : zones?.counted ?? []).map(JSON.text)),
      "time_zone_signals": zones?.json ?? .null, "language": row.text("language"),
      "notes": row.text("notes"), "do_not_contact": .bool(isBlocked),
      "invalid_number": BadNumber.json(row),
      "created_at": row.moment("created_at"), "updated_at": row.moment("updated_at"),
    ]
  }

  private static func fields(_ text: String, _ kinds: [String: ContactField.Kind]) -> JSON {
    .object(
      ContactField.values(text).sorted { $0.key < $1.key }.map { name, value in
        (name, (kinds[name] ?? .text).json(value))
      })
  }

  /// Reads the members of a contact that may be written. `kinds` are the custom fields there are; others are made as they come.
  static func edit(
    _ fields: inout Fields, kinds: [String: ContactField.Kind]
  ) throws -> (edit: Contact.Edit, new: [ContactField]) {
    var edit = Contact.Edit()
    for (column, most) in [
      (Contact.Edit.Column.firstName, 200), (.lastName, 200), (.email, 320), (.timeZone, 64), (.language, 35),
      (.notes, 5000),
    ] where fields.has(column.rawValue) {
      var text = fields.text(column.rawValue, most: most).map { TextCleaner.clean($0, keepsLines: column == .notes) }
        .flatMap { $0.isEmpty ? nil : $0 }
      if let given = text, column == .timeZone {
        text = TimeZones.kept(given)
        if text == nil { fields.fail("time_zone", "is not a time zone like America/New_York") }
      }
      if let text, column == .email, text.wholeMatch(of: /[^\s@]+@[^\s@]+\.[^\s@]+/) == nil {
        fields.fail("email", "is not an e-mail address")
      }
      edit.columns.append((column, column == .email ? text?.lowercased() : text))
    }
    if fields.has("tags") { edit.tags = tags(&fields) }
    let new = custom(&fields, into: &edit, kinds)
    return (edit, new)
  }

  static func tags(_ fields: inout Fields) -> [String] {
    fields.names("tags", most: 50, longest: Tag.longest, without: Tag.marks) ?? []
  }

  private static func custom(
    _ fields: inout Fields, into edit: inout Contact.Edit, _ kinds: [String: ContactField.Kind]
  ) -> [ContactField] {
    guard let value = fields.value("fields") else {
      if fields.has("fields") { fields.fail("fields", "must be an object; null clears a field inside it") }
      return []
    }
    guard let members = value.members, members.count <= ContactField.most else {
      fields.fail("fields", "must be an object of at most \(ContactField.most) members")
      return []
    }
    var new: [ContactField] = []
    for (given, value) in members {
      let name = ContactField.composed(given)
      guard ContactField.mayBeNamed(name) else {
        fields.fail("fields.\(String(given.unicodeScalars.prefix(60)))", "as a name " + ContactField.nameRule)
        continue
      }
      if case .null = value {
        edit.fields.append((name, nil))
        continue
      }
      let kind = kinds[name] ?? kind(of: value)
      guard let text = text(of: value), !text.unicodeScalars.contains("\u{0}"),
        let canonical = kind.canonical(kind == .text ? TextCleaner.clean(text, keepsLines: true) : text)
      else {
        fields.fail("fields.\(name)", "must be a \(kind.rawValue)")
        continue
      }
      if kinds[name] == nil { new.append(ContactField(name: name, kind: kind)) }
      edit.fields.append((name, canonical))
    }
    return new
  }

  private static func text(of value: JSON) -> String? {
    switch value {
    case .text(let text): text
    case .int(let number): String(number)
    case .double, .bool: value.serialized
    case .null, .list, .object: nil
    }
  }

  private static func kind(of value: JSON) -> ContactField.Kind {
    switch value {
    case .int, .double: .number
    case .bool: .boolean
    default: .text
    }
  }
}
