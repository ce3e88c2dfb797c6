import Crypto
import Foundation

/// The path of a short link: eight characters that carry job and link number, so that no row per recipient is stored.
///
/// 46 bits = 30 of job id, 3 of link number, 13 of check; a keyed four-round-and-more Feistel permutation (HMAC-SHA256 as round
/// function, the tenant's link key) scatters them, and base 57 without look-alikes writes them down.
///
/// What an attacker can do: try tokens at random. All but one in 8,192 die here by arithmetic, without a file being opened, and the
/// rest must still name a text that was sent. What they cannot do: derive a neighbour's token, or count texts, without the key.
package struct LinkToken: Sendable, Equatable {
  package var jobID: Int64
  package var link: Int

  package init(jobID: Int64, link: Int) {
    self.jobID = jobID
    self.link = link
  }

  package static let length = 8
  /// The number that leads to the unsubscribe page; the campaign's own links have those below it.
  package static let unsubscribe = 7
  private static let alphabet = Array("23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz".utf8)
  private static let values: [UInt8: UInt64] = Dictionary(
    uniqueKeysWithValues: alphabet.enumerated().map { ($1, UInt64($0)) })
  private static let half: UInt64 = (1 << 23) - 1
  private static let rounds: UInt8 = 6
  package static let highestJobID: Int64 = (1 << 30) - 1

  package func text(key: [UInt8]) -> String {
    precondition((0...Self.highestJobID).contains(jobID) && (0..<8).contains(link), "a token carries 30 bits of job id")
    var value = UInt64(jobID) << 16 | UInt64(link) << 13
    value |= Self.check(value, key)
    var code = Self.permute(value, key, order: Array(0..<Self.rounds))
    var out = [UInt8](repeating: 0, count: Self.length)
    for position in stride(from: Self.length - 1, through: 0, by: -1) {
      out[position] = Self.alphabet[Int(code % 57)]
      code /= 57
    }
    return String(decoding: out, as: UTF8.self)
  }

  package init?(text: some StringProtocol, key: [UInt8]) {
    guard text.utf8.count == Self.length else { return nil }
    var code: UInt64 = 0
    for byte in text.utf8 {
      guard let value = Self.values[byte] else { return nil }
      code = code * 57 + value
    }
    guard code >> 46 == 0 else { return nil }
    // The permutation swaps halves each round; run backwards it undoes itself.
    let value = Self.unpermute(code, key)
    guard value & 0x1FFF == Self.check(value & ~0x1FFF, key) else { return nil }
    self.init(jobID: Int64(value >> 16), link: Int(value >> 13 & 7))
  }

  private static func permute(_ value: UInt64, _ key: [UInt8], order: [UInt8]) -> UInt64 {
    var left = value >> 23
    var right = value & half
    for round in order { (left, right) = (right, left ^ (hash(round, right, key) & half)) }
    return left << 23 | right
  }

  private static func unpermute(_ value: UInt64, _ key: [UInt8]) -> UInt64 {
    var left = value >> 23
    var right = value & half
    for round in (0..<rounds).reversed() { (left, right) = (right ^ (hash(round, left, key) & half), left) }
    return left << 23 | right
  }

  private static func check(_ value: UInt64, _ key: [UInt8]) -> UInt64 { hash(0xFF, value, key) & 0x1FFF }

  private static func hash(_ round: UInt8, _ value: UInt64, _ key: [UInt8]) -> UInt64 {
    var mac = HMAC<SHA256>(key: SymmetricKey(data: key))
    mac.update(data: [round] + (0..<8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) })
    return mac.finalize().prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
  }
}
