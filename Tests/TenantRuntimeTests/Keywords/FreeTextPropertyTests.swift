import TenantRuntime
import TestKit
import Testing

/// Whatever a person writes is read to its end.
@Suite struct FreeTextPropertyTests {
  @Test(arguments: [
    "dont t t t t", "I don't t t t t know", "do n o t t t t", "no t t t t", "opt o u t t t", "t t t t", "s t o p",
    "dont s t o p", "s t o p 停", "d o n t t t t t . ! ?", "wont t t t t t t t t",
  ])
  func spelledLettersThatJoinWordsAreRead(_ body: String) { _ = FreeText.readsAsOptOut(body) }

  @Test func aSpelledWordIsStillRead() {
    #expect(FreeText.readsAsOptOut("s t o p texting me") == "stop-texting")
    #expect(FreeText.readsAsOptOut("please S.T.O.P texting me") == "stop-texting")
    #expect(FreeText.readsAsOptOut("don t text me again") == "do-not-text")
  }

  private static let pieces = [
    "do", "don", "don't", "not", "no", "t", "s", "o", "p", "stop", "text", "texting", "me", "opt", "out", "remove",
    "please", "thanks", "wrong", "number", "#", "never", "signed", "up", "unsubscribe", "alto", "ya", "quiero",
    "mensajes",
    "cancel", "my", "alerts", "keine", "mehr", "停", "退订", "e\u{301}", "ｓ", "𝗦", "🛑", "\u{200D}", "\u{0}", "1", "9",
    " ", " ", " ", " ", " ", ".", ",", "!", "?", "…", "\n", "'", "’", "-", "/", "...", "\"", "*",
  ]

  @Test func everyTextIsReadToItsEnd() {
    var chance = Chance()
    let languages = FreeText.furtherLanguages
    for _ in 0..<4_000 {
      let text = chance.text(60, of: Self.pieces)
      let read = chance.happens(1, in: 2) ? languages : []
      let range = FreeText.deciding(in: text, languages: read)
      #expect((FreeText.readsAsOptOut(text, languages: read) != nil) == (range != nil))
      #expect(range?.isEmpty != true, "\(text)")
      _ = Keyword(body: text)
      let words = (0..<chance.below(4)).map { _ in chance.text(6, of: Self.pieces) }
      if let own = try? KeywordWords(languages: [], own: [.stop: words]) { _ = Keyword(body: text, words: own) }
    }
  }

  @Test func theLongestTextsAreReadToo() {
    var chance = Chance()
    for piece in Self.pieces {
      let text = String(repeating: piece + (chance.happens(1, in: 2) ? " " : ""), count: 5_000)
      _ = FreeText.readsAsOptOut(text, languages: FreeText.furtherLanguages)
      _ = Keyword(body: text)
    }
  }
}
