import Foundation
import GRDB

/// A campaign's text with its merge fields and links: `Hi {{first_name|there}}, see https://example.com/sale`.
///
/// Fields are the contact's own (`first_name`, `last_name`, `email`, `phone`) or custom ones. A field without a value and without
/// a default refuses the text for that contact. Plain http(s) URLs, which may hold merge fields behind their host, become short links, at most
/// seven of them; `{{unsubscribe_link}}` leads to a page with a button.
package struct MessageTemplate: Sendable, Equatable {
  package static let mostLinks = 7

  package enum Part: Sendable, Equatable {
    case text(String)
    case field(String, fallback: String?)
    case link(Int)
    case unsubscribe
  }

  package typealias Problem = MergeField.Problem

  /// Those of the text and of its links.
  package var fieldsWithoutDefault: [String] {
    parts.compactMap { if case .field(let name, nil) = $0 { name } else { nil } }
      + targets.flatMap(\.fields).filter { $0.fallback == nil }.map(\.name)
  }

  /// All of them, with a default or without.
  var fields: [String] {
    parts.compactMap { if case .field(let name, _) = $0 { name } else { nil } } + targets.flatMap(\.fields).map(\.name)
  }

  package private(set) var parts: [Part] = []
  /// Where the links lead, by link number.
  package private(set) var targets: [LinkTarget] = []
  /// An address that the next piece of the text may go on with.
  private var open = ""

  package init(_ body: String) throws(Problem) {
    for piece in try MergeField.pieces(of: body) {
      switch piece {
      case .text(let text): try append(text)
      case .field(let field, let raw):
        if field.name == MergeField.unsubscribeLink {
          try closeLink()
          parts.append(.unsubscribe)
        } else if open.isEmpty {
          // It would go round the short links and the hosts they may lead to.
          guard field.fallback?.contains("://") != true else {
            throw Problem(
              message: "has an address in the default of {{\(field.name)}}; addresses stand in the text itself")
          }
          parts.append(.field(field.name, fallback: field.fallback))
        } else {
          open += raw
        }
      }
    }
    try closeLink()
  }

  private mutating func append(_ text: Substring) throws(Problem) {
    var rest = text
    if !open.isEmpty {
      let more = LinkEnd.address(open, goingOn: rest)
      open += more
      rest = rest.dropFirst(more.count)
      if !rest.isEmpty { try closeLink() }
    }
    while let match = rest.firstMatch(of: /https?:\/\//.ignoresCase()) {
      if match.range.lowerBound > rest.startIndex { parts.append(.text(String(rest[..<match.range.lowerBound]))) }
      let more = LinkEnd.address(String(match.output), goingOn: rest[match.range.upperBound...])
      open = String(match.output) + more
      rest = rest[match.range.upperBound...].dropFirst(more.count)
      // At the end of a piece a merge field follows, which may be part of the address.
      if !rest.isEmpty { try closeLink() }
    }
    if !rest.isEmpty { parts.append(.text(String(rest))) }
  }

  /// The address ends here; the punctuation behind it is the sentence's.
  private mutating func closeLink() throws(Problem) {
    guard !open.isEmpty else { return }
    defer { open = "" }
    let url = LinkEnd.withoutPunctuation(open)
    // Somebody writes about addresses.
    guard !url.hasSuffix("://") else { return parts.append(.text(open)) }
    guard targets.count < Self.mostLinks else { throw Problem(message: "may hold at most \(Self.mostLinks) links") }
    parts.append(.link(targets.count))
    targets.append(try LinkTarget(String(url)))
    if url.endIndex < open.endIndex { parts.append(.text(String(open[url.endIndex...]))) }
  }

  package var hasUnsubscribeLink: Bool { parts.contains(.unsubscribe) }

  /// The short address of a link under the tenant's host; nil without a host: then the address stays as it was written.
  func address(_ number: Int, host: String?, token: () -> String) -> String? {
    host.map { "https://\($0)/\(number == LinkToken.pageNumber ? "u/" : "")\(token())" }
  }

  /// The text for one contact; nil when a field, of a link's address too, has neither value nor default.
  package func render(field: (String) -> String?, link: (Int) -> String?) -> String? {
    func value(_ name: String) -> String? { field(name).flatMap { $0.isEmpty ? nil : $0 } }
    var out = ""
    for part in parts {
      switch part {
      case .text(let text): out += text
      case .link(let number):
        let target = targets[number]
        guard target.fields.allSatisfy({ $0.fallback != nil || value($0.name) != nil }) else { return nil }
        out += link(number) ?? (target.hasFields ? target.filled(value) : target.written)
      case .unsubscribe:
        // Without a link host there is no page to lead to.
        guard let url = link(LinkToken.pageNumber) else { return nil }
        out += url
      case .field(let name, let fallback):
        guard let text = value(name) ?? fallback else { return nil }
        out += text
      }
    }
    return out
  }

  private static let longest = 1600

  /// The text for a contact's row (its columns and `fields`); nil also when it comes out blank or longer than the provider takes.
  func render(contact row: Row, phone: PhoneNumber, link: (Int) -> String?) -> String? {
    let text = render(field: MergeField.values(of: row, phone: phone), link: link)
    return text.flatMap { $0.unicodeScalars.count <= Self.longest && !$0.allSatisfy(\.isWhitespace) ? $0 : nil }
  }

  /// Merge fields that have neither a value for this contact nor a default.
  func missing(contact row: Row, phone: PhoneNumber) -> [String] {
    let value = MergeField.values(of: row, phone: phone)
    return fieldsWithoutDefault.filter { (value($0) ?? "").isEmpty }
  }

  /// What is wrong with a text that a person wrote, its unknown fields included; nil: nothing.
  static func problem(_ body: String, known: Set<String>) -> String? {
    do {
      let fields = try MessageTemplate(body).fields
      if let problem = fields.lazy.compactMap({ MergeField.problem($0, known: known) }).first { return problem }
    } catch { return error.message }
    return ForeignPlaceholder.problem(body, known: known)
  }
}
