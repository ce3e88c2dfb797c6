/// What the whole body of an inbound text asks for: one word or short phrase, nothing beside it but punctuation and emoji
/// (Twilio's default words plus those of 47 CFR 64.1200(a)(10)). "STOP PLEASE" is no keyword; `FreeText` reads that.
package enum Keyword: Sendable, Equatable, CaseIterable {
  case stop, start, help

  package init?(body: String, words: KeywordWords = .standard) {
    guard let key = Self.key(body), let keyword = words.meaning(of: key) else { return nil }
    self = keyword
  }

  /// Letters and digits alone, folded: "S.T.O.P", "“Stop!!” 🛑" and "opt-out" give `stop`, `stop`, `optout`.
  /// Nil when nothing is left, or more than any keyword may have, so that a long body costs no more than a short one.
  static func key(_ body: String) -> String? {
    var key = String.UnicodeScalarView()
    var count = 0
    for scalar in body.unicodeScalars {
      guard let value = Folding.letter(scalar), let letter = Unicode.Scalar(value) else { continue }
      count += 1
      if count > KeywordWords.longest { return nil }
      key.append(letter)
    }
    return count == 0 ? nil : String(key)
  }
}
