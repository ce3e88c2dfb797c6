import Foundation
import Testing

@testable import TenantRuntime

/// The words by which a text reads as an opt-out, in the text as the person wrote it.
@Suite struct DecidingWordsTests {
  struct Sample: Sendable {
    let text: String
    let part: String
    init(_ text: String, _ part: String) { (self.text, self.part) = (text, part) }
  }

  @Test(arguments: [
    Sample("please stop texting me thanks", "stop texting"),
    Sample("Hi there, remove me from your list ok", "remove me"),
    Sample("Thanks a lot. Do not text me again", "Do not text me"), Sample("ok, S.T.O.P texting me", "S.T.O.P texting"),
    Sample("  st0p texting me now ", "st0p texting"), Sample("please s t o p texting me", "s t o p texting"),
    // Accents that are sent apart, ornamental letters, emoji on both sides.
    Sample("hey 😡🇺🇸 stóp\u{301} texting me 👍🏽", "stóp\u{301} texting"), Sample("ok 𝘀𝘁𝗼𝗽 texting me", "𝘀𝘁𝗼𝗽 texting"),
    // Right to left round it, and marks that turn the direction.
    Sample("שלום, stop texting me, תודה", "stop texting"), Sample("\u{202E}hi\u{202C} stop texting me", "stop texting"),
    Sample("ya no quiero mensajes, gracias", "no quiero mensajes"),
    // What is taken out before a text is read stands where it stood.
    Sample("Reply STOP to opt out. Sure, but please remove me from your list", "remove me"),
    Sample("Remove me from your list. Msg & data rates may apply. Reply STOP to end. Thanks so much", "Remove me"),
    Sample("“Stop” - Jane", "“Stop” - Jane"),
  ])
  func theWordsThatDecideAreFound(_ sample: Sample) throws {
    let range = try #require(FreeText.deciding(in: sample.text))
    #expect(sample.text[range] == sample.part || sample.text[range].contains(sample.part), "\(sample.text[range])")
    #expect(sample.text[range].utf8.count <= sample.part.utf8.count + 20, "\(sample.text[range])")
  }

  @Test func aWishAtTheEndOfTheLongestTextIsFound() throws {
    let text = String(repeating: "The blue one is nice 💙. ", count: 64) + "stop texting me"
    let range = try #require(FreeText.deciding(in: text))
    #expect(text[range].hasPrefix("stop texting"))
  }

  @Test(arguments: ["", "   ", "see you at five", String(repeating: "word ", count: 400)])
  func whatIsNoOptOutHasNoSuchWords(_ text: String) { #expect(FreeText.deciding(in: text) == nil) }

  /// Whatever stands in a text: only our two tags are markup, and what is left of them is the text.
  @Test(arguments: [
    "<img src=x onerror=alert(1)> stop texting me </mark><script>", "stop\u{301}\"\u{301}> texting me '\u{308}<b>",
    "&lt; stop texting me &amp; {{x}} {{{y}}}", "\u{202E}<i>stop texting me\u{202C}\u{2066}", "</p>STOP PLEASE<p>",
    "\u{0}\u{FFFE}stop texting me\u{200D}\u{FE0F}", String(repeating: "<b>\u{1F6D1}", count: 380) + " stop texting me",
    "stop" + String(repeating: "\u{301}", count: 1_500) + " texting me", "no opt-out </mark>", "👨‍👩‍👧‍👦stop texting me👨‍👩‍👧‍👦",
  ])
  func markingAddsNothingButItsTags(_ text: String) {
    let markup = DecidingWords(languages: FreeText.furtherLanguages).marked(text).markup
    let (begin, end) = ("<mark class=\"matched\">", "</mark>")
    let isMarked = FreeText.deciding(in: text, languages: FreeText.furtherLanguages) != nil
    #expect(markup.utf8.count { $0 == UInt8(ascii: "<") } == (isMarked ? 2 : 0))
    #expect(markup.contains(begin) == isMarked && markup.contains(end) == isMarked)
    let plain = markup.replacing(begin, with: "").replacing(end, with: "")
    #expect(Array(plain.utf8) == Array(Markup.escape(text).utf8))
  }

  @Test func theLegalDayIsNamed() throws {
    let words = Words(.en, zone: .gmt, now: try #require(Moment(iso8601: "2026-03-02T15:00:00Z")))
    let due = try #require(Moment(iso8601: "2026-03-16T00:00:00Z"))
    #expect(words.legalDay(due) == "Decide before Mon 16 March, the tenth business day: the law gives no longer.")
    let late = Words(.en, zone: .gmt, now: due)
    #expect(late.legalDay(due) == "The tenth business day, today, has begun: the law gives no longer.")
  }
}
