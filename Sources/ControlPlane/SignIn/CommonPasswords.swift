import Crypto

/// Passwords that are tried first, of public breaches; made by `ops/data/common-passwords`.
enum CommonPasswords {
  private static let bits = PackageResources.common_passwords_bloom

  /// - Parameter plain: in lower case. Also found: one of them with a few digits or signs behind it, as `password2026!`.
  static func contains(_ plain: String) -> Bool {
    if holds(plain) { return true }
    let stem = plain.reversed().drop { !$0.isLetter }.reversed()
    return plain.count - stem.count <= 6 && stem.count >= 8 && holds(String(stem))
  }

  private static func holds(_ word: String) -> Bool {
    let digest = Array(SHA256.hash(data: Array(word.utf8)))
    return (0..<8).allSatisfy { part in
      let number = (0..<4).reduce(0) { $0 | Int(digest[4 * part + $1]) << (8 * $1) }
      let bit = number % (bits.count * 8)
      return bits[bit >> 3] & (1 << UInt8(bit & 7)) != 0
    }
  }
}
