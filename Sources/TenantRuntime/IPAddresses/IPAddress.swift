import Glibc

/// An internet address. IPv4 stands in IPv6's mapped range (::ffff:0:0/96), so that both spellings of one address are one value and both
/// families are one order of numbers.
package struct IPAddress: Hashable, Sendable, CustomStringConvertible {
  package let value: UInt128

  package init(value: UInt128) { self.value = value }

  package init(v4: UInt32) { self.init(value: Self.mapped | UInt128(v4)) }

  /// Sixteen bytes, as C keeps them.
  package init(bytes: some Collection<UInt8>) {
    precondition(bytes.count == 16, "an address has sixteen bytes")
    self.init(value: bytes.reduce(0) { $0 << 8 | UInt128($1) })
  }

  /// The one exact spelling of `inet_pton`: no octal, no missing parts, no zone.
  package init?(_ text: String) {
    // C would read up to the NUL only.
    guard !text.utf8.contains(0) else { return nil }
    var four = in_addr()
    if inet_pton(AF_INET, text, &four) == 1 {
      self.init(v4: UInt32(bigEndian: four.s_addr))
      return
    }
    var six = in6_addr()
    guard text.utf8.count <= 45, inet_pton(AF_INET6, text, &six) == 1 else { return nil }
    self.init(bytes: withUnsafeBytes(of: &six) { Array($0) })
  }

  /// Also with a zone (`fe80::1%eth0`), which says by which interface a peer is reached and is not kept. Not for an address to call: what
  /// reads it after us may take it for a name.
  package init?(withZone text: some StringProtocol) { self.init(String(text.prefix { $0 != "%" })) }

  package var isV4: Bool { value >> 32 == 0xFFFF }
  private static let mapped: UInt128 = 0xFFFF << 32

  package var bytes: [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }

  /// The network one household or office usually has for itself: /24 of IPv4, /48 of IPv6.
  package var network: Network { Network(self, bits: isV4 ? 24 : 48) }

  package var description: String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { text in
      guard let start = text.baseAddress else { return "" }
      if isV4 {
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
