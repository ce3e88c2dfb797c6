/// Words of the vocabulary, one bit each.
struct WordSet: Sendable {
  private var bits: [UInt64] = []

  @inline(__always) func contains(_ word: Int32) -> Bool {
    let index = Int(word) >> 6
    return index < bits.count && bits[index] & (1 << UInt64(word & 63)) != 0
  }

  var words: [Int32] { (0..<Int32(bits.count * 64)).filter { contains($0) } }

  mutating func insert(_ word: Int32) {
    while bits.count <= Int(word) >> 6 { bits.append(0) }
    bits[Int(word) >> 6] |= 1 << UInt64(word & 63)
  }

  func padded(to count: Int) -> [UInt64] { bits + Array(repeating: 0, count: count - bits.count) }

  mutating func formUnion(_ other: WordSet) { for word in other.words { insert(word) } }
}

/// All the sets of the rules in one array: looking up a word touches no reference count, which took most of the time before.
struct WordTable: Sendable {
  typealias ID = Int

  private(set) var sets: [WordSet] = []
  private var bits: [UInt64] = []
  private var stride = 0

  mutating func add(_ set: WordSet) -> ID {
    sets.append(set)
    return sets.count - 1
  }

  /// To be called once, when the vocabulary is complete.
  mutating func seal(words: Int32) {
    stride = Int(words + 63) >> 6
    bits = sets.flatMap { $0.padded(to: stride) }
  }

  @inline(__always) func contains(_ word: Int32, in set: ID) -> Bool {
    bits[set * stride + Int(word) >> 6] & (1 << UInt64(word & 63)) != 0
  }
}
