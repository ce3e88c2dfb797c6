/// Which addresses a stranger may send us to: the public internet, and what the operator has allowed besides (OWASP ASVS 1.3.6).
package struct AddressRules: Sendable, Equatable {
  package var allowed: [Network]

  package init(allowed: [Network] = []) { self.allowed = allowed }

  /// Why an address is refused, in a word; nil: it may be reached.
  package func refusal(_ address: IPAddress) -> String? {
    if allowed.contains(where: { $0.contains(address) }) { return nil }
    if address.isV4 { return Self.word(address, Self.refusedV4) }
    // An address of IPv6 that carries one of IPv4 leads where that one leads.
    if let carried = Self.carried(address), let word = refusal(carried) { return word }
    if let word = Self.word(address, Self.refusedV6) { return word }
    // All that IANA has given out for the public is in here, besides the well-known NAT64 prefix.
    return Self.publicV6.contains(address) || Self.nat64.contains(address) ? nil : "special"
  }

  private static func word(_ address: IPAddress, _ networks: [(Network, String)]) -> String? {
    networks.first { $0.0.contains(address) }?.1
  }

  private static func carried(_ address: IPAddress) -> IPAddress? {
    let value = address.value
    func v4(_ shift: Int) -> UInt32 { UInt32(truncatingIfNeeded: value >> shift) }
    if value >> 112 == 0x2002 { return IPAddress(v4: v4(80)) }  // 6to4, RFC 3056
    if value >> 96 == 0x2001_0000 { return IPAddress(v4: ~v4(0)) }  // Teredo, RFC 4380
    if nat64.contains(address) { return IPAddress(v4: v4(0)) }  // RFC 6052
    if v4(32) & 0xfdff_ffff == 0x5efe { return IPAddress(v4: v4(0)) }  // ISATAP, RFC 5214
    // Compatible (RFC 4291) and translated (RFC 2765); `::` and `::1` are of IPv6 itself.
    guard value >> 64 == 0, [0, 0xffff_0000].contains(v4(32)), v4(0) > 1 else { return nil }
    return IPAddress(v4: v4(0))
  }

  private static func networks(_ table: [(String, String)]) -> [(Network, String)] {
    table.map { text, word in
      guard let network = Network(text) else { preconditionFailure("\(text) is a network") }
      return (network, word)
    }
  }
  private static func network(_ text: String) -> Network { networks([(text, "")])[0].0 }

  private static let publicV6 = network("2000::/3")
  private static let nat64 = network("64:ff9b::/96")

  /// IANA's special-purpose registry, and addresses of cloud platforms' own services.
  private static let refusedV4 = networks([
    ("0.0.0.0/8", "unspecified"), ("10.0.0.0/8", "private"), ("100.64.0.0/10", "shared"), ("127.0.0.0/8", "loopback"),
    ("169.254.0.0/16", "link-local"), ("172.16.0.0/12", "private"), ("192.0.0.0/24", "special"),
    ("192.0.2.0/24", "documentation"), ("192.88.99.0/24", "special"), ("192.168.0.0/16", "private"),
    ("198.18.0.0/15", "benchmark"), ("198.51.100.0/24", "documentation"), ("203.0.113.0/24", "documentation"),
    ("224.0.0.0/4", "multicast"), ("240.0.0.0/4", "reserved"), ("168.63.129.16/32", "metadata"),
  ])
  private static let refusedV6 = networks([
    ("::/128", "unspecified"), ("::1/128", "loopback"), ("fc00::/7", "private"), ("fe80::/10", "link-local"),
    ("fec0::/10", "private"), ("ff00::/8", "multicast"), ("100::/64", "discard"), ("2001:2::/48", "benchmark"),
    ("2001:10::/28", "special"), ("2001:20::/28", "special"), ("2001:db8::/32", "documentation"),
    ("3fff::/20", "documentation"),
  ])
}
