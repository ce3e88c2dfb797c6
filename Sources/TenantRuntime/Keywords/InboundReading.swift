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
