import TenantRuntime
import Testing

@Suite struct KnownNetworksTests {
  @Test func aGatewayInsideACarriersRangeIsAGateway() throws {
    let (gateways, carriers) = (try NetworkList(text: "100.64.7.0/24"), try NetworkList(text: "100.64.0.0/10"))
    let networks = Networks(scanners: gateways, carriers: carriers)
    let listed = { (text: String) in networks.listed(IPAddress(text)) }
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
}

@Suite struct AddressPrivacyTests {
  @Test func addressesAreKeptAsTheTenantChose() {
    let (key, other) = ([UInt8](repeating: 7, count: 32), [UInt8](repeating: 8, count: 32))
    let address = IPAddress("203.0.113.77")
    #expect(AddressPrivacy.full.kept(address, key: key) == "203.0.113.77")
    #expect(AddressPrivacy.truncated.kept(address, key: key) == "203.0.113.0/24")
    #expect(AddressPrivacy.truncated.kept(IPAddress("2001:db8:1:2::3"), key: key) == "2001:db8:1::/48")
    let hashed = AddressPrivacy.hashed.kept(address, key: key)
    #expect(hashed.count == 16 && hashed.allSatisfy(\.isHexDigit))
    #expect(hashed == AddressPrivacy.hashed.kept(IPAddress("::ffff:203.0.113.77"), key: key))
    #expect(hashed != AddressPrivacy.hashed.kept(address, key: other))
    #expect(hashed != AddressPrivacy.hashed.kept(IPAddress("203.0.113.78"), key: key))
    for privacy in AddressPrivacy.allCases { #expect(privacy.kept(nil, key: key) == "") }
  }

  @Test func aHashIsTheFirstEightBytesOfTheStandardsHMAC() {
    // Python: hmac.new(bytes([7]*32), ipaddress.ip_address("::ffff:203.0.113.77").packed, "sha256").hexdigest()[:16]
    #expect(
      AddressPrivacy.hashed.kept(IPAddress("203.0.113.77"), key: [UInt8](repeating: 7, count: 32)) == "8e448972d1d1421f"
    )
  }
}
