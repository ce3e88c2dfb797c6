import NIOHTTP1
import TestKit
import Testing

@testable import Router

/// The order of requests and answers on one connection.
@Suite struct FastPathTests {
  private func get(_ uri: String, _ fields: String = "") -> String {
    "GET \(uri) HTTP/1.1\r\nHost: a.test\r\n\(fields)\r\n"
  }

  private func post(_ uri: String, _ body: String, _ fields: String = "") -> String {
    "POST \(uri) HTTP/1.1\r\nHost: a.test\r\nContent-Length: \(body.utf8.count)\r\n\(fields)\r\n\(body)"
  }

  @Test func requestsInARowAreAnsweredInTheirOrder() throws {
    let connection = try ScriptedConnection()
    try connection.send(get("/now/1") + get("/now/2") + get("/router/3") + get("/now/4") + get("/pass/5"))
    #expect(
      try connection.answers() == [
        "[site GET /now/1 0 0]", "[site GET /now/2 0 0]", "[router GET /router/3 0 0]", "[site GET /now/4 0 0]",
        "[router GET /pass/5 0 0]",
      ])
  }

  @Test(arguments: [
    "GET /now/1 HTTP/1.1\r\n\r\n", "GET /router/1 HTTP/1.1\r\n\r\n",
    "GET /now/1 HTTP/1.1\r\nHost: a.test\r\nHost: b.test\r\n\r\n",
    "GET /router/1 HTTP/1.1\r\nHost: a.test\r\nhost: a.test\r\n\r\n",
    "GET http://a.test/now/1 HTTP/1.1\r\nHost: a.test\r\nHost: b.test\r\n\r\n",
  ])
  func aRequestHasOneHost(_ request: String) throws {
    let connection = try ScriptedConnection()
    try connection.send(request + get("/now/2"))
    let written = try connection.written()
    #expect(written.hasPrefix("HTTP/1.1 400 ") && written.contains("\r\nConnection: close\r\n"), "\(written)")
    #expect(!connection.isOpen && connection.seenByRouter == [] && !written.contains("/now/2"))
  }

  @Test func ofHTTP10ARequestMayHaveNoHost() throws {
    let connection = try ScriptedConnection()
    try connection.send("GET /now/1 HTTP/1.0\r\n\r\n")
    #expect(try connection.answers() == ["[site GET /now/1 0 0]"])
    let other = try ScriptedConnection()
    try other.send("GET /now/1 HTTP/1.0\r\nHost: a.test\r\nHost: b.test\r\n\r\n")
    #expect(try other.written().contains(" 400 "))
  }

  @Test func nothingIsJudgedBeforeWhatCameFirstIsAnswered() throws {
    let connection = try ScriptedConnection()
    try connection.send(get("/later/1") + get("/later/2") + get("/now/3"))
    #expect(try connection.site.waiting == 1 && connection.answers() == [])
    connection.release()
    #expect(try connection.site.waiting == 1 && connection.answers() == ["[site GET /later/1 0 0]"])
    connection.release()
    #expect(try connection.answers() == ["[site GET /later/2 0 0]", "[site GET /now/3 0 0]"])
  }

  @Test func theRouterIsGivenAConnectionAndGivesItBack() throws {
    let connection = try ScriptedConnection(isRouterHolding: true)
    try connection.send(get("/now/1") + post("/router/2", "ab") + get("/now/3") + get("/router/4") + get("/later/5"))
    #expect(try connection.answers() == ["[site GET /now/1 0 0]"])
    #expect(connection.seenByRouter == ["head /router/2"], "one request at a time")
    connection.release()
    #expect(try connection.answers() == ["[router POST /router/2 2 3105]", "[site GET /now/3 0 0]"])
    #expect(connection.seenByRouter == ["head /router/2", "head /router/4"] && connection.site.waiting == 0)
    connection.release()
    #expect(try connection.site.waiting == 1 && connection.answers() == ["[router GET /router/4 0 0]"])
    connection.release()
    #expect(try connection.answers() == ["[site GET /later/5 0 0]"])
  }

  @Test func anAnswerToHEADSaysHowLongItWouldBeAndHasNoBody() throws {
    let connection = try ScriptedConnection()
    try connection.send("HEAD /now/1 HTTP/1.1\r\nHost: a.test\r\n\r\n" + get("/now/2"))
    let written = try connection.written()
    #expect(written.hasPrefix("HTTP/1.1 200 OK\r\nContent-Length: 22\r\n"), "\(written)")
    #expect(!written.contains("[site HEAD") && written.hasSuffix("\r\n\r\n[site GET /now/2 0 0]"))
  }

  @Test func aBodyMayComeInParts() throws {
    let connection = try ScriptedConnection()
    try connection.send("POST /now/1 HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5\r\n\r\na")
    for byte in ["b", "c", "d"] { try connection.send(byte) }
    #expect(try connection.answers() == [])
    try connection.send("e" + "POST /pass/2 HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n")
    try connection.send("3\r\ncde\r\n0\r\n\r\n")
    #expect(
      try connection.answers() == ["[site POST /now/1 5 92599395]", "[router POST /pass/2 5 92599395]"])
  }

  @Test(arguments: ["/now/1", "/later/1", "/pass/1"]) func aBodyThatIsTooLongIsReadAwayAndRefused(_ uri: String) throws
  {
    let connection = try ScriptedConnection()
    let most = String(repeating: "x", count: FastPathRequest.mostBytes)
    try connection.send(post(uri, most + "y") + get("/now/2"))
    let written = try connection.written()
    #expect(written.hasPrefix("HTTP/1.1 413 ") && written.hasSuffix("[site GET /now/2 0 0]"))
    #expect(connection.isOpen && connection.waiting == 0 && connection.seenByRouter == [])
    // As many as may be are taken, and the router takes more.
    try connection.send(post("/now/3", most) + post("/router/4", most + "y"))
    #expect(try connection.answers().map { $0.prefix(24) } == ["[site POST /now/3 65536 ", "[router POST /router/4 6"])
  }

  @Test func whoAsksBeforeSendingABodyIsToldToGoOn() throws {
    let connection = try ScriptedConnection()
    try connection.send("POST /now/1 HTTP/1.1\r\nHost: a.test\r\nContent-Length: 2\r\nExpect: 100-Continue\r\n\r\n")
    #expect(try connection.written() == "HTTP/1.1 100 Continue\r\n\r\n")
    try connection.send("ab")
    #expect(try connection.answers() == ["[site POST /now/1 2 3105]"])
  }

  @Test func aConnectionEndsWithTheAnswerWhereTheClientSaysSo() throws {
    for request in [get("/now/1", "Connection: close\r\n"), "GET /now/1 HTTP/1.0\r\nHost: a.test\r\n\r\n"] {
      let connection = try ScriptedConnection()
      // The parser says so where more comes behind the last request.
      try? connection.send(request + get("/now/2"))
      let written = try connection.written()
      #expect(written.contains("Connection: close\r\n") && written.hasSuffix("[site GET /now/1 0 0]"), "\(written)")
      #expect(!connection.isOpen)
    }
    let kept = try ScriptedConnection()
    try kept.send("GET /now/1 HTTP/1.0\r\nHost: a.test\r\nConnection: keep-alive\r\n\r\n")
    #expect(try kept.written().contains("HTTP/1.0 200 OK\r\n") && kept.isOpen)
  }

  @Test func whatWasAskedBeforeTheClientClosedItsSideIsAnswered() throws {
    let connection = try ScriptedConnection(isRouterHolding: true)
    try connection.send(get("/later/1") + get("/router/2") + get("/now/3"))
    connection.closeInput()
    #expect(connection.seenByRouter == [], "the router learns of the end behind what came before it")
    connection.release()
    #expect(try connection.answers() == ["[site GET /later/1 0 0]"] && connection.seenByRouter == ["head /router/2"])
    connection.release()
    #expect(try connection.answers() == ["[router GET /router/2 0 0]", "[site GET /now/3 0 0]"])
    #expect(connection.seenByRouter == ["head /router/2", "input closed"])
  }

  @Test func anAnswerThatComesAfterTheConnectionIsGoneIsWrittenNowhere() throws {
    let connection = try ScriptedConnection()
    try connection.send(get("/later/1") + get("/now/2"))
    connection.close()
    connection.release()
    #expect(try connection.written() == "" && connection.waiting == 0 && connection.seenByRouter == [])
  }

  @Test func whatIsNoRequestReachesNobodyAndIsToldSo() throws {
    let connection = try ScriptedConnection()
    try connection.send(get("/now/1") + "NO REQUEST\r\n\r\n" + get("/now/2"))
    let written = try connection.written()
    #expect(written.contains("[site GET /now/1 0 0]") && !written.contains("/now/2") && connection.seenByRouter == [])
    let problem = written.split(separator: "HTTP/1.1 400 Bad Request\r\n")
    #expect(problem.count == 2 && problem.last?.contains("Connection: close\r\n") == true)
    #expect(problem.last?.contains("\"status\":400") == true)
  }

  @Test func whatIsNoRequestGetsNoAnswerOfItsOwnWhileAnotherIsUnderWay() throws {
    let connection = try ScriptedConnection()
    #expect(throws: (any Error).self) { try connection.send(get("/later/1") + "NO REQUEST\r\n\r\n") }
    #expect(try !connection.written().contains("400"))
  }
}

/// However the bytes are cut and whenever answers come: the client reads the same.
@Suite struct FastPathSplitTests {
  private func requests(_ chance: inout Chance) -> [String] {
    (0..<1 + chance.below(8)).map { number in
      let uri = "/\(chance.pick(["now", "later", "pass", "router"]))/\(number)"
      let body = String(
        repeating: chance.pick(["a", "\r\n", "GET / HTTP/1.1\r\n\r\n", "0\r\n\r\n"]), count: chance.below(6))
      let end = number == 7 && chance.happens(1, in: 2) ? "Connection: close\r\n" : ""
      switch chance.below(5) {
      case 0: return "GET \(uri) HTTP/1.1\r\nHost: a.test\r\n\(end)\r\n"
      case 1: return "HEAD \(uri) HTTP/1.1\r\nHost: a.test\r\n\(end)\r\n"
      case 2: return "POST \(uri) HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\(end)\r\n" + chunked(body)
      case 3 where chance.happens(1, in: 6):
        let long = String(repeating: "x", count: FastPathRequest.mostBytes + 1)
        return "POST \(uri) HTTP/1.1\r\nHost: a.test\r\nContent-Length: \(long.utf8.count)\r\n\(end)\r\n\(long)"
      default: return "POST \(uri) HTTP/1.1\r\nHost: a.test\r\nContent-Length: \(body.utf8.count)\r\n\(end)\r\n\(body)"
      }
    }
  }

  private func chunked(_ body: String) -> String {
    (body.isEmpty ? "" : "\(String(body.utf8.count, radix: 16))\r\n\(body)\r\n") + "0\r\n\r\n"
  }

  /// One request after the other, each answered before the next is sent.
  private func oneByOne(_ requests: [String]) throws -> String {
    let connection = try ScriptedConnection()
    for request in requests {
      try connection.send(request)
      connection.release()
    }
    return try connection.written()
  }

  @Test func anySplitOfTheSameBytesGivesTheSameAnswers() throws {
    var chance = Chance()
    for round in 0..<200 {
      let requests = requests(&chance)
      let expected = try oneByOne(requests)
      let connection = try ScriptedConnection(isRouterHolding: chance.happens(1, in: 2))
      var rest = Array(requests.joined().utf8)[...]
      while !rest.isEmpty {
        let size = chance.happens(1, in: 3) ? chance.below(4_000) : 1 + chance.below(40)
        if connection.isOpen { try connection.send(rest.prefix(size)) }
        rest = rest.dropFirst(size)
        if chance.happens(1, in: 3) { connection.release() }
      }
      while connection.waiting > 0 { connection.release() }
      #expect(
        try connection.written() == expected, "round \(round) of SEED=\(chance.seed): \(requests.map { $0.prefix(60) })"
      )
    }
  }
}
