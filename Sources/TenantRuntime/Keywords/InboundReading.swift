/// What a person's text asks for, judged in the webhook handler, so that it holds from the moment the webhook is answered; judged once more when it
/// is applied, with the words in the file, should the handler not have known them.
package struct InboundReading: Sendable, Equatable, Codable {
  package enum Intent: String, Sendable, Codable { case stop, start, help }
  /// What a keyword asks for.
  package var intent: Intent?
  /// The rule by which free text reads as an opt-out: a person decides.
  package var reviewRule: String?
  /// The provider has answered the keyword itself (Advanced Opt-Out): a second confirmation would be one too many.
  package var isAnswered: Bool

  package init(body: String, optOutType: String?, words: KeywordWords, languages: Set<String>) {
    let keyword = Keyword(body: body, words: words)
    isAnswered = optOutType != nil
    // Anyone who says stop has stopped, whatever the provider makes of it.
    switch (keyword, optOutType) {
    case (.stop, _), (_, "STOP"): intent = .stop
    case (.start, _), (_, "START"): intent = .start
    case (.help, _), (_, "HELP"): intent = .help
    default: intent = nil
    }
    reviewRule = intent == nil ? FreeText.readsAsOptOut(body, languages: languages) : nil
  }
}

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
