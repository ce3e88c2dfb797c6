import Foundation

/// SplitMix64: small, fast and the same on every machine for one seed.
struct Draws: RandomNumberGenerator {
  var state: UInt64

  init(seed: UInt64) { state = seed }

  /// A stream of its own for one message, so that a person's fate does not depend on the order of arrival.
  init(seed: UInt64, person: String, ordinal: Int) {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    // The ordinal is hashed too: streams a step apart would give one's second identifier as the other's first.
    for byte in "\(person) \(ordinal)".utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    state = seed &+ hash
    _ = next()
  }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  mutating func share() -> Double { Double(next() >> 11) / Double(UInt64(1) << 53) }

  mutating func hit(_ probability: Double) -> Bool { probability > 0 && share() < probability }

  mutating func within(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(next() % UInt64(range.upperBound - range.lowerBound + 1))
  }

  mutating func one<T>(of values: [T]) -> T { values[Int(next() % UInt64(values.count))] }

  /// 32 hex digits, the tail of every Twilio identifier.
  mutating func hex32() -> String {
    let digits = Array("0123456789abcdef".utf8)
    var bytes = [UInt8]()
    bytes.reserveCapacity(32)
    for _ in 0..<2 {
      var word = next()
      for _ in 0..<16 {
        bytes.append(digits[Int(word & 15)])
        word >>= 4
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  mutating func uuid() -> String {
    let hex = hex32()
    var rest = Substring(hex)
    let groups = [8, 4, 4, 4, 12]
      .map { length in
        defer { rest = rest.dropFirst(length) }
        return String(rest.prefix(length))
      }
    return groups.joined(separator: "-")
  }
}
