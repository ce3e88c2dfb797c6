import Foundation

/// The texts that stand in a template, found for translation: what a reader sees between tags, and in the attributes that are read out.
///
/// English is written in the template; another language is put in its place when the template is loaded. So a template is one file, and a text
/// that has no translation is found by a test.
package enum PageTexts {
  private enum Piece {
    case markup(Substring)
    case text(Substring)
  }

  /// Attributes that people hear or see.
  private static let spoken = ["aria-label", "placeholder", "data-confirm", "data-done", "alt"]

  package static func all(in template: String) -> [String] {
    var found: [String] = []
    _ = translated(template) { text in
      found.append(text)
      return text
    }
    return found
  }

  /// - Parameter translate: gives the text that takes the place of a trimmed one with a letter in it.
  package static func translated(_ template: String, by translate: (String) -> String) -> String {
    pieces(template).map { piece in
      switch piece {
      case .text(let text): replaced(text, by: translate)
      case .markup(let markup): inAttributes(String(markup), by: translate)
      }
    }.joined()
  }

  private static func replaced(_ text: Substring, by translate: (String) -> String) -> String {
    let isRead = withoutTags(text).contains { $0.isLetter }
    guard isRead, let first = text.firstIndex(where: { !$0.isWhitespace }),
      let last = text.lastIndex(where: { !$0.isWhitespace })
    else { return String(text) }
    return String(text[..<first]) + translate(String(text[first...last])) + String(text[text.index(after: last)...])
  }

  private static func withoutTags(_ text: Substring) -> String {
    String(text).replacing(#/\{\{\{?[^{}]*\}?\}\}/#, with: "").replacing(#/\{i:[a-z0-9-]+\}/#, with: "")
      .replacing(#/&[a-z#0-9]+;/#, with: "")
  }

  private static func inAttributes(_ markup: String, by translate: (String) -> String) -> String {
    guard markup.hasPrefix("<") else { return markup }
    var out = markup
    for name in spoken {
      guard let opening = out.range(of: " \(name)=\""),
        let closing = out[opening.upperBound...].firstIndex(of: "\"")
      else { continue }
      let value = out[opening.upperBound..<closing]
      // A section inside an attribute is not one text.
      if value.contains("{{#") || value.contains("{{^") { continue }
      out.replaceSubrange(opening.upperBound..<closing, with: replaced(value, by: translate))
    }
    return out
  }

  /// Cuts at tags of HTML, at Mustache's sections and partials, and at icons; variables stay a part of their sentence.
  private static func pieces(_ template: String) -> [Piece] {
    var pieces: [Piece] = []
    var rest = template[...]
    var text = rest.startIndex
    func end(_ at: String.Index) { if text < at { pieces.append(.text(rest[text..<at])) } }
    var at = rest.startIndex
    while at < rest.endIndex {
      if rest[at] == "{", let variable = rest[at...].prefixMatch(of: #/\{\{\{?[^{}#^\/><$!%][^{}]*\}?\}\}/#) {
        at = variable.range.upperBound
        continue
      }
      guard let length = markup(rest[at...]) else {
        at = rest.index(after: at)
        continue
      }
      end(at)
      let next = rest.index(at, offsetBy: length)
      pieces.append(.markup(rest[at..<next]))
      (at, text) = (next, next)
    }
    end(rest.endIndex)
    rest = ""
    return pieces
  }

  private static func markup(_ rest: Substring) -> Int? {
    switch rest.first {
    case "<": tag(rest)
    case "{":
      rest.prefixMatch(of: #/\{\{[#^\/><$!%][^{}]*\}\}|\{i:[a-z0-9-]+\}|\{h:|\}/#).map {
        rest.distance(from: rest.startIndex, to: $0.range.upperBound)
      }
    case "}" where !rest.hasPrefix("}}"): 1
    default: nil
    }
  }

  /// A quoted attribute may hold a `>`.
  private static func tag(_ rest: Substring) -> Int? {
    guard let second = rest.dropFirst().first, second.isLetter || second == "/" || second == "!" else { return nil }
    var isQuoted = false
    for (offset, character) in rest.enumerated() {
      if character == "\"" { isQuoted.toggle() }
      if character == ">", !isQuoted { return offset + 1 }
    }
    return nil
  }
}
