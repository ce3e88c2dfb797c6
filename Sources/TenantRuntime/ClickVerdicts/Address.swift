import Crypto
import Foundation

/// An internet address. IPv4 stands in IPv6's mapped range (::ffff:0:0/96), so that both are one order of numbers.
package struct Address: Hashable, Sendable, CustomStringConvertible {
  package let value: UInt128

  package init(value: UInt128) { self.value = value }

  /// Reads `192.0.2.1`, `2001:db8::1`, `::ffff:192.0.2.1`, also with a zone (`fe80::1%eth0`).
  package init?(_ text: String) {
    let text = text.utf8.contains(UInt8(ascii: "%")) ? String(text.prefix { $0 != "%" }) : text
    // C would read up to the NUL only.
    guard !text.utf8.contains(0) else { return nil }
    var four = in_addr()
    if inet_pton(AF_INET, text, &four) == 1 {
      self.init(value: Self.mapped | UInt128(UInt32(bigEndian: four.s_addr)))
      return
    }
    var six = in6_addr()
    guard text.utf8.count <= 45, inet_pton(AF_INET6, text, &six) == 1 else { return nil }
    self.init(value: withUnsafeBytes(of: &six) { $0.reduce(0) { $0 << 8 | UInt128($1) } })
  }

  package init?(_ text: Substring) { self.init(String(text)) }

  package var isIPv4: Bool { value >> 32 == 0xFFFF }
  private static let mapped: UInt128 = 0xFFFF << 32

  /// The network one household or office usually has for itself: /24 of IPv4, /48 of IPv6.
  package var network: Network { Network(self, bits: isIPv4 ? 24 : 48) }

  package var description: String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { text in
      guard let start = text.baseAddress else { return "" }
      if isIPv4 {
        var four = in_addr(s_addr: UInt32(truncatingIfNeeded: value).bigEndian)
        inet_ntop(AF_INET, &four, start, socklen_t(text.count))
      } else {
        var six = value.bigEndian
        inet_ntop(AF_INET6, &six, start, socklen_t(text.count))
      }
      return String(cString: start)
    }
  }
}

/// A range of addresses that share their first bits.
package struct Network: Hashable, Sendable, CustomStringConvertible {
  package let first: Address
  /// Counted in IPv6's 128.
  private let length: Int

  /// `bits` of the family of `address`; those behind are cleared.
  package init(_ address: Address, bits: Int) {
    precondition((0...(address.isIPv4 ? 32 : 128)).contains(bits), "a prefix is within its address")
    length = address.isIPv4 ? bits + 96 : bits
    first = Address(value: length == 0 ? 0 : address.value & (UInt128.max << (128 - length)))
  }

  /// Reads `192.0.2.0/24`, `2001:db8::/32`, or one address.
  package init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let address = Address(String(parts[0])) else { return nil }
    let whole = address.isIPv4 ? 32 : 128
    guard parts.count == 2 else {
      self.init(address, bits: whole)
      return
    }
    guard parts[1].utf8.count <= 3, parts[1].utf8.allSatisfy({ $0 &- 48 < 10 }), let bits = Int(parts[1]), bits <= whole
    else { return nil }
    self.init(address, bits: bits)
  }

  package var last: Address { Address(value: length == 128 ? first.value : first.value | UInt128.max >> length) }
  package var description: String { "\(first)/\(first.isIPv4 ? length - 96 : length)" }
}

/// How much of a visitor's address a tenant keeps.
package enum AddressPrivacy: String, Sendable, Codable, CaseIterable {
  case full
  /// `203.0.113.0/24`, `2001:db8:1::/48`: enough for bursts and for the operator's lists.
  case truncated
  /// 16 hex digits of HMAC-SHA256 under the tenant's key: tells the same visitor again, and nothing else.
  case hashed

  /// Empty for what is no address.
  package func kept(_ address: Address?, key: [UInt8]) -> String {
    guard let address else { return "" }
    switch self {
    case .full: return address.description
    case .truncated: return address.network.description
    case .hashed:
      let bytes = withUnsafeBytes(of: address.value.bigEndian) { Array($0) }
      let code = HMAC<SHA256>.authenticationCode(for: bytes, using: SymmetricKey(data: key))
      let digits = Array("0123456789abcdef".utf8)
      return String(
        decoding: code.prefix(8).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
  }
}
