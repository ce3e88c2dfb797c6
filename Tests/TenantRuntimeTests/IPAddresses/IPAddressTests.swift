import TenantRuntime
import Testing

@Suite struct AddressTests {
  @Test(arguments: [
    ("203.0.113.77", "203.0.113.77", "203.0.113.0/24"), ("0.0.0.0", "0.0.0.0", "0.0.0.0/24"),
    ("255.255.255.255", "255.255.255.255", "255.255.255.0/24"),
    ("::ffff:203.0.113.77", "203.0.113.77", "203.0.113.0/24"),
    ("2001:0DB8:0001:0002:0003:0004:0005:0006", "2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"), ("::1", "::1", "::/48"),
    ("fe80::1%eth0", "fe80::1", "fe80::/48"),
  ])
  func anAddressIsReadWrittenAndCut(_ text: String, _ written: String, _ network: String) throws {
    let address = try #require(IPAddress(withZone: text))
    #expect(address.description == written)
    #expect(address.network.description == network)
    #expect(Network(network)?.first == address.network.first && Network(network) == address.network)
  }

  @Test(arguments: ["", "1.2.3", "1.2.3.256", "1.2.3.4.5", "12345::", "g::1", "1.2.3.4/24", "localhost", " 1.2.3.4"])
  func whatIsNoAddressIsRefused(_ text: String) { #expect(IPAddress(text) == nil) }

  @Test(arguments: ["1.2.3.4/33", "::/129", "1.2.3.4/", "1.2.3.4/-1", "1.2.3.4/+8", "1.2.3.4/8/8", "/8", "x/8"])
  func whatIsNoNetworkIsRefused(_ text: String) { #expect(Network(text) == nil) }

  @Test func theWidestAndNarrowestNetworksHold() throws {
    let all = try #require(Network("::/0"))
    #expect(all.first.value == 0 && all.last.value == .max)
    #expect(Network("0.0.0.0/0")?.last == IPAddress("255.255.255.255"))
    #expect(Network("192.0.2.1")?.description == "192.0.2.1/32" && Network("::1")?.description == "::1/128")
    #expect(Network("10.20.30.40/8")?.description == "10.0.0.0/8")
  }

  @Test func aNetworkHoldsItsAddressesInBothSpellingsAndNoOthers() throws {
    let network = try #require(Network("10.1.0.0/16"))
    for inside in ["10.1.0.0", "10.1.255.255", "::ffff:10.1.2.3"] {
      #expect(network.contains(try #require(IPAddress(inside))), "\(inside)")
    }
    for outside in ["10.0.255.255", "10.2.0.0", "::10.1.2.3", "2001:db8::1"] {
      #expect(!network.contains(try #require(IPAddress(outside))), "\(outside)")
    }
  }

  /// `::ffff:10.0.0.0/8` would be every address of IPv4 and more by its bits, and one network of them by what was meant.
  @Test func bitsOfIPv4InTheSpellingOfIPv6AreThoseOfIPv6() {
    #expect(
      Network("::ffff:10.0.0.0/104") == Network("10.0.0.0/8") && Network("::ffff:10.0.0.1") == Network("10.0.0.1/32"))
    #expect(Network("::ffff:10.0.0.0/8") == nil && Network("::ffff:10.0.0.0/129") == nil)
  }

  @Test func aZoneIsReadWhereAPeerMayHaveOneAndNowhereElse() {
    #expect(IPAddress(withZone: "fe80::1%eth0") == IPAddress("fe80::1") && IPAddress("fe80::1%eth0") == nil)
    #expect(
      IPAddress("127.0.0.1%eth0") == nil && IPAddress("127.0.0.1\0") == nil && IPAddress(withZone: "%eth0") == nil)
  }
}
