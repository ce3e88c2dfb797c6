import Foundation
import NIOCore
import NIOEmbedded
import NIOHTTP1
import TenantRuntime
import TestKit
import Testing

@testable import Router

@Suite struct PlainRequestTests {
  private func read(_ text: String) -> PlainRequest? { PlainRequest(ByteBuffer(string: text)) }

  @Test func aPhonesRequestIsReadWhereItLies() throws {
    let request = try #require(
      read(
        "GET /aB3dE5fG?x=1 HTTP/1.1\r\nHost: go.example.com\r\nUser-Agent:  Mozilla/5.0 \t\r\nAccept: */*\r\n"
          + "X-Forwarded-For: 192.0.2.1\r\nx-forwarded-for: 192.0.2.2\r\nconnection: Keep-Alive\r\nreferer:\r\n\r\n"))
    #expect(request.head.method == .GET && request.head.uri == "/aB3dE5fG?x=1" && request.head.isKeepAlive)
    #expect(request.head.first("host") == "go.example.com" && request.head.first("user-agent") == "Mozilla/5.0")
    #expect(request.head.joined("x-forwarded-for") == "192.0.2.1,192.0.2.2")
    #expect(request.head.first("referer") == "" && request.head.first("cookie") == nil)
    #expect(request.head.joined("cookie") == nil && request.body.readableBytes == 0)
    let hit = HitClients().client(request.head.hit)
    #expect(hit.userAgent == "Mozilla/5.0" && hit.headers[.accept] == "*/*" && hit.headers[.referer] == "")
  }

  @Test func aFormComesWithItsBody() throws {
    let request = try #require(
      read("POST /webhooks/twilio/status?a=b HTTP/1.1\r\nhost: h\r\nContent-Length: 8\r\n\r\na=1&b=é"))
    #expect(
      request.head.method == .POST && String(buffer: request.body) == "a=1&b=é" && request.body.readableBytes == 8)
  }

  /// What is one byte less than plain is the parser's: it may be half a request, two, or none.
  static let others = [
    "", "G", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\n",
    "GET / HTTP/1.1\r\nHost: h\r\n\r", "GET / HTTP/1.1\nHost: h\n\n", "GET / HTTP/1.1\r\nHost: h\r\n\r\nGET",
    "GET / HTTP/1.0\r\nHost: h\r\n\r\n", "GET / HTTP/1.1 \r\nHost: h\r\n\r\n", "GET  / HTTP/1.1\r\nHost: h\r\n\r\n",
    "get / HTTP/1.1\r\nHost: h\r\n\r\n", "PUT / HTTP/1.1\r\nHost: h\r\n\r\n", " GET / HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET http://h/ HTTP/1.1\r\nHost: h\r\n\r\n", "GET * HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET  HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET /\u{7F} HTTP/1.1\r\nHost: h\r\n\r\n", "GET /é HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET /\u{0} HTTP/1.1\r\nHost: h\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\nHost: g\r\n\r\n",
    "GET / HTTP/1.1\r\nHost : h\r\n\r\n", "GET / HTTP/1.1\r\n Host: h\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: h\r\n folded\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\n: x\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: h\r\nA\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\nA: b\rc\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: h\r\nA: b\nc\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\nA: \u{0}\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: h2c\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, upgrade\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: h\r\ntransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na",
    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\na",
    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nab",
    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +1\r\n\r\na",
    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1,1\r\n\r\na",
    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -0\r\n\r\n", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length:\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\na",
    "GET /" + String(repeating: "a", count: 2_050) + " HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: h\r\n" + String(repeating: "A: b\r\n", count: 64) + "\r\n",
    "GET / HTTP/1.1\r\nHost: h\r\nA: " + String(repeating: "a", count: 17_000) + "\r\n\r\n",
  ]

  @Test(arguments: others) func whatIsNotPlainIsTheParsers(_ text: String) { #expect(read(text) == nil) }

  @Test func everyBeginningOfAPlainRequestIsTheParsers() {
    let text = "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"
    #expect(read(text) != nil)
    for end in 0..<text.utf8.count { #expect(read(String(decoding: text.utf8.prefix(end), as: UTF8.self)) == nil) }
  }

  @Test func whateverIsPlainReadsAsNIOReadsIt() throws {
    var chance = Chance()
    let text = Array(
      "GET /abc?d=e HTTP/1.1\r\nHost: h.example.com\r\nAccept: text/html\r\nX-A:\t b \r\nUser-Agent: x (y; z)\r\n\r\n"
        .utf8)
    var plain = 0
    for _ in 0..<4_000 {
      var bytes = text
      for _ in 0..<Int.random(in: 0...2, using: &chance) {
        bytes[Int.random(in: bytes.indices, using: &chance)] = UInt8.random(in: .min ... .max, using: &chance)
      }
      guard let request = PlainRequest(ByteBuffer(bytes: bytes)) else { continue }
      plain += 1
      // NIO's parser takes it too, and says the same.
      let channel = EmbeddedHTTP()
      let head = try #require(try channel.head(bytes), "\(String(decoding: bytes, as: UTF8.self))")
      #expect(head.uri == request.head.uri && head.method == request.head.method && head.isKeepAlive)
      for name in ["host", "accept", "x-a", "user-agent"] {
        // NIO leaves the space behind a value, which is no part of it (RFC 9112 5).
        let value = head.headers.first(name: name)?.trimmingCharacters(in: .init(charactersIn: " \t"))
        #expect(value == request.head.first(name))
      }
    }
    #expect(plain > 1_000)
  }
}

/// NIO's parser by itself.
private struct EmbeddedHTTP {
  func head(_ bytes: [UInt8]) throws -> HTTPRequestHead? {
    let channel = EmbeddedChannel(handler: ByteToMessageHandler(HTTPRequestDecoder()))
    defer { _ = try? channel.finish() }
    try channel.writeInbound(ByteBuffer(bytes: bytes))
    guard case .head(let head)? = try channel.readInbound(as: HTTPServerRequestPart.self),
      case .end? = try channel.readInbound(as: HTTPServerRequestPart.self)
    else { return nil }
    return head
  }
}
