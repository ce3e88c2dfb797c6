import TestKit
import Testing

@testable import TenantRuntime

@Suite struct AddressRulesTests {
  private static let refused: [(String, String)] = [
    ("0.0.0.0", "unspecified"), ("0.1.2.3", "unspecified"), ("10.0.0.1", "private"), ("10.255.255.255", "private"),
    ("100.64.0.1", "shared"), ("100.100.100.200", "shared"), ("100.127.255.255", "shared"), ("127.0.0.1", "loopback"),
    ("127.255.255.254", "loopback"), ("169.254.169.254", "link-local"), ("169.254.0.1", "link-local"),
    ("172.16.0.1", "private"), ("172.31.255.255", "private"), ("192.0.0.192", "special"),
    ("192.0.2.1", "documentation"), ("192.88.99.1", "special"), ("192.168.1.1", "private"), ("198.18.0.1", "benchmark"),
    ("198.19.255.255", "benchmark"), ("198.51.100.7", "documentation"), ("203.0.113.7", "documentation"),
    ("224.0.0.1", "multicast"), ("239.255.255.255", "multicast"), ("240.0.0.1", "reserved"),
    ("255.255.255.255", "reserved"), ("168.63.129.16", "metadata"),
    ("::", "unspecified"), ("::1", "loopback"), ("::ffff:127.0.0.1", "loopback"), ("::ffff:10.1.2.3", "private"),
    ("::ffff:a9fe:a9fe", "link-local"), ("::127.0.0.1", "loopback"), ("::10.0.0.1", "private"),
    ("::ffff:0:10.0.0.1", "private"), ("64:ff9b::127.0.0.1", "loopback"), ("64:ff9b::a9fe:a9fe", "link-local"),
    ("64:ff9b:1::1", "special"), ("2002:7f00:1::", "loopback"), ("2002:a00:1::1", "private"),
    ("2002:c0a8:101::1", "private"), ("2001:0:1:2:3:4:80ff:fffe", "loopback"),
    ("2001:0:4136:e378:8000:63bf:f5ff:fffe", "private"), ("2600::5efe:10.0.0.1", "private"), ("fc00::1", "private"),
    ("fd00:ec2::254", "private"), ("fdff::1", "private"), ("fe80::1", "link-local"), ("febf::1", "link-local"),
    ("fec0::1", "private"), ("ff02::1", "multicast"), ("100::1", "discard"), ("2001:db8::1", "documentation"),
    ("3fff::1", "documentation"), ("2001:2::1", "benchmark"), ("2001:10::1", "special"), ("4000::1", "special"),
    ("5f00::1", "special"), ("::2:0:0:0:1", "special"),
  ]
  private static let open = [
    "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.1",
    "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.1", "192.167.255.255", "192.169.0.0",
    "198.17.255.255", "198.20.0.0", "223.255.255.255", "::ffff:8.8.8.8", "2606:4700:4700::1111", "2a00:1450::1",
    "64:ff9b::8.8.8.8", "2002:808:808::1",
  ]

  @Test(arguments: refused) func anAddressThatIsNotPublicIsRefused(_ text: String, _ word: String) throws {
    #expect(AddressRules().refusal(try #require(IPAddress(text), "\(text)")) == word)
  }

  @Test(arguments: open) func aPublicAddressIsNot(_ text: String) throws {
    #expect(AddressRules().refusal(try #require(IPAddress(text), "\(text)")) == nil)
  }

  @Test func whatIsAllowedIsAllowedInEverySpellingAndNothingBesides() throws {
    let rules = AddressRules(
      allowed: try ["10.1.0.0/16", "127.0.0.1", "fd12::/32"].map { try #require(Network($0)) })
    for text in ["10.1.2.3", "127.0.0.1", "::ffff:127.0.0.1", "fd12::9", "64:ff9b::10.1.2.3"] {
      #expect(rules.refusal(try #require(IPAddress(text))) == nil, "\(text)")
    }
    for text in ["10.2.0.1", "127.0.0.2", "fd13::9", "169.254.169.254", "::1"] {
      #expect(rules.refusal(try #require(IPAddress(text))) != nil, "\(text)")
    }
  }

  @Test(arguments: [
    "", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0/8", "fd00::/129", "host/8", "1.2.3.4/8/8", "010.0.0.1/8",
  ])
  func whatIsNoBlockIsNotTakenForOne(_ text: String) { #expect(Network(text) == nil) }

  /// By the parser and the resolver that the call itself goes through.
  @Test(arguments: [
    "http://127.0.0.1/", "http://2130706433/", "http://0x7f.1/", "http://0x7f000001/", "http://0177.0.0.1/",
    "http://127.1/",
    "http://127.0.1/", "http://017700000001/", "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/",
    "http://[0:0:0:0:0:ffff:7f00:0001]/", "http://%31%32%37.0.0.1/", "http://localhost/", "http://LOCALHOST/",
    "http://localhost./", "http://0/", "http://0.0.0.0:8080/", "https://169.254.169.254/latest/", "http://[fe80::1]/",
    "http://127.0.0.1#@example.com/", "http://127.0.0.1\\@example.com/",
  ])
  func noSpellingOfThisMachineIsReached(_ url: String) async {
    let door = CurlClient(connections: 1)
    defer { door.stop() }
    let outcome = await GuardedHTTP(client: door, rules: AddressRules()).send(HTTPCall(url: url, turnKey: "t"))
    // Some are no URL at all, and some names resolve to nothing; what must not be is an answer or a try.
    switch outcome {
    case .refused: break
    case .notSent(let reason): #expect(reason == "the name does not resolve", "\(url)")
    default: Issue.record("\(url): \(outcome)")
    }
  }

  @Test(arguments: [
    "", "example.com", "ftp://example.com/", "file:///etc/passwd", "gopher://example.com/", "http://user@example.com/",
    "http://user:secret@example.com/", "http://", "https://exa mple.com/", "https://ex\u{e4}mple.com/",
    "http://\u{ff11}27.0.0.1/", "http://example.com:22/", "http://example.com:25/", "http://example.com:99999/",
    "http://[fe80::1%25eth0]/", "http://a_b!c/", "http://example.com/\r\nX: y",
  ])
  func whatIsNoWebAddressIsRefused(_ url: String) {
    if case .success(let target) = GuardedTarget.read(url) { Issue.record("\(url) was read as \(target)") }
  }

  @Test func anAddressThatIsOneStaysAsItIs() throws {
    let target = try GuardedTarget.read("https://Hooks.Example.com:8443/in?a=b#c").get()
    #expect(
      target.url == "https://Hooks.Example.com:8443/in?a=b" || target.url == "https://hooks.example.com:8443/in?a=b")
    #expect((target.host, target.port) == ("hooks.example.com", 8443))
    #expect(
      target.pin([try #require(IPAddress("1.2.3.4")), try #require(IPAddress("2606::1"))])
        == "+hooks.example.com:8443:1.2.3.4,[2606::1]")
  }
}
