import Crypto
import Foundation

/// How much of a visitor's address a tenant keeps.
package enum AddressPrivacy: String, Sendable, Codable, CaseIterable {
  case full
  /// `203.0.113.0/24`, `2001:db8:1::/48`: enough for bursts and for the operator's lists.
  case truncated
  /// 16 hex digits of HMAC-SHA256 under the tenant's key: tells the same visitor again, and nothing else.
  case hashed

  /// Empty for what is no address.
  package func kept(_ address: IPAddress?, key: [UInt8]) -> String {
    guard let address else { return "" }
    switch self {
    case .full: return address.description
    case .truncated: return address.network.description
    case .hashed:
      let bytes = address.bytes
      let code = HMAC<SHA256>.authenticationCode(for: bytes, using: SymmetricKey(data: key))
      let digits = Array("0123456789abcdef".utf8)
      return String(
        decoding: code.prefix(8).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
  }
}
