import ArgumentParser
import TenantRuntime
import Testing

@testable import Router

@Suite struct ProxiesTests {
  let proxies = try! TrustedProxies(text: "10.0.0.0/8, 127.0.0.1,fd00::/8")

  private func client(_ peer: String, for list: String? = nil, proto: String? = nil, host: String? = nil) -> Client {
    let headers = ["x-forwarded-for": list, "x-forwarded-proto": proto, "x-forwarded-host": host]
    return proxies.client(peer: peer) { name in headers[name] ?? nil }
  }

  @Test(arguments: [
    // The peer is a stranger: his words are not looked at.
    ("198.51.100.1", "203.0.113.9", "198.51.100.1"), ("fe80::1%eth0", "203.0.113.9", "fe80::1%eth0"),
    ("", "1.2.3.4", ""),
    // One proxy, and a chain of ours; what the client wrote himself stands further left.
    ("10.0.0.1", "203.0.113.9", "203.0.113.9"), ("10.0.0.1", "6.6.6.6, 203.0.113.9", "203.0.113.9"),
    ("10.0.0.1", "6.6.6.6,203.0.113.9, 10.9.9.9 ,\tfd00::5", "203.0.113.9"),
    ("::ffff:10.0.0.1", "203.0.113.9", "203.0.113.9"), ("fd00::1", "2001:DB8::0:7", "2001:db8::7"),
    ("127.0.0.1", "::ffff:203.0.113.9", "203.0.113.9"),
    // A client may claim to be one of ours: behind the first stranger nothing is believed.
    ("10.0.0.1", "10.1.1.1, 203.0.113.9", "203.0.113.9"),
    // Nobody but proxies: the first of them asked itself.
    ("10.0.0.1", "10.0.0.2, 10.0.0.3", "10.0.0.2"),
    // With ports, as some write it.
    ("10.0.0.1", "203.0.113.9:5123", "203.0.113.9"), ("10.0.0.1", "[2001:db8::7]:443", "2001:db8::7"),
    ("10.0.0.1", "[2001:db8::7]", "2001:db8::7"),
    // Not to be read: the last known is the proxy.
    ("10.0.0.1", "", "10.0.0.1"), ("10.0.0.1", " , ,", "10.0.0.1"), ("10.0.0.1", "203.0.113.9, unknown", "10.0.0.1"),
    ("10.0.0.1", "203.0.113.9, _hidden, 10.0.0.2", "10.0.0.2"), ("10.0.0.1", "203.0.113.9;10.0.0.1", "10.0.0.1"),
    ("10.0.0.1", "999.1.1.1", "10.0.0.1"), ("10.0.0.1", "[", "10.0.0.1"), ("10.0.0.1", ":", "10.0.0.1"),
    ("10.0.0.1", "]1.2.3.4[", "10.0.0.1"), ("10.0.0.1", "1.2.3.4/0", "10.0.0.1"),
    ("10.0.0.1", "203.0.113.9\u{0}", "10.0.0.1"), ("10.0.0.1", "２０３.0.113.9", "10.0.0.1"),
  ])
  func theClientIsTheFirstStrangerFromTheRight(_ peer: String, _ list: String, _ address: String) {
    #expect(client(peer, for: list).address == address)
  }

  @Test func onlyTheEndOfALongListIsRead() {
    let padded = String(repeating: "6.6.6.6, ", count: 100_000) + "203.0.113.9"
    #expect(client("10.0.0.1", for: padded).address == "203.0.113.9")
    #expect(client("10.0.0.1", for: String(repeating: "x", count: 1 << 20)).address == "10.0.0.1")
    // More proxies than anybody has: it ends somewhere, at one of them.
    let chain = "203.0.113.9" + String(repeating: ", 10.0.0.2", count: 500)
    #expect(client("10.0.0.1", for: chain).address == "10.0.0.2")
  }

  @Test(arguments: [
    ("10.0.0.1", "203.0.113.9", "https", true), ("10.0.0.1", "203.0.113.9", "HTTPS", true),
    ("10.0.0.1", "203.0.113.9", "http", false), ("10.0.0.1", "203.0.113.9", "", false),
    ("10.0.0.1", "203.0.113.9", "wss", false), ("198.51.100.1", "203.0.113.9", "https", false),
    // One proxy of ours: the last word is its; what stands left of it came with the request.
    ("10.0.0.1", "203.0.113.9", "https, http", false), ("10.0.0.1", "203.0.113.9", "http, https", true),
    // Two: the outer one saw the client, the inner one only our own wire.
    ("10.0.0.1", "203.0.113.9, 10.0.0.2", "https, http", true), ("10.0.0.1", "203.0.113.9, 10.0.0.2", "https", true),
    ("10.0.0.1", "203.0.113.9, 10.0.0.2", "https, http, http", false),
  ])
  func tlsIsKnownByTheOutermostTrustedProxy(_ peer: String, _ list: String, _ proto: String, _ isSecure: Bool) {
    #expect(client(peer, for: list, proto: proto).isSecure == isSecure)
  }

  @Test(arguments: [
    ("10.0.0.1", "Go.Acme.Test", String?.some("go.acme.test")), ("10.0.0.1", "go.acme.test:8443", "go.acme.test:8443"),
    ("10.0.0.1", "evil.test, go.acme.test", "go.acme.test"), ("198.51.100.1", "go.acme.test", nil),
    ("10.0.0.1", "", nil),
    ("10.0.0.1", "go.acme.test/../x", nil), ("10.0.0.1", "a b", nil), ("10.0.0.1", "gö.test", nil),
    ("10.0.0.1", String(repeating: "a", count: 256), nil),
  ])
  func theHostThatWasAskedForIsAProxysWord(_ peer: String, _ sent: String, _ host: String?) {
    #expect(client(peer, for: "203.0.113.9", host: sent).host == host)
  }

  @Test func withoutProxiesThePeerIsTheClient() {
    let client = TrustedProxies().client(peer: "10.0.0.1") { _ in "203.0.113.9" }
    #expect(client == Client(address: "10.0.0.1"))
  }

  @Test(arguments: ["10.0.0.0/33", "proxy.internal", "10.0.0.0/8 nonsense", "10.0.0.0/8,,x"])
  func whatIsNoNetworkIsRefused(_ text: String) {
    #expect(throws: TrustedProxies.NotANetwork.self) { try TrustedProxies(text: text) }
  }

  @Test func aBadListNamesItsSetting() throws {
    let settings = try SettingFlags.parse(["--trusted-proxies", "10.0.0.0/8,10.0.0.256"]).settings()
    #expect { try settings.proxies() } throws: { error in
      "\(error)".contains("ROUNDHOUSE_TRUSTED_PROXIES") && "\(error)".contains("10.0.0.256")
    }
    #expect(
      try SettingFlags.parse(["--trusted-proxies", "fd00::/8 10.0.0.0/8"]).settings().proxies() != TrustedProxies())
  }
}
