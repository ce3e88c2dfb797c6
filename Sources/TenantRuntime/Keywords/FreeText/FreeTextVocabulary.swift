/// Every word the rules mention, by the hash of its letters, so that reading a text makes no strings. (Two words of equal hash
/// would be read alike; at 64 bits nobody will meet one.)
struct FreeTextVocabulary: Sendable {
  private var numbers: [UInt64: Int32] = [:]
  private var joined: [UInt64: Int32] = [:]
  private(set) var count: Int32 = 1  // 0 is any word no rule mentions
  var table = WordTable()
  let hash: [UInt32] = Array("number".unicodeScalars.map(\.value))

  func number(_ letters: [UInt32]) -> Int32 { numbers[Self.hash(letters)] ?? 0 }

  /// Two words that are read as one: "do not" as "dont", "opt out" as "optout".
  func joined(_ first: Int32, _ second: Int32) -> Int32? { joined[UInt64(first) << 32 | UInt64(second)] }

  mutating func join(_ first: String, _ second: String, into whole: String) {
    joined[UInt64(add(first)) << 32 | UInt64(add(second))] = add(whole)
  }

  mutating func add(_ word: String) -> Int32 {
    let letters = word.unicodeScalars.compactMap { Folding.letter($0) }
    precondition(!letters.isEmpty, "A rule names a word without letters: \(word)")
    let hash = Self.hash(letters)
    if let number = numbers[hash] { return number }
    numbers[hash] = count
    count += 1
    return count - 1
  }

  mutating func add(_ spelling: String, for word: String) {
    let hash = Self.hash(spelling.unicodeScalars.compactMap { Folding.letter($0) })
    if numbers[hash] == nil { numbers[hash] = add(word) }
  }

  /// The slips of the thumb that still leave a long word readable: a letter left out, doubled, or swapped with its neighbour.
  /// The first letter stays, as it does in practice, and a slip that is a word of the rules itself stays that word.
  mutating func addSlips(of word: String, twice: Bool = false) {
    for slip in Self.slips(word) {
      add(slip, for: word)
      if twice { for second in Self.slips(slip) { add(second, for: word) } }
    }
  }

  private static func slips(_ word: String) -> Set<String> {
    let letters = Array(word)
    var slips: Set<String> = []
    for i in 1..<letters.count {
      slips.insert(String(letters[..<i] + letters[(i + 1)...]))
      slips.insert(String(letters[...i] + letters[i...]))
      if i + 1 < letters.count {
        var swapped = letters
        swapped.swapAt(i, i + 1)
        slips.insert(String(swapped))
      }
    }
    return slips
  }

  /// FNV-1a over the letters; three or more of one letter in a row count as one ("stoooop", "noooo").
  private static func hash(_ letters: [UInt32]) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    var i = 0
    while i < letters.count {
      let letter = letters[i]
      var end = i + 1
      while end < letters.count, letters[end] == letter { end += 1 }
      for _ in 0..<(end - i == 2 && letter >= 0x61 ? 2 : letter < 0x61 ? end - i : 1) {
        hash = (hash ^ UInt64(letter)) &* 0x100_0000_01b3
      }
      i = end
    }
    return hash
  }
}
