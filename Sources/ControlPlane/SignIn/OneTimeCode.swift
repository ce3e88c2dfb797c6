import Crypto
import Foundation
import TenantRuntime

/// Time-based one-time codes (RFC 6238): SHA-1, six digits, thirty seconds, as every authenticator has them.
struct OneTimeCode: Sendable {
  let secret: [UInt8]
  private static let seconds: Int64 = 30
  private static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")

  static func make() -> OneTimeCode { OneTimeCode(secret: (0..<20).map { _ in .random(in: 0...255) }) }

  func code(step: Int64) -> String {
    let counter = (0..<8).map { UInt8(truncatingIfNeeded: step >> Int64(56 - 8 * $0)) }
    let digest = Array(HMAC<Insecure.SHA1>.authenticationCode(for: counter, using: SymmetricKey(data: secret)))
    let offset = Int(digest[19] & 15)
    let number = (0..<4).reduce(UInt32(0)) { $0 << 8 | UInt32(digest[offset + $1]) } & 0x7FFF_FFFF
    let text = String(number % 1_000_000)
    return String(repeating: "0", count: 6 - text.count) + text
  }

  /// The step that the code is of, one before and after included for clocks that differ; nil: it is wrong, or of a step used before.
  func step(of typed: String, at now: Moment, after used: Int64?) -> Int64? {
    let digits = typed.filter { !$0.isWhitespace }
    let current = now.milliseconds / 1000 / Self.seconds
    return [current, current - 1, current + 1].first { step in
      constantTimeEqual(Array(code(step: step).utf8), Array(digits.utf8)) && used.map { step > $0 } != false
    }
  }

  /// Base32 (RFC 4648) without padding: what is typed where no picture can be read.
  var base32: String {
    var (text, bits, count) = ("", UInt32(0), 0)
    for byte in secret {
      bits = bits << 8 | UInt32(byte)
      count += 8
      while count >= 5 {
        count -= 5
        text.append(Self.letters[Int(bits >> UInt32(count)) & 31])
      }
    }
    if count > 0 { text.append(Self.letters[Int(bits << UInt32(5 - count)) & 31]) }
    return text
  }

  /// What authenticators read out of the picture.
  func address(of email: String) -> String {
    let label = email.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? email
    return "otpauth://totp/Roundhouse:\(label)?secret=\(base32)&issuer=Roundhouse&algorithm=SHA1&digits=6&period=30"
  }
}

/// Codes for who has lost the device: each good once.
enum RecoveryCodes {
  static let count = 10
  private static let letters = Array("bcdfghjkmnpqrstvwxyz23456789")

  /// Some 72 bits each.
  static func make() -> [String] {
    (0..<count).map { _ in
      (0..<3).map { _ in String((0..<5).map { _ in letters.randomElement() ?? "b" }) }.joined(separator: "-")
    }
  }

  static func digest(_ typed: String) -> [UInt8] {
    APIKey.digest(String(typed.lowercased().filter { letters.contains($0) }.prefix(40)))
  }
}
