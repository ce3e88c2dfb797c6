import Foundation
import GRDB

/// A campaign's text with its merge fields and links: `Hi {{first_name|there}}, see https://example.com/sale`.
///
/// Fields are the contact's own (`first_name`, `last_name`, `email`, `phone`) or custom ones. A field without a value and without
/// a default refuses the text for that contact. Plain http(s) URLs become short links, at most seven of them; `{{unsubscribe_link}}` leads to a
/// page with a button.
package struct MessageTemplate: Sendable, Equatable {
  package static let mostLinks = 7

  package enum Part: Sendable, Equatable {
    case text(String)
    case field(String, fallback: String?)
    case link(Int)
    case unsubscribe
  }

  private static let unsubscribeField = "unsubscribe_link"
  package static let ownFields: Set<String> = ["first_name", "last_name", "email", "phone"]

  package var fieldsWithoutDefault: [String] {
    parts.compactMap { if case .field(let name, nil) = $0 { name } else { nil } }
  }

  package struct Problem: Error, Equatable { package var message: String }

  package private(set) var parts: [Part] = []
  /// Targets of the links, by link number.
  package private(set) var links: [String] = []

  package init(_ body: String) throws {
    var rest = body[...]
    while let open = rest.range(of: "{{") {
      try appendText(rest[..<open.lowerBound])
      guard let close = rest[open.upperBound...].range(of: "}}") else {
        throw Problem(message: "has `{{` without `}}`")
      }
      let inside = rest[open.upperBound..<close.lowerBound].split(
        separator: "|", maxSplits: 1, omittingEmptySubsequences: false)
      let name = inside[0].trimmingCharacters(in: .whitespaces)
      guard name.wholeMatch(of: /[A-Za-z][A-Za-z0-9_ ]{0,59}/) != nil else {
        throw Problem(message: "has a merge field that is not a name: {{\(name.prefix(40))}}")
      }
      parts.append(
        name == Self.unsubscribeField
          ? .unsubscribe : .field(name, fallback: inside.count > 1 ? String(inside[1]) : nil))
      rest = rest[close.upperBound...]
    }
    try appendText(rest)
  }

  private mutating func appendText(_ text: Substring) throws {
    var rest = text
    while let match = rest.firstMatch(of: /https?:\/\/[^\s<>"{}]+/.ignoresCase()) {
      var url = match.output
      while let last = url.last, ".,;:!?)]'".contains(last) { url = url.dropLast() }
      guard let parsed = URL(string: String(url)), let host = parsed.host, !host.isEmpty, parsed.user == nil else {
        throw Problem(message: "has a link that is not a plain http(s) address")
      }
      if match.range.lowerBound > rest.startIndex { parts.append(.text(String(rest[..<match.range.lowerBound]))) }
      guard links.count < Self.mostLinks else { throw Problem(message: "may hold at most \(Self.mostLinks) links") }
      parts.append(.link(links.count))
      links.append(String(url))
      rest = rest[url.endIndex...]
    }
    if !rest.isEmpty { parts.append(.text(String(rest))) }
  }

  package var hasUnsubscribeLink: Bool { parts.contains(.unsubscribe) }

  /// Where a link of the text leads: a short one under the tenant's host, else the address as it was written.
  func address(_ number: Int, host: String?, token: () -> String) -> String {
    guard let host else { return number < links.count ? links[number] : "" }
    return "https://\(host)/\(number == LinkToken.unsubscribe ? "u/" : "")\(token())"
  }

  /// The text for one contact; nil when a field has neither value nor default.
  package func render(field: (String) -> String?, link: (Int) -> String) -> String? {
    var out = ""
    for part in parts {
      switch part {
      case .text(let text): out += text
      case .link(let number): out += link(number)
      case .unsubscribe:
        let url = link(LinkToken.unsubscribe)
        // Without a link host there is no page to lead to.
        guard !url.isEmpty else { return nil }
        out += url
      case .field(let name, let fallback):
        let value = field(name).flatMap { $0.isEmpty ? nil : $0 }
        guard let text = value ?? fallback else { return nil }
        out += text
      }
    }
    return out
  }

  private static let longest = 1600

  /// The text for a contact's row (its columns and `fields`); nil also when it comes out blank or longer than the provider takes.
  func render(contact row: Row, phone: PhoneNumber, link: (Int) -> String) -> String? {
    let text = render(field: Self.values(of: row, phone: phone), link: link)
    return text.flatMap { $0.unicodeScalars.count <= Self.longest && !$0.allSatisfy(\.isWhitespace) ? $0 : nil }
  }

  /// Merge fields that have neither a value for this contact nor a default.
  func missing(contact row: Row, phone: PhoneNumber) -> [String] {
    let value = Self.values(of: row, phone: phone)
    return fieldsWithoutDefault.filter { (value($0) ?? "").isEmpty }
  }

  /// What a contact's row says for a field; custom ones are read when the first is asked for.
  private static func values(of row: Row, phone: PhoneNumber) -> (String) -> String? {
    var custom: [String: String]?
    return { name in
      switch name {
      case "first_name", "last_name", "email": return row[name]
      case "phone": return phone.description
      default:
        let fields = custom ?? (row["fields"] as String?).map(Contact.fields) ?? [:]
        custom = fields
        return fields[name]
      }
    }
  }

  /// What is wrong with a text that a person wrote, its unknown fields included; nil: nothing.
  static func problem(_ body: String, known: Set<String>) -> String? {
    do {
      for name in try MessageTemplate(body).fieldsWithoutDefault
      where !ownFields.contains(name) && !known.contains(name) {
        return "no contact has a field \(name); give it a default, {{\(name)|…}}, or leave it out"
      }
    } catch { return (error as? Problem)?.message ?? "is not a text with merge fields" }
    return nil
  }
}
