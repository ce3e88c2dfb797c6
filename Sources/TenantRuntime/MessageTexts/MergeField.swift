import Foundation
import GRDB

/// `{{first_name|there}}`: what a contact's row says, or a default.
package struct MergeField: Sendable, Equatable {
  package var name: String
  package var fallback: String?

  package struct Problem: Error, Equatable { package var message: String }

  /// Those that every contact has; all others are custom.
  package static let own: Set<String> = ["first_name", "last_name", "email", "phone"]
  /// Not of a contact: the address of the page where a person takes back consent.
  static let unsubscribeLink = ContactField.unsubscribeLink

  /// - Parameter inside: what stands between the braces.
  init(inside: Substring) throws(Problem) {
    let sides = inside.split(separator: "|", maxSplits: 1, omittingEmptySubsequences: false)
    let written = TextCleaner.clean(String(sides[0]))
    name = Self.isName(written) ? Self.name(written) : ""
    guard !name.isEmpty else {
      throw Problem(message: "has a merge field that is not a name: {{\(written.prefix(40))}}")
    }
    fallback = sides.count > 1 ? String(sides[1]) : nil
  }

  /// Every name that a field can have is one, so that nothing can be made and never merged.
  private static func isName(_ written: String) -> Bool {
    (1...60).contains(written.unicodeScalars.count)
      && written.unicodeScalars.allSatisfy {
        ContactField.isOfAWord($0.properties) || "_ .-'’".unicodeScalars.contains($0)
      }
  }

  /// As people write it: `First Name`, `FIRST-NAME`.
  static func name(_ written: String) -> String {
    let name = ContactField.name(written)
    return compact(name) == "unsubscribelink" ? unsubscribeLink : name
  }

  static func compact(_ name: String) -> String { name.filter { $0 != "_" } }

  /// Which column of every contact a name means that no custom field has: `firstname`, `contact_first_name`, `email_address`.
  private static func column(_ name: String) -> String? {
    var name = name
    for whose in ["contact_", "customer_", "person_", "subscriber_", "recipient_", "user_"] where name.hasPrefix(whose)
    {
      name = String(name.dropFirst(whose.count))
      break
    }
    return spellings[compact(name)]
  }

  private static let spellings: [String: String] = [
    "firstname": "first_name", "lastname": "last_name", "email": "email", "emailaddress": "email", "phone": "phone",
    "phonenumber": "phone",
  ]

  /// The column or custom field that a name means; nil: no contact has it.
  static func meant(_ name: String, among known: some Collection<String>) -> String? {
    if own.contains(name) || known.contains(name) { return name }
    return known.filter { compact($0) == compact(name) }.min() ?? column(name)
  }

  /// What is wrong with a name that no contact has, with or without a default; nil: nothing.
  static func problem(_ name: String, known: Set<String>) -> String? {
    guard name != unsubscribeLink, meant(name, among: known) == nil else { return nil }
    guard let meant = guess(name, known: known) ?? nearest(name, known) else {
      return "no contact has a field \(name), so it would always be left out; take it out"
    }
    return "no contact has a field \(name); did you mean {{\(meant)}}?"
  }

  private static func nearest(_ name: String, _ known: Set<String>) -> String? {
    let name = compact(name)
    let near = known.union(own).union([unsubscribeLink]).map { (away: distance(name, compact($0)), name: $0) }
    return near.filter { $0.away <= max(1, (name.count + 1) / 3) }.min { $0 < $1 }?.name
  }

  /// How many letters must be put in, taken out or changed to make one of the other.
  private static func distance(_ one: String, _ other: String) -> Int {
    let other = Array(other)
    var row = Array(0...other.count)
    for (at, letter) in one.enumerated() {
      var diagonal = row[0]
      row[0] = at + 1
      for index in other.indices {
        let change = diagonal + (letter == other[index] ? 0 : 1)
        diagonal = row[index + 1]
        row[index + 1] = min(change, row[index] + 1, diagonal + 1)
      }
    }
    return row[other.count]
  }

  /// What other tools call the same (`FNAME`), by its letters.
  static func guess(_ written: String, known: Set<String>) -> String? {
    let name = name(written)
    if let column = column(name) { return column }
    let key = compact(name)
    switch key {
    case "fname", "first", "givenname", "name", "contactfirstname", "customerfirstname", "forename": return "first_name"
    case "lname", "last", "surname", "familyname", "contactlastname": return "last_name"
    case "mail": return "email"
    case "mobile", "cell", "sms": return "phone"
    case "unsubscribe", "unsub", "unsubscribelink", "optout", "unsubscribeurl": return unsubscribeLink
    default: break
    }
    if let field = known.filter({ compact($0) == key }).min() { return field }
    // As the API shows them (`fields.city`), and as other tools tell a contact's own apart.
    for kind in ["customfields", "customfield", "custom", "fields", "field"] where key.hasPrefix(kind) {
      let rest = key.dropFirst(kind.count)
      if let field = known.union(own).filter({ compact($0) == rest }).min() { return field }
    }
    return nil
  }

  /// A text cut at its merge fields.
  enum Piece {
    case text(Substring)
    /// `raw` with its braces.
    case field(MergeField, raw: Substring)
  }

  static func pieces(of text: some StringProtocol) throws(Problem) -> [Piece] {
    var pieces: [Piece] = []
    var rest = Substring(text)
    while let open = rest.range(of: "{{") {
      if open.lowerBound > rest.startIndex { pieces.append(.text(rest[..<open.lowerBound])) }
      guard let close = rest[open.upperBound...].range(of: "}}") else {
        throw Problem(message: "has `{{` without `}}`")
      }
      let inside = rest[open.upperBound..<close.lowerBound]
      guard !inside.contains("{{") else { throw Problem(message: "has `{{` inside a merge field") }
      let field = try MergeField(inside: inside)
      pieces.append(.field(field, raw: rest[open.lowerBound..<close.upperBound]))
      rest = rest[close.upperBound...]
    }
    if !rest.isEmpty { pieces.append(.text(rest)) }
    return pieces
  }

  /// What a contact's row (its columns and `fields`) says for a name; custom ones are read when the first is asked for.
  static func values(of row: Row, phone: PhoneNumber) -> (String) -> String? {
    var custom: [String: String]?
    return { name in
      switch name {
      case "first_name", "last_name", "email": return row[name]
      case "phone": return phone.description
      default:
        let fields = custom ?? (row["fields"] as String?).map(ContactField.values) ?? [:]
        custom = fields
        switch meant(name, among: fields.keys) {
        case "phone"?: return phone.description
        case let column? where own.contains(column): return row[column]
        case let field?: return fields[field]
        case nil: return nil
        }
      }
    }
  }
}
