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
    let address = try #require(Address(text))
    #expect(address.description == written)
    #expect(address.network.description == network)
    #expect(Network(network)?.first == address.network.first && Network(network) == address.network)
  }

  @Test(arguments: ["", "1.2.3", "1.2.3.256", "1.2.3.4.5", "12345::", "g::1", "1.2.3.4/24", "localhost", " 1.2.3.4"])
  func whatIsNoAddressIsRefused(_ text: String) { #expect(Address(text) == nil) }

  @Test(arguments: ["1.2.3.4/33", "::/129", "1.2.3.4/", "1.2.3.4/-1", "1.2.3.4/+8", "1.2.3.4/8/8", "/8", "x/8"])
  func whatIsNoNetworkIsRefused(_ text: String) { #expect(Network(text) == nil) }

  @Test func theWidestAndNarrowestNetworksHold() throws {
    let all = try #require(Network("::/0"))
    #expect(all.first.value == 0 && all.last.value == .max)
    #expect(Network("0.0.0.0/0")?.last == Address("255.255.255.255"))
    #expect(Network("192.0.2.1")?.description == "192.0.2.1/32" && Network("::1")?.description == "::1/128")
    #expect(Network("10.20.30.40/8")?.description == "10.0.0.0/8")
  }

  @Test func addressesAreKeptAsTheTenantChose() {
    let (key, other) = ([UInt8](repeating: 7, count: 32), [UInt8](repeating: 8, count: 32))
    let address = Address("203.0.113.77")
    #expect(AddressPrivacy.full.kept(address, key: key) == "203.0.113.77")
    #expect(AddressPrivacy.truncated.kept(address, key: key) == "203.0.113.0/24")
    #expect(AddressPrivacy.truncated.kept(Address("2001:db8:1:2::3"), key: key) == "2001:db8:1::/48")
    let hashed = AddressPrivacy.hashed.kept(address, key: key)
    #expect(hashed.count == 16 && hashed.allSatisfy(\.isHexDigit))
    #expect(hashed == AddressPrivacy.hashed.kept(Address("::ffff:203.0.113.77"), key: key))
    #expect(hashed != AddressPrivacy.hashed.kept(address, key: other))
    #expect(hashed != AddressPrivacy.hashed.kept(Address("203.0.113.78"), key: key))
    for privacy in AddressPrivacy.allCases { #expect(privacy.kept(nil, key: key) == "") }
  }

  @Test func aHashIsTheFirstEightBytesOfTheStandardsHMAC() {
    // Python: hmac.new(bytes([7]*32), ipaddress.ip_address("::ffff:203.0.113.77").packed, "sha256").hexdigest()[:16]
    #expect(
      AddressPrivacy.hashed.kept(Address("203.0.113.77"), key: [UInt8](repeating: 7, count: 32)) == "8e448972d1d1421f")
  }
}

@Suite struct NetworkListTests {
  static let text = """
    # Data centres
    192.0.2.0/24
    198.51.100.7      # one machine
    10.0.0.0/9
    10.64.0.0/10\t# inside the one above
      2001:db8::/32

    2001:db8:ffff::/48
    """

  @Test func aListReadsCommentsAndBothFamilies() throws {
    let list = try NetworkList(text: Self.text)
    #expect(list.count == 4)
    for inside in [
      "192.0.2.0", "192.0.2.255", "198.51.100.7", "10.0.0.0", "10.127.255.255", "2001:db8:ffff::1", "::ffff:192.0.2.9",
    ] { #expect(list.contains(Address(inside)!), "\(inside)") }
    for outside in [
      "192.0.1.255", "192.0.3.0", "198.51.100.6", "198.51.100.8", "10.128.0.0", "9.255.255.255", "2001:db9::", "::",
      "255.255.255.255",
    ] { #expect(!list.contains(Address(outside)!), "\(outside)") }
  }

  @Test func aBadLineIsNamed() {
    let error = #expect(throws: NetworkList.BadLine.self) { try NetworkList(text: "10.0.0.0/8\r\n\n10.0.0.0/99 # no") }
    #expect(error?.number == 3)
    #expect(throws: NetworkList.BadLine.self) { try NetworkList(text: "10.0.0.0/8 10.1.0.0/16") }
  }

  @Test func anEmptyListHoldsNothing() throws {
    #expect(!(try NetworkList(text: "# nothing\n")).contains(Address("10.0.0.1")!))
  }

  @Test func aGatewayInsideACarriersRangeIsAGateway() throws {
    let (gateways, carriers) = (try NetworkList(text: "100.64.7.0/24"), try NetworkList(text: "100.64.0.0/10"))
    let networks = Networks(scanners: gateways, carriers: carriers)
    let listed = { (text: String) in networks.listed(Address(text)) }
    #expect(listed("100.64.7.9") == .scanner && listed("100.64.8.9") == .carrier && listed("8.8.8.8") == nil)
    #expect(listed("nonsense") == nil)
  }

  /// What a tenant keeps of an address, and what the lists can still say of it.
  @Test(arguments: [
    ("10.1.2.3", ListedNetwork?.none, ListedNetwork?.some(.scanner)), ("10.1.2.0/24", nil, .scanner),
    ("10.1.0.0/15", .carrier, .carrier), ("172.16.5.0/24", .scanner, .carrier), ("172.16.5.0/24", nil, .carrier),
    ("9.9.9.0/24", .scanner, nil), ("192.0.2.0/24", nil, nil), ("192.0.2.0/24", .scanner, .scanner),
    ("192.0.2.7", nil, .scanner), ("192.0.2.8", .scanner, nil), ("2001:db8:1::/48", nil, .scanner),
    ("ab12cd34ab12cd34", .carrier, .carrier), ("", .scanner, .scanner),
  ])
  func whatIsKeptIsAskedAgainAsFarAsItGoes(_ kept: String, _ before: ListedNetwork?, _ now: ListedNetwork?) throws {
    let networks = Networks(
      scanners: try NetworkList(text: "10.1.0.0/16\n192.0.2.7\n2001:db8::/32"),
      carriers: try NetworkList(text: "172.16.0.0/12\n10.0.0.0/8"))
    #expect(networks.listed(kept: kept, before: before) == now)
  }

  @Test func overlappingRangesAgreeWithPlainSearch() {
    let networks = (0..<400).compactMap {
      Network("\(10 + $0 * 37 % 5).\($0 * 91 % 256).\($0 * 57 % 256).0/\(12 + $0 % 17)")
    }
    let list = NetworkList(networks)
    for step in 0..<4_000 {
      let address = Address("\(9 + step % 8).\(step * 13 % 256).\(step * 7 % 256).\(step % 256)")!
      let plain = networks.contains { $0.first.value <= address.value && address.value <= $0.last.value }
      #expect(list.contains(address) == plain, "\(address)")
    }
  }
}
