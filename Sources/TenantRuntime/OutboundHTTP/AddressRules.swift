import Glibc

/// An address of the network: sixteen bytes, IPv4 as `::ffff:a.b.c.d`, so that both spellings of one address are one value.
package struct IPAddress: Hashable, Sendable {
  package let bytes: [UInt8]

  package init(bytes: [UInt8]) {
    precondition(bytes.count == 16, "an address has sixteen bytes")
    self.bytes = bytes
  }

  package init(v4 bytes: some Sequence<UInt8>) {
    self.init(bytes: Array(repeating: 0, count: 10) + [0xff, 0xff] + bytes)
  }

  /// The one exact spelling of `inet_pton`: no octal, no missing parts, no zone.
  package init?(_ text: String) {
    guard !text.utf8.contains(0) else { return nil }
    var bytes = [UInt8](repeating: 0, count: 16)
    if inet_pton(AF_INET, text, &bytes) == 1 {
      self.init(v4: bytes[..<4])
    } else if inet_pton(AF_INET6, text, &bytes) == 1 {
      self.init(bytes: bytes)
    } else {
      return nil
    }
  }

  package var isV4: Bool { bytes.starts(with: [UInt8](repeating: 0, count: 10) + [0xff, 0xff]) }

  /// As `CURLOPT_RESOLVE` and people write it.
  package var text: String {
    if isV4 { return bytes[12...].map(String.init).joined(separator: ".") }
    var buffer = [CChar](repeating: 0, count: 64)
    inet_ntop(AF_INET6, bytes, &buffer, 64)
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

/// A block of addresses, `10.0.0.0/8` or `fd00::/8`; an address alone is a block of one.
package struct AddressBlock: Hashable, Sendable {
  private let base: IPAddress
  /// Of the sixteen bytes.
  private let bits: Int

  package init?(_ text: String) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let base = parts.first.flatMap({ IPAddress(String($0)) }) else { return nil }
    let own = base.isV4 && !text.contains(":") ? 32 : 128
    var given = own
    if parts.count == 2 {
      guard parts[1].utf8.allSatisfy({ (48...57).contains($0) }), let bits = Int(parts[1]), (0...own).contains(bits)
      else { return nil }
      given = bits
    }
    self.base = base
    bits = 128 - own + given
  }

  package func contains(_ address: IPAddress) -> Bool {
    let whole = bits / 8
    guard address.bytes[..<whole] == base.bytes[..<whole] else { return false }
    guard bits % 8 > 0 else { return true }
    let mask = UInt8(truncatingIfNeeded: 0xff00 >> (bits % 8))
    return address.bytes[whole] & mask == base.bytes[whole] & mask
  }
}

/// Which addresses a stranger may send us to: the public internet, and what the operator has allowed besides (OWASP ASVS 1.3.6).
package struct AddressRules: Sendable, Equatable {
  package var allowed: [AddressBlock]

  package init(allowed: [AddressBlock] = []) { self.allowed = allowed }

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

  private static func word(_ address: IPAddress, _ blocks: [(AddressBlock, String)]) -> String? {
    blocks.first { $0.0.contains(address) }?.1
  }

  private static func carried(_ address: IPAddress) -> IPAddress? {
    let bytes = address.bytes
    if bytes.starts(with: [0x20, 0x02]) { return IPAddress(v4: bytes[2..<6]) }  // 6to4, RFC 3056
    if bytes.starts(with: [0x20, 0x01, 0, 0]) { return IPAddress(v4: bytes[12...].map { ~$0 }) }  // Teredo, RFC 4380
    if nat64.contains(address) { return IPAddress(v4: bytes[12...]) }  // RFC 6052
    // ISATAP, RFC 5214
    if bytes[8] & 0xfd == 0, Array(bytes[9..<12]) == [0, 0x5e, 0xfe] { return IPAddress(v4: bytes[12...]) }
    // Compatible (RFC 4291) and translated (RFC 2765); `::` and `::1` are of IPv6 itself.
    guard bytes[..<8].allSatisfy({ $0 == 0 }), [[0, 0, 0, 0], [0xff, 0xff, 0, 0]].contains(Array(bytes[8..<12])),
      bytes[12...].contains(where: { $0 > 0 }), Array(bytes[12...]) != [0, 0, 0, 1]
    else { return nil }
    return IPAddress(v4: bytes[12...])
  }

  private static func blocks(_ table: [(String, String)]) -> [(AddressBlock, String)] {
    table.map { text, word in
      guard let block = AddressBlock(text) else { preconditionFailure("\(text) is a block of addresses") }
      return (block, word)
    }
  }
  private static func block(_ text: String) -> AddressBlock { blocks([(text, "")])[0].0 }

  private static let publicV6 = block("2000::/3")
  private static let nat64 = block("64:ff9b::/96")

  /// IANA's special-purpose registry, and addresses of cloud platforms' own services.
  private static let refusedV4 = blocks([
    ("0.0.0.0/8", "unspecified"), ("10.0.0.0/8", "private"), ("100.64.0.0/10", "shared"), ("127.0.0.0/8", "loopback"),
    ("169.254.0.0/16", "link-local"), ("172.16.0.0/12", "private"), ("192.0.0.0/24", "special"),
    ("192.0.2.0/24", "documentation"), ("192.88.99.0/24", "special"), ("192.168.0.0/16", "private"),
    ("198.18.0.0/15", "benchmark"), ("198.51.100.0/24", "documentation"), ("203.0.113.0/24", "documentation"),
    ("224.0.0.0/4", "multicast"), ("240.0.0.0/4", "reserved"), ("168.63.129.16/32", "metadata"),
  ])
  private static let refusedV6 = blocks([
    ("::/128", "unspecified"), ("::1/128", "loopback"), ("fc00::/7", "private"), ("fe80::/10", "link-local"),
    ("fec0::/10", "private"), ("ff00::/8", "multicast"), ("100::/64", "discard"), ("2001:2::/48", "benchmark"),
    ("2001:10::/28", "special"), ("2001:20::/28", "special"), ("2001:db8::/32", "documentation"),
    ("3fff::/20", "documentation"),
  ])
}
