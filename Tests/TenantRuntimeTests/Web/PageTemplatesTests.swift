import Testing

@testable import TenantRuntime

@Suite struct PageTemplatesTests {
  struct Values {
    var word = "\"\u{301}<b>"
    var rows = ["'\u{301}", "&"]
    var none: String?
  }

  private func render(_ page: String, _ others: [String: String] = [:]) throws -> String {
    let sources = others.merging(["page": page]) { $1 }
    return try PageTemplates(sources.mapValues { Array($0.utf8) }).render("page", Values())
  }

  /// Mustache begins every template with an escaping of its own, by `Character`, which lets such a quote through.
  @Test(arguments: [
    ("<p>{{word}}</p>", "<p>&quot;\u{301}&lt;b&gt;</p>"),
    (#"<a title="{{word}}">"#, "<a title=\"&quot;\u{301}&lt;b&gt;\">"),
    ("{{> part}}", "<i>&quot;\u{301}&lt;b&gt;</i>"),
    ("{{#rows}}{{.}},{{/rows}}", "&#39;\u{301},&amp;,"),
    ("{{<parent}}{{$text}}{{word}}{{/text}}{{/parent}}", "[&quot;\u{301}&lt;b&gt;|&quot;\u{301}&lt;b&gt;]"),
    ("{{<parent}}{{/parent}}", "[&#39;\u{301}&amp;|&quot;\u{301}&lt;b&gt;]"),
    ("{{#none}}<b>{{.}}</b>{{/none}}{{^none}}-{{/none}}", "-"),
  ])
  func everyTextIsEscapedByOurOwnRule(_ page: String, _ expected: String) throws {
    let rendered = try render(
      page, ["part": "<i>{{word}}</i>", "parent": "[{{$text}}{{#rows}}{{.}}{{/rows}}{{/text}}|{{word}}]"])
    #expect(rendered.utf8.elementsEqual(expected.utf8), "\(rendered)")
  }

  @Test func lineBreaksAndIndentationAreNoPartOfAPage() throws {
    #expect(try render("<p>\n  {{#rows}}\n    <b>x</b> y\n  {{/rows}}\n</p>\n") == "<p><b>x</b> y<b>x</b> y</p>")
  }

  @Test(arguments: ["{{> nobody}}", "{{<nobody}}{{/nobody}}", "{{#rows}}", "{{word"])
  func aTemplateThatWouldPrintLessThanItSaysIsRefused(_ page: String) {
    #expect(throws: (any Error).self) { try render(page) }
  }
}
