import Foundation

/// A regular expression of Foundation: over all sources, in a debug build, Swift's own take minutes.
struct Pattern: Sendable {
  private let expression: NSRegularExpression

  init(_ text: String) { expression = try! NSRegularExpression(pattern: text) }

  /// The whole match first, then its groups.
  struct Match {
    let groups: [String?]
    let range: Range<String.Index>

    subscript(_ group: Int) -> String? { groups[group] }
  }

  func matches(in text: String) -> [Match] {
    expression.matches(in: text, range: NSRange(text.startIndex..., in: text)).compactMap { match in
      guard let range = Range(match.range, in: text) else { return nil }
      let groups = (0..<match.numberOfRanges).map { group in
        Range(match.range(at: group), in: text).map { String(text[$0]) }
      }
      return Match(groups: groups, range: range)
    }
  }

  func replacing(in text: String, with template: String) -> String {
    expression.stringByReplacingMatches(
      in: text, range: NSRange(text.startIndex..., in: text), withTemplate: template)
  }
}
