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
  static let unsubscribeLink = "unsubscribe_link"

  /// - Parameter inside: what stands between the braces.
  init(inside: Substring) throws(Problem) {
    let sides = inside.split(separator: "|", maxSplits: 1, omittingEmptySubsequences: false)
    let written = TextCleaner.clean(String(sides[0]))
    guard written.wholeMatch(of: /\p{L}[\p{L}\p{M}\p{N}_ .]{0,59}/) != nil else {
      throw Problem(message: "has a merge field that is not a name: {{\(written.prefix(40))}}")
    }
    name = Self.name(written)
    fallback = sides.count > 1 ? String(sides[1]) : nil
  }

  /// As people write it: `First Name`, `firstname`, `FIRST_NAME`, `contact.first_name`.
  static func name(_ written: String) -> String {
    var name = ContactField.name(written)
    for whose in ["contact_", "customer_", "person_", "subscriber_", "recipient_", "user_"]
    where name.hasPrefix(whose) && own.contains(String(name.dropFirst(whose.count))) {
      name = String(name.dropFirst(whose.count))
    }
    return spellings[compact(name)] ?? name
  }

  static func compact(_ name: String) -> String { name.lowercased().filter { $0.isLetter || $0.isNumber } }

  private static let spellings: [String: String] = [
    "firstname": "first_name", "lastname": "last_name", "email": "email", "emailaddress": "email", "phone": "phone",
    "phonenumber": "phone", "unsubscribelink": unsubscribeLink,
  ]

  /// What other tools call the same (`FNAME`), by its letters.
  static func guess(_ written: String, known: Set<String>) -> String? {
    let key = compact(name(written))
    switch key {
    case "fname", "first", "firstname", "givenname", "name", "contactfirstname", "customerfirstname", "forename":
      return "first_name"
    case "lname", "last", "lastname", "surname", "familyname", "contactlastname": return "last_name"
    case "mail", "emailaddress", "email": return "email"
    case "mobile", "phone", "phonenumber", "cell", "sms": return "phone"
    case "unsubscribe", "unsub", "unsubscribelink", "optout", "unsubscribeurl": return unsubscribeLink
    default: return known.first { compact($0) == key }
    }
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
      let field = try MergeField(inside: rest[open.upperBound..<close.lowerBound])
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
        let fields = custom ?? (row["fields"] as String?).map(Contact.fields) ?? [:]
        custom = fields
        return fields[name] ?? fields.first { compact($0.key) == compact(name) }?.value
      }
    }
  }
}
