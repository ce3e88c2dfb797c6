import Testing

@testable import ControlPlane

/// What comes from the wire, before it is trusted.
@Suite struct RedisReplyTests {
  private func feed(_ reader: RedisReplyReader, _ text: String) throws -> [RedisReply] {
    try Array(text.utf8).withUnsafeBytes { try reader.feed($0) }
  }

  @Test func repliesAreReadHoweverTheyAreCut() throws {
    let wire = ":7\r\n*2\r\n:1\r\n:-2\r\n$3\r\nabc\r\n+OK\r\n-NOSCRIPT no\r\n$-1\r\n"
    let expected: [RedisReply] = [
      .integer(7), .list([.integer(1), .integer(-2)]), .text("abc"), .text("OK"), .error("NOSCRIPT no"), .null,
    ]
    #expect(try feed(RedisReplyReader(), wire) == expected)
    let reader = RedisReplyReader()
    #expect(try wire.flatMap { try feed(reader, String($0)) } == expected)
  }

  @Test(arguments: ["HTTP/1.1 400 Bad Request\r\n", ":seven\r\n", "*65\r\n", "*1000000000\r\n", "$-9\r\n"])
  func whatIsNotAReplyOfOursIsMalformed(wire: String) {
    #expect(throws: RedisReplyReader.Malformed.self) { _ = try feed(RedisReplyReader(), wire) }
  }

  @Test func aReplyIsNotGatheredWithoutEnd() throws {
    let reader = RedisReplyReader()
    _ = try feed(reader, "$1000000\r\n")
    #expect(throws: RedisReplyReader.Malformed.self) {
      for _ in 0..<100 { _ = try feed(reader, String(repeating: "x", count: 1000)) }
    }
  }

  @Test func aCommandIsAnArrayOfItsWordsInBytes() {
    #expect(RedisCommandText.encode(["GET", "ключ"]) == Array("*2\r\n$3\r\nGET\r\n$8\r\nключ\r\n".utf8))
  }
}
