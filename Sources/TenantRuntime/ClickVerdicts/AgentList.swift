/// Names looked for in a user agent, all in one pass: the next four bytes choose a bucket of a hash table, few of which hold a name.
///
/// Read from text: a line `tag:` opens a group, its names follow, each ended by `|`. A name is lower case and at least four bytes long
/// with its marks: `^` the agent starts here, `$` it ends here, `~` a word begins here, `one*two` two in that order.
struct AgentList: Sendable {
  private(set) var tags: [String] = []
  private var names: [Name] = []
  private var bytes: [UInt8] = []
  /// Where each bucket's names begin in `names`; one more than there are buckets.
  private var starts: [UInt16] = []

  private struct Name {
    var key: UInt32 = 0
    var at: Int
    var first: Int
    var rest: Int
    var tag: Int
    var startsWord: Bool
  }

  /// A user agent as the lists read it: lower case, a zero before and after, which `^` and `$` match.
  struct Agent {
    let bytes: [UInt8]

    init(_ text: String) {
      var bytes: [UInt8] = [0]
      bytes.reserveCapacity(text.utf8.count + 2)
      for byte in text.utf8 { bytes.append(byte &- 65 < 26 ? byte | 0x20 : byte) }
      bytes.append(0)
      self.bytes = bytes
    }
  }

  init(_ text: String) {
    for line in text.split(separator: "\n") {
      if line.hasSuffix(":") {
        tags.append(String(line.dropLast()))
      } else {
        for name in line.split(separator: "|") { add(name, tag: tags.count - 1) }
      }
    }
    precondition(tags.count <= 32 && names.count <= UInt16.max, "a list has at most 32 tags and 65,535 names")
    names.sort { Self.bucket($0.key) < Self.bucket($1.key) }
    starts = Array(repeating: 0, count: Self.buckets + 1)
    for name in names { starts[Self.bucket(name.key) + 1] += 1 }
    for bucket in 0..<Self.buckets { starts[bucket + 1] += starts[bucket] }
  }

  /// Calls `found` with each name's tag and the place behind it, in the order they stand in the agent.
  func find(in agent: Agent, _ found: (_ tag: Int, _ end: Int) -> Void) {
    agent.bytes.withUnsafeBufferPointer { agent in
      starts.withUnsafeBufferPointer { starts in
        guard agent.count > 4 else { return }
        var key = UInt32(agent[0]) << 16 | UInt32(agent[1]) << 8 | UInt32(agent[2])
        for last in 3..<agent.count {
          key = key << 8 | UInt32(agent[last])
          let bucket = Self.bucket(key)
          let (from, to) = (Int(starts[bucket]), Int(starts[bucket + 1]))
          if from == to { continue }
          for name in names[from..<to] where name.key == key {
            if let end = end(of: name, in: agent, at: last - 3) { found(name.tag, end) }
          }
        }
      }
    }
  }

  /// The tags found, a bit for each.
  func tags(in agent: Agent) -> UInt32 {
    var bits: UInt32 = 0
    find(in: agent) { tag, _ in bits |= 1 << UInt32(tag) }
    return bits
  }

  private static let buckets = 1 << 14
  private static func bucket(_ key: UInt32) -> Int { Int((key &* 2_654_435_769) >> 18) }

  private mutating func add(_ written: Substring, tag: Int) {
    var written = written
    let startsWord = written.hasPrefix("~")
    if startsWord { written = written.dropFirst() }
    let ends = written.split(separator: "*", maxSplits: 1).map { end in
      end.utf8.map { $0 == UInt8(ascii: "^") || $0 == UInt8(ascii: "$") ? 0 : $0 }
    }
    precondition(ends[0].count >= 4, "a name in a list of agents has four bytes")
    var name = Name(at: bytes.count, first: ends[0].count, rest: 0, tag: tag, startsWord: startsWord)
    name.key = ends[0].prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    bytes += ends[0]
    if ends.count > 1 {
      name.rest = ends[1].count
      bytes += ends[1]
    }
    names.append(name)
  }

  /// Behind the name, if it stands at this place.
  private func end(of name: Name, in agent: UnsafeBufferPointer<UInt8>, at start: Int) -> Int? {
    let end = start + name.first
    guard end <= agent.count else { return nil }
    for offset in 4..<max(name.first, 4) where agent[start + offset] != bytes[name.at + offset] { return nil }
    if name.startsWord, Self.isLetterOrDigit(agent[start - 1]) { return nil }
    if name.rest == 0 { return end }
    let rest = name.at + name.first
    guard end + name.rest <= agent.count else { return nil }
    for found in end...(agent.count - name.rest)
    where (0..<name.rest).allSatisfy({ agent[found + $0] == bytes[rest + $0] }) {
      return found + name.rest
    }
    return nil
  }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool { byte | 0x20 &- 97 < 26 || byte &- 48 < 10 }
}
