import TestKit
import Testing

@testable import TenantRuntime

@Suite struct CSVTextTests {
  @Test(arguments: [
    ("a", "a"), ("+14155550123", "+14155550123"), ("+1-1", "'+1-1"), ("+1 415 555", "'+1 415 555"), ("+", "'+"),
    ("+1415555012345678", "'+1415555012345678"), ("=1", "'=1"), ("-1", "'-1"), ("@a", "'@a"), ("\ta", "'\ta"),
    ("\ra", "\"'\ra\""), ("=\u{301}1", "'=\u{301}1"), ("+\u{661}", "'+\u{661}"), ("a\"\u{301},b", "\"a\"\"\u{301},b\""),
    ("a\r\nb", "\"a\r\nb\""), ("a;b", "\"a;b\""), ("", ""),
  ])
  func noFieldIsAFormula(_ text: String, _ written: String) {
    #expect(CSVText.escape(text).utf8.elementsEqual(written.utf8))
  }

  @Test func whatIsWrittenIsReadAgain() {
    var chance = Chance()
    let pieces = ["a", "\"", "\"\u{301}", ",", ";", "\n", "\r", "=", "+", "-", "@", "\t", "'", " ", "é", "1"]
    for _ in 0..<2_000 {
      let fields = (0...chance.below(4)).map { _ in chance.text(8, of: pieces) }
      let line = fields.map(CSVText.escape).joined(separator: ",")
      let read = CSVText.fields(line, delimiter: UInt8(ascii: ","))
      #expect(read.count == fields.count)
      for (was, now) in zip(fields, read) {
        #expect(now.utf8.elementsEqual(was.utf8) || now.utf8.elementsEqual(("'" + was).utf8))
        #expect(now.utf8.first.map { "=-@\t\r".utf8.contains($0) } != true)
      }
    }
  }
}
