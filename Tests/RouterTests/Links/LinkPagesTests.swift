import TenantRuntime
import TestKit
import Testing

@testable import Router

@Suite struct LinkPagesTests {
  @Test func whatATenantTypesStaysText() {
    #expect(HTML.escaped("<a href=\"x\">'&'</a>") == "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;")
    // With an accent over it, a quote is no `Character` of its own.
    #expect(
      HTML.escaped("a\"\u{301}<\u{301}'\u{20E3}").utf8.elementsEqual("a&quot;\u{301}&lt;\u{301}&#39;\u{20E3}".utf8))
  }

  @Test func noMarkGetsThrough() {
    var chance = Chance()
    for _ in 0..<2_000 {
      let text = chance.text(
        12, of: ["\"", "<", ">", "'", "&", "\u{301}", "\u{200D}", "a", " ", "\u{FE0F}", "\u{E0001}"])
      let escaped = HTML.escaped(text)
      #expect(!escaped.utf8.contains { "\"<>'".utf8.contains($0) })
      #expect(escaped.utf8.count >= text.utf8.count)
    }
  }
}
