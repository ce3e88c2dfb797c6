import Foundation

/// Sentences of the program that were made with values in them, found again by what stands around the values: a refusal is English wherever it
/// is thrown, and a page says it in its reader's language.
struct SentencePatterns: Sendable {
  private struct Pattern: Sendable {
    /// What stands before, between and behind the values, and which value is where.
    var pieces: [String]
    var order: [Int]
    var translation: String
    var letters: Int
  }

  private let patterns: [Pattern]
  /// A pattern of fewer letters would fit what it does not mean.
  private static let fewestLetters = 6

  static let spanish = SentencePatterns(TenantPageSources.spanish)

  init(_ catalogue: [String: String]) {
    patterns = catalogue.compactMap { sentence, translation in
      let marks = sentence.matches(of: /\{([0-9])\}/)
      guard !marks.isEmpty else { return nil }
      var (pieces, from) = ([String](), sentence.startIndex)
      for mark in marks {
        pieces.append(String(sentence[from..<mark.range.lowerBound]))
        from = mark.range.upperBound
      }
      pieces.append(String(sentence[from...]))
      let letters = pieces.reduce(0) { $0 + $1.count { $0.isLetter } }
      guard letters >= Self.fewestLetters else { return nil }
      return Pattern(
        pieces: pieces, order: marks.compactMap { Int($0.1) }, translation: translation, letters: letters)
    }.sorted { ($0.letters, $0.translation) > ($1.letters, $1.translation) }
  }

  /// - Parameter value: what becomes of a value.
  func translated(_ sentence: String, _ value: (String) -> String) -> String? {
    for pattern in patterns {
      guard let values = Self.values(of: sentence, pattern.pieces) else { continue }
      var places = Array(repeating: "", count: (pattern.order.max() ?? 0) + 1)
      for (place, found) in zip(pattern.order, values) { places[place] = value(found) }
      return Words.filled(pattern.translation, places)
    }
    return nil
  }

  private static func values(of sentence: String, _ pieces: [String]) -> [String]? {
    guard let first = pieces.first, let last = pieces.last, sentence.hasPrefix(first) else { return nil }
    var rest = sentence.dropFirst(first.count)
    var values: [String] = []
    for piece in pieces.dropFirst().dropLast() {
      guard let found = rest.firstRange(of: piece), found.lowerBound > rest.startIndex else { return nil }
      values.append(String(rest[..<found.lowerBound]))
      rest = rest[found.upperBound...]
    }
    guard rest.hasSuffix(last), rest.count > last.count else { return nil }
    return values + [String(rest.dropLast(last.count))]
  }
}

extension Words {
  /// For what stands on no page of a tenant: without a zone of its own.
  package static func plain(_ language: Language, now: Moment) -> Words {
    Words(language, zone: .gmt, now: now, catalogue: language == .es ? TenantPageSources.spanish : [:])
  }

  /// A sentence that was made elsewhere, with its values in it.
  package func said(_ sentence: String) -> String {
    guard language == .es else { return sentence }
    func known(_ text: String) -> String? {
      let own = self(text)
      return own == text ? nil : own
    }
    return known(sentence) ?? SentencePatterns.spanish.translated(sentence) { known($0) ?? $0 } ?? sentence
  }
}
