import Testing

@testable import TenantRuntime

/// As a browser reads the stream: a line ends at CR, LF, or CR LF.
@Suite struct ServerSentEventTests {
  @Test(arguments: [
    ("", [""]), ("one", ["one"]), ("one\ntwo", ["one", "two"]), ("one\r\ntwo", ["one", "two"]),
    ("one\rtwo", ["one", "two"]), ("x\r\revent: done\r\rdata: {}", ["x", "", "event: done", "", "data: {}"]),
    ("one\n\ntwo\n", ["one", "", "two", ""]), ("\r\n\r", ["", "", ""]), ("é\u{301}\r\u{301}", ["é\u{301}", "\u{301}"]),
  ])
  func everyLineOfATextIsALineOfData(_ text: String, _ lines: [String]) {
    let stream = "data: \(ServerSentEvent.data(text))\n\n"
    let read = String(decoding: stream.utf8.map { $0 == 13 ? 10 : $0 }, as: UTF8.self).dropLast(2)
      .split(separator: "\n" as Character, omittingEmptySubsequences: false)
    #expect(read.map(String.init) == lines.map { "data: \($0)" })
    #expect(!stream.utf8.contains(13))
  }
}
