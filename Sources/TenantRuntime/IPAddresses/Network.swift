/// Addresses that share their first bits: `10.0.0.0/8`, `fd00::/8`; an address alone is a network of one.
package struct Network: Hashable, Sendable, CustomStringConvertible {
  package let first: IPAddress
  /// Counted in IPv6's 128.
  private let length: Int

  /// `bits` of the family of `address`; those behind are cleared.
  package init(_ address: IPAddress, bits: Int) {
    precondition((0...(address.isV4 ? 32 : 128)).contains(bits), "a prefix is within its address")
    self.init(address, length: address.isV4 ? bits + 96 : bits)
  }

  private init(_ address: IPAddress, length: Int) {
    self.length = length
    first = IPAddress(value: length == 0 ? 0 : address.value & (UInt128.max << (128 - length)))
  }

  /// Reads `192.0.2.0/24`, `2001:db8::/32`, or one address. Of IPv4 in the spelling of IPv6 the bits are those of IPv6 (`::ffff:10.0.0.0/104`);
  /// fewer than 96 are refused: meant is a network of IPv4, said is more than all of them.
  package init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let word = parts.first, let address = IPAddress(withZone: word) else { return nil }
    guard parts.count == 2 else {
      self.init(address, length: 128)
      return
    }
    guard parts[1].utf8.count <= 3, parts[1].utf8.allSatisfy({ $0 &- 48 < 10 }), let bits = Int(parts[1]) else {
      return nil
    }
    let length = address.isV4 && !word.contains(":") ? bits + 96 : bits
    guard length <= 128, !address.isV4 || length >= 96 else { return nil }
    self.init(address, length: length)
  }

  package func contains(_ address: IPAddress) -> Bool { first.value <= address.value && address.value <= last.value }

  package var last: IPAddress { IPAddress(value: length == 128 ? first.value : first.value | UInt128.max >> length) }
  package var description: String { "\(first)/\(first.isV4 ? length - 96 : length)" }
}
