import ControlPlane
import NIOHTTP1
import TenantRuntime
import TestKit
import Testing

@testable import Router

/// What comes in the heads of requests: whatever it is, it is read to its end.
@Suite struct StrangersHeadersTests {
  @Test func forwardedAddressesAndHosts() throws {
    var chance = Chance()
    let proxies = try TrustedProxies(text: "10.0.0.0/8,fd00::/8")
    let pieces = [
      "10.0.0.1", ",", " ", "[", "]", ":", "443", "fd00::1", "%", "unknown", "\u{0}", "é", "e\u{301}", "%eth0", ".",
      "/", "@",
    ]
    for _ in 0..<3_000 {
      let texts = ["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"].map { ($0, chance.text(20, of: pieces)) }
      let headers = Dictionary(texts, uniquingKeysWith: { first, _ in first })
      let client = proxies.client(peer: chance.pick(["10.0.0.1", "192.0.2.1", "", "fd00::1%a"])) { headers[$0] }
      #expect(client.host?.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } != false)
      let host = FastPathRequest.host(chance.text(10, of: pieces))
      #expect(!host.utf8.contains(UInt8(ascii: ":")))
      _ = FastPathRequest.path(chance.text(10, of: ["/", "?", "#", "%", "é", "a"]))
    }
    _ = proxies.client(peer: "10.0.0.1") { _ in String(repeating: "10.0.0.1,", count: 100_000) }
  }

  @Test func signatures() {
    var chance = Chance()
    let pieces = [
      "https://", "http://", "a.test", ":", "443", "/", "?", "#", "@", "é", "e\u{301}", "%", "[::1]", "://",
    ]
    for _ in 0..<2_000 {
      let url = chance.text(10, of: pieces)
      let form = FormBody(chance.bytes(60, from: Array("a=b&%+\u{FFFF}é".utf8)))
      #expect(
        !TwilioSignature.isValid(
          chance.text(30, of: ["A", "b", "=", "+", "/", " ", "é"]), url: url,
          form: chance.happens(1, in: 3) ? nil : form,
          tokens: ["12345"]))
    }
  }

  @Test func headsOfNoise() {
    var chance = Chance()
    let names = [
      "host", "X-Forwarded-For", "user-agent", "Accept-Language", "é", "", "content-length", "sec-fetch-mode",
    ]
    let pieces = [
      "/", "http://", "a.test", ":", " ", "?", "%", "webhooks/twilio/", "status", "a=b", "\u{0}", "é", "\t", "9",
    ]
    for _ in 0..<5_000 {
      let lines = (0..<chance.below(6)).map { _ in (chance.pick(names), chance.text(6, of: pieces)) }
      let head = FastPathHead(
        HTTPRequestHead(
          version: .http1_1, method: chance.pick([.GET, .POST, .HEAD]), uri: chance.text(8, of: pieces),
          headers: HTTPHeaders(lines)))
      _ = HitClients().client(head.hit)
      _ = head.joined("x-forwarded-for")
      _ = Webhooks.Kind(head)
      _ = FastPathRequest.path(head.uri)
    }
  }

  @Test func idsOfRequestsAreHarmlessWhateverIsGiven() {
    var chance = Chance()
    for _ in 0..<2_000 {
      let given = chance.text(
        chance.pick([3, 80]), of: ["a", "Z", "9", "-", "_", ".", " ", "\n", "é", "a\u{301}", "\"", "\u{0}"])
      let id = RequestID.of(given)
      #expect((1...64).contains(id.utf8.count))
      #expect(id.utf8.allSatisfy { $0 &- 48 < 10 || ($0 | 0x20) &- 97 < 26 || "-_.".utf8.contains($0) })
    }
    #expect(RequestID.of("a.b-c_D9") == "a.b-c_D9" && RequestID.of(nil).utf8.count == 16)
  }
}
