/// Free text that a reasonable person would read as "do not text me any more" (47 CFR 64.1200(a)(10)). What fires only pauses
/// texting to that person until somebody decides, so a doubtful text is read as one.
///
/// How we read, where opinions may differ:
/// - *A wrong number is an opt-out.* Anyone who holds the phone now never consented, and says so.
/// - *A refusal is not.* "No thanks", "not interested", "no me interesa" answer one offer. "Not interested in your texts" fires.
/// - *Anger is not an opt-out.* "This is bullshit" or "fuck you" says nothing about texts; "fuck off", "go away", "this is harassment",
///   a threat to report or block the sender does.
/// - *Cancelling a thing is not.* "Cancel my 3pm appointment" is about the appointment; "cancel these alerts" and "cancel my
///   subscription" are taken for the texts.
/// - *A question how to stop is an opt-out.* The law lets nobody insist on the right word.
/// - *Another hour or way is not*, as long as it names one: "don't text me before 9".
///
/// Pure and fast enough for the webhook handler: a text is cut into known words once, and only phrases that begin with a word of
/// the text are tried.
package enum FreeText {
  /// The rule that fired, short and stable for the review queue ("stop-texting", "es-no-mas"), or nil.
  /// English and Spanish are always read; `languages` adds others by code (`FreeText.furtherLanguages`). Unknown codes add nothing.
  package static func readsAsOptOut(_ body: String, languages: Set<String> = []) -> String? {
    finding(in: body, languages: languages)?.reason
  }

  /// The words by which the text reads as an opt-out: what a person who decides looks at first.
  package static func deciding(in body: String, languages: Set<String> = []) -> Range<String.Index>? {
    guard let finding = finding(in: body, languages: languages) else { return nil }
    let utf8 = body.utf8
    func index(_ byte: Int) -> String.Index { utf8.index(utf8.startIndex, offsetBy: min(max(byte, 0), utf8.count)) }
    return body.wholeCharacters(index(finding.bytes.lowerBound)..<index(finding.bytes.upperBound))
  }

  private static func finding(in body: String, languages: Set<String>) -> FreeTextTable.Finding? {
    var changes = TextChanges()
    let text = OwnWords.of(body, &changes)
    if text.isEmpty { return nil }
    let own = changes
    let read = FramedKeyword.withoutSigns(text, &changes)
    if let found = table.ruleThatFires(on: read, languages: languages) {
      return .init(reason: found.reason, bytes: changes.original(found.bytes))
    }
    guard FramedKeyword.isStop(text) else { return nil }
    return .init(reason: "stop-in-a-frame", bytes: own.original(text.bytesOfWords))
  }

  package static let furtherLanguages: Set<String> = Set(FreeTextRules.further.keys)

  private static let table = FreeTextTable()
}
