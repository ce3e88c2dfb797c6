import HTTPTypes
import TenantRuntime

/// By which a request is found in logs: the caller's own `X-Request-Id`, if it is short and harmless, or a random one. Every answer of the
/// API bears it.
enum RequestID {
  static let field = HTTPField.Name("X-Request-Id")
  private static let longest = 64

  static func of(_ given: String?) -> String {
    guard let given, (1...longest).contains(given.utf8.count), given.utf8.allSatisfy(isHarmless) else {
      let random = UInt64.random(in: .min ... .max)
      let hex = String(random, radix: 16)
      return String(repeating: "0", count: 16 - hex.utf8.count) + hex
    }
    return given
  }

  private static func isHarmless(_ byte: UInt8) -> Bool {
    byte &- 48 < 10 || (byte | 0x20) &- 97 < 26 || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
      || byte == UInt8(ascii: ".")
  }
}
