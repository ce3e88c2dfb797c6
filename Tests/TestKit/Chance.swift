import Foundation

/// Numbers that come again with their seed: printed, and taken from `SEED` where a run is to be repeated.
package struct Chance: RandomNumberGenerator {
  package let seed: UInt64
  private var state: UInt64

  /// - Parameter what: named beside the seed, for anyone who reads the output of a failed run.
  package init(_ what: String = #function) {
    let given = ProcessInfo.processInfo.environment["SEED"].flatMap { UInt64($0) }
    self.init(seed: given ?? UInt64.random(in: .min ... .max))
    print("SEED=\(seed) \(what)")
  }

  package init(seed: UInt64) { (self.seed, state) = (seed, seed) }

  /// SplitMix64.
  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  package mutating func below(_ count: Int) -> Int { Int.random(in: 0..<count, using: &self) }
  package mutating func pick<Element>(_ list: [Element]) -> Element { list[below(list.count)] }
  package mutating func happens(_ one: Int, in many: Int) -> Bool { below(many) < one }

  /// Up to so many bytes, mostly those that mean something to a parser.
  package mutating func bytes(_ most: Int, from alphabet: [UInt8] = []) -> [UInt8] {
    (0..<below(most + 1)).map { _ in
      alphabet.isEmpty || happens(1, in: 12) ? UInt8.random(in: .min ... .max, using: &self) : pick(alphabet)
    }
  }

  /// Up to so many pieces in a row, with now and then any character between them.
  package mutating func text(_ most: Int, of pieces: [String]) -> String {
    var text = ""
    for _ in 0..<below(most + 1) {
      if happens(1, in: 15), let scalar = Unicode.Scalar(UInt32(below(0x110000))) {
        text.unicodeScalars.append(scalar)
      } else {
        text += pick(pieces)
      }
    }
    return text
  }
}
