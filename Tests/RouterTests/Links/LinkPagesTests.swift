import NIOCore
import TestKit
import Testing

@testable import Router
@testable import TenantRuntime

@Suite struct LinkPagesTests {
  private static let head = """
    <!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">\
    <meta name="robots" content="noindex">
    """
  /// With an accent over it, a quote is no `Character` of its own.
  private static let hostile = "\"\u{301} onload='x'\u{20E3}<\u{301}script>&"
  private static let harmless = "&quot;\u{301} onload=&#39;x&#39;\u{20E3}&lt;\u{301}script&gt;&amp;"

  private func body(_ response: FastPathResponse) -> String { String(buffer: response.body) }

  /// Of bytes: an accent over a quote makes two texts differ as bytes that are equal as `Character`s.
  private func expect(_ page: String, is expected: String, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(page.utf8.elementsEqual(expected.utf8), "\(page)", sourceLocation: sourceLocation)
  }

  @Test func thePageOfNoLinkIsInTheTenantsLook() {
    let style = """
      <style>:root{color-scheme:light dark;border-top:.5rem solid #112233}body{font:1.1rem/1.5 system-ui,sans-serif;max-width:28rem;\
      margin:15vh auto;padding:0 1.25rem;text-align:center}h1{line-height:1.2;overflow-wrap:anywhere}p{white-space:pre-line}</style></head>
      """
    expect(
      body(
        LinkPages.nowhere("acme", LinkPage(name: Self.hostile, color: "#112233", text: "One\n  two \(Self.hostile)"))),
      is: Self.head + "<title>\(Self.harmless)</title>" + style
        + "<body><main><h1>\(Self.harmless)</h1><p>One\n  two \(Self.harmless)</p></main></body></html>")
    let plain = body(LinkPages.nowhere("Acme & Co", LinkPage()))
    #expect(plain.contains("<h1>Acme &amp; Co</h1><p>This link has expired or was mistyped.</p>"))
    #expect(plain.contains("border-top:.5rem solid #444444}"))
  }

  @Test func whatTheTenantHasNotWordedIsSaidInTheVisitorsLanguage() {
    let spanish = LinkPages.nowhere("Acme", LinkPage(name: "Acme"), in: .es)
    #expect(body(spanish).contains("<html lang=\"es\">"))
    #expect(body(spanish).contains("<p>Este enlace venció o está mal escrito.</p>"))
    #expect(spanish.headers.contains { $0 == ("Vary", "Accept-Language") })
    let own = LinkPages.nowhere("Acme", LinkPage(text: "Gone fishing"), in: .es)
    #expect(body(own).contains("<p>Gone fishing</p>") && !body(own).contains("lang=\"es\""))
  }

  @Test func theCardOfALinkHasWhatItsTenantTyped() {
    let target = "https://shop.test/?a=1&b=\"\u{301}"
    let full = LinkPreview(title: Self.hostile, description: Self.hostile, imageURL: "https://shop.test/a.png?x=1&y=2")
    expect(
      body(LinkPages.preview(full, target: target)),
      is: Self.head + """
        <title>\(Self.harmless)</title><meta property="og:type" content="website"><meta property="og:title" content="\(Self.harmless)">\
        <meta property="og:description" content="\(Self.harmless)">\
        <meta property="og:image" content="https://shop.test/a.png?x=1&amp;y=2">\
        <meta http-equiv="refresh" content="0;url=https://shop.test/?a=1&amp;b=&quot;\u{301}"></head>\
        <body><p><a href="https://shop.test/?a=1&amp;b=&quot;\u{301}" rel="noreferrer">\(Self.harmless)</a></p></body></html>
        """)
    let bare = body(LinkPages.preview(LinkPreview(title: "T", description: nil, imageURL: nil), target: target))
    #expect(!bare.contains("og:description") && !bare.contains("og:image") && bare.contains("og:title\" content=\"T\""))
  }

  @Test func theUnsubscribePageHasAButtonUntilItWasPressed() {
    let style = """
      <style>body{font:1.1rem/1.5 system-ui,sans-serif;max-width:28rem;\
      margin:15vh auto;padding:0 1.25rem;text-align:center}button{font:inherit;padding:.75rem 1.5rem;border:0;border-radius:.5rem;\
      background:#b3261e;color:#fff;cursor:pointer}button:focus-visible{outline:3px solid #1a73e8;outline-offset:3px}</style></head>
      """
    expect(
      LinkPages.unsubscribe("Stop texts from \(Self.hostile)?", button: "Stop texts"),
      is: Self.head + "<title>Stop texts from \(Self.harmless)?</title>" + style
        + "<body><main><h1>Stop texts from \(Self.harmless)?</h1>"
        + #"<form method="post"><button>Stop texts</button></form></main></body></html>"#)
    #expect(LinkPages.unsubscribe("Done.", button: nil).hasSuffix("<h1>Done.</h1></main></body></html>"))
    #expect(LinkPages.unsubscribe("Hecho.", button: nil, in: .es).hasPrefix(#"<!doctype html><html lang="es">"#))
  }

  /// Whatever stands in it: a page has as many tags, quotes and ends of tags as with plain words.
  @Test func noMarkGetsThrough() {
    var chance = Chance()
    func marks(_ text: String) -> [UInt8] { body(card(text)).utf8.filter { "\"<>".utf8.contains($0) } }
    func card(_ text: String) -> FastPathResponse {
      LinkPages.preview(LinkPreview(title: text, description: text, imageURL: text), target: text)
    }
    let plain = marks("x")
    for _ in 0..<500 {
      let text = chance.text(
        12,
        of: [
          "\"", "<", ">", "'", "&", "\u{301}", "\u{200D}", "a", " ", "{{", "}}", "{{{title}}}", "\u{FE0F}", "\u{E0001}",
        ])
      #expect(marks(text) == plain, "\(text)")
    }
  }
}
