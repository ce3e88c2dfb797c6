import Foundation
package import GRDB

/// A custom field: its name and how its text is meant. Values are stored as text in `contacts.fields`; the type says what is
/// accepted, how it compares in audiences, and how JSON shows it.
package struct ContactField: Sendable, Equatable {
  package enum Kind: String, CaseIterable, Sendable {
    case text, number, date, boolean

    /// The one way a value of this kind is written, or nil if it is not one: `12.50` → `12.50`, `Yes` → `true`, `2026-11-23`.
    package func canonical(_ text: String) -> String? {
      switch self {
      case .text: text.unicodeScalars.count <= ContactField.longestValue ? text : nil
      case .number: Self.isNumber(text) || Self.isScientific(text) ? text : nil
      case .date: Self.isDate(text) ? text : nil
      case .boolean:
        switch text.lowercased() {
        case "true", "yes", "1": "true"
        case "false", "no", "0": "false"
        default: nil
        }
      }
    }

    /// Digits with an optional sign and point; no leading zeros, which are codes (ZIP 02134) and not amounts, and no whole number that
    /// would not come back as it was (over 2⁶³). Byte by byte: imports ask this once a value.
    static func isNumber(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
      let count = text.count
      guard count > 0, count <= longestNumber else { return false }
      var at = text[0] == 0x2D ? 1 : 0
      let start = at
      while at < count, text[at] >= 0x30, text[at] <= 0x39 { at += 1 }
      guard at > start, at == start + 1 || text[start] != 0x30 else { return false }
      if at == count { return count - start < 19 || Int64(String(decoding: text, as: UTF8.self)) != nil }
      guard text[at] == 0x2E, at + 1 < count else { return false }
      at += 1
      while at < count, text[at] >= 0x30, text[at] <= 0x39 { at += 1 }
      return at == count
    }

    /// A 64-bit floating point number is written with at most so many characters.
    private static let longestNumber = 24

    /// `1e-8`, as programs write small and large numbers. In a new column of a file it is a code: nobody writes amounts so.
    private static func isScientific(_ text: String) -> Bool {
      text.utf8.count <= longestNumber && text.wholeMatch(of: #/-?(0|[1-9]\d*)(\.\d+)?[eE][+-]?\d{1,3}/#) != nil
        && Double(text)?.isFinite == true
    }

    nonisolated(unsafe) private static let grouped = #/[$€£]?\s?(-?\d{1,3}(?:,\d{3})+(?:\.\d+)?)/#

    /// The same for what people and spreadsheets write: `1,204`, `4/1/1991`, `Y`.
    func read(_ text: String, dayFirst: Bool) -> String? {
      switch self {
      case .text: return nil
      case .number:
        guard let match = text.wholeMatch(of: Self.grouped) else { return nil }
        let plain = String(match.1).replacing(",", with: "")
        return Self.isNumber(plain) ? plain : nil
      case .date: return WrittenDate.iso(text, dayFirst: dayFirst)
      case .boolean:
        return switch ConsentAnswer(text) {
        case .yes?: "true"
        case .no?: "false"
        default: nil
        }
      }
    }

    static func isNumber(_ text: String) -> Bool { Array(text.utf8).withUnsafeBufferPointer(isNumber) }
    static func isDate(_ text: String) -> Bool { CalendarDate.isValid(text) }

    /// What the API shows for stored text.
    package func json(_ text: String) -> JSON {
      switch self {
      case .text, .date: .text(text)
      case .number: Int64(text).map(JSON.int) ?? Double(text).map(JSON.double) ?? .text(text)
      case .boolean: .bool(text == "true")
      }
    }
  }

  /// `1,204` of a file whose column has become text since is the `1204` that its first reading has kept.
  static func isSame(_ stored: String?, _ written: String) -> Bool {
    guard let stored else { return false }
    for kind in [Kind.number, .date] where kind.canonical(stored) != nil {
      if [false, true].contains(where: { kind.read(written, dayFirst: $0) == stored }) { return true }
    }
    return false
  }

  /// What a text calls the address of the page where a person takes back consent; no field of a contact.
  static let unsubscribeLink = "unsubscribe_link"

  /// Columns that every contact has: a custom field of that name would hide them in an export; and what a text calls the unsubscribe page.
  private static let reserved: Set<String> = [
    "phone", "first_name", "last_name", "email", "tags", "time_zone", "language", "notes", "do_not_contact", "opt_out",
    "created_at", "updated_at", "roundhouse_id", "roundhouse_created_at", unsubscribeLink,
  ]
  /// The one check of every way to make a field.
  static func isReserved(_ name: String) -> Bool { name.isEmpty || reserved.contains(name) }
  /// By scalars: strings that only look alike are equal in Swift, and two names in SQLite.
  static func mayBeNamed(_ name: String) -> Bool {
    Self.name(name).unicodeScalars.elementsEqual(name.unicodeScalars) && !isReserved(name)
  }
  /// As a caller may write it: an accent beside its letter is the letter with the accent.
  static func composed(_ name: String) -> String { name.precomposedStringWithCanonicalMapping }
  static let nameRule = "must be small letters, digits and _, like favourite_colour, and not a column every contact has"

  package static let longestValue = 2000
  package static let most = 200
  package var name: String
  package var kind: Kind

  package static func all(_ db: Database) throws -> [String: Kind] {
    let rows = try Row.fetchAll(db.cachedStatement(sql: "SELECT name, type FROM contact_fields"))
    return Dictionary(
      uniqueKeysWithValues: rows.map { ($0["name"] as String, Kind(rawValue: $0["type"]) ?? .text) })
  }

  /// Makes text of fields that have met values of another type.
  static func widen(_ db: Database, _ names: [String]) throws {
    for name in names {
      try db.cachedStatement(sql: "UPDATE contact_fields SET type = 'text' WHERE name = ?").execute(arguments: [name])
    }
  }

  /// Makes fields that are not there yet; a field keeps the type it was born with, or widens to text (`widen`).
  package static func define(_ db: Database, _ fields: [ContactField], at: Moment) throws {
    for field in fields {
      guard !isReserved(field.name) else { throw Refusal.invalid("fields.\(field.name)", nameRule) }
      try db.cachedStatement(
        sql: "INSERT INTO contact_fields (name, type, created_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
      ).execute(arguments: [field.name, field.kind.rawValue, at])
    }
    let count = try Int.fetchOne(db.cachedStatement(sql: "SELECT count(*) FROM contact_fields")) ?? 0
    guard count <= most else { throw Refusal.invalid("fields", "may be at most \(most) different custom fields") }
  }

  /// `Favourite Colour` → `favourite_colour`: what merge fields and audiences call it.
  package static func name(_ header: String) -> String {
    // Composed, so that an accent is not cut off its letter; by scalars, as the schema counts.
    // A mark is part of the word it is in; it begins none.
    var isInWord = false
    let folded = header.lowercased().precomposedStringWithCanonicalMapping.unicodeScalars.map { scalar in
      isInWord = isOfAWord(scalar.properties) && (isInWord || !isMark(scalar.properties))
      return isInWord ? scalar : "_"
    }
    let words = folded.split(separator: "_")
    var name = String.UnicodeScalarView()
    for word in words {
      if !name.isEmpty { name.append("_") }
      name.append(contentsOf: word)
    }
    // Cut between words, it would end in a mark that its own name has not.
    let cut = name.prefix(60)
    return String(cut.last == "_" ? cut.dropLast() : cut)
  }

  static func isOfAWord(_ scalar: Unicode.Scalar.Properties) -> Bool {
    scalar.isAlphabetic || scalar.numericType != nil || isMark(scalar)
  }

  private static func isMark(_ scalar: Unicode.Scalar.Properties) -> Bool {
    [.nonspacingMark, .spacingMark].contains(scalar.generalCategory)
  }
}

/// The custom fields there are, as an import must know them.
struct KnownFields: Sendable {
  var kinds: [String: ContactField.Kind] = [:]
  /// Saved audiences compare these by their type, which therefore stays.
  var locked: Set<String> = []

  static func read(_ db: Database) throws -> KnownFields {
    let kinds = try ContactField.all(db)
    let rules = try String.fetchAll(db.cachedStatement(sql: "SELECT rule FROM audiences"))
    let typed = kinds.filter { $0.value != .text }.map(\.key)
    return KnownFields(
      kinds: kinds, locked: Set(typed.filter { name in rules.contains { $0.contains(JSON.text(name).serialized) } }))
  }
}

extension ContactField {
  static func values(_ text: String) -> [String: String] {
    guard text != "{}", let members = (try? JSON(parsing: text))?.members else { return [:] }
    return Dictionary(
      members.compactMap { name, value in value.text.map { (name, $0) } }, uniquingKeysWith: { _, last in last })
  }
}
