import ControlPlane
import Foundation
import HTTPTypes
import Hummingbird
import TenantRuntime

/// Where a page lies, and what its forms may do: one base of addresses.
enum PageBase: Sendable, Equatable {
  case tenant(String)
  case platform
  case own

  var path: String {
    switch self {
    case .tenant(let key): "/t/\(key)/"
    case .platform: "/admin/"
    case .own: "/account/"
    }
  }

  /// Of the API that its forms are sent to.
  var api: String {
    switch self {
    case .tenant(let key): "/api/v1/tenants/\(key)/"
    case .platform: "/api/v1/admin/"
    case .own: "/api/v1/"
    }
  }

  var tenant: String? { if case .tenant(let key) = self { key } else { nil } }
}

/// Finds the declaration that a path belongs to: of two that fit, the one with fewer parameters.
enum PathMatch {
  /// One part of an address, whatever stands in it.
  static func escaped(_ part: Substring) -> String {
    part.utf8.map { byte in
      let isPlain = (byte | 0x20) &- 97 < 26 || byte &- 48 < 10
      return isPlain
        ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }.joined()
  }

  private static func parameters(_ pattern: String, _ parts: [Substring]) -> Parameters? {
    // Most patterns have another number of parts, and need not be cut up.
    let length = pattern.isEmpty ? 0 : pattern.utf8.count { $0 == UInt8(ascii: "/") } + 1
    guard length == parts.count else { return nil }
    let names = pattern.split(separator: "/", omittingEmptySubsequences: false)
    var found = Parameters()
    for (name, part) in zip(names, parts) {
      if name.hasPrefix(":") {
        found[name.dropFirst()] = part.removingPercentEncoding.map { Substring($0) } ?? part
      } else if name != part {
        return nil
      }
    }
    return found
  }

  static func best<Declaration>(
    _ all: [Declaration], _ path: String, of pattern: (Declaration) -> String
  ) -> (Declaration, Parameters)? {
    let parts = path.split(separator: "/", omittingEmptySubsequences: true)
    return all.compactMap { one in parameters(pattern(one), parts).map { (one, $0) } }
      .min { $0.1.count < $1.1.count }
  }
}
