/// The words and signs of a Swift source, without comments and without the text of its string and regex literals; what is interpolated
/// into a string stays. Enough to tell which names a file declares and uses, no more.
struct SwiftTokens {
  private let bytes: [UInt8]
  private var at = 0
  private(set) var all: [String] = []

  init(_ source: String) {
    bytes = Array(source.utf8)
    readCode(endingAtBracket: false)
  }

  private func starts(with text: StaticString, from index: Int? = nil) -> Bool {
    let (start, count) = (index ?? at, text.utf8CodeUnitCount)
    guard start + count <= bytes.count else { return false }
    return (0..<count).allSatisfy { bytes[start + $0] == text.utf8Start[$0] }
  }

  private static func isOfAWord(_ byte: UInt8) -> Bool {
    (byte | 0x20) &- 97 < 26 || byte &- 48 < 10 || byte == UInt8(ascii: "_") || byte >= 0x80
  }

  /// - Parameter endingAtBracket: whether it is inside `\(…)`.
  private mutating func readCode(endingAtBracket: Bool) {
    var depth = 0
    while at < bytes.count {
      let byte = bytes[at]
      let mayBeText = byte == UInt8(ascii: "/") || byte == UInt8(ascii: "#") || byte == UInt8(ascii: "\"")
      if mayBeText, skipComment() || skipRegex() || skipString() { continue }
      if Self.isOfAWord(byte) {
        let start = at
        while at < bytes.count, Self.isOfAWord(bytes[at]) { at += 1 }
        all.append(String(decoding: bytes[start..<at], as: UTF8.self))
        continue
      }
      at += 1
      if byte == UInt8(ascii: "(") { depth += 1 }
      if byte == UInt8(ascii: ")") {
        depth -= 1
        if endingAtBracket, depth < 0 { return }
      }
      if byte > 0x20, byte != UInt8(ascii: "`") { all.append(String(UnicodeScalar(byte))) }
    }
  }

  private mutating func skipComment() -> Bool {
    if starts(with: "//") {
      while at < bytes.count, bytes[at] != UInt8(ascii: "\n") { at += 1 }
      return true
    }
    guard starts(with: "/*") else { return false }
    while at < bytes.count, bytes[at] != UInt8(ascii: "*") || !starts(with: "*/") { at += 1 }
    at += 2
    return true
  }

  private mutating func skipRegex() -> Bool {
    if starts(with: "#/") {
      at += 2
      while at < bytes.count, !starts(with: "/#") { at += 1 }
      at += 2
      return true
    }
    guard bytes[at] == UInt8(ascii: "/"), at + 1 < bytes.count, bytes[at + 1] > 0x20, let last = all.last,
      ["(", ",", "=", ":"].contains(last)
    else { return false }
    at += 1
    while at < bytes.count, bytes[at] != UInt8(ascii: "/"), bytes[at] != UInt8(ascii: "\n") {
      at += bytes[at] == UInt8(ascii: "\\") ? 2 : 1
    }
    at += 1
    return true
  }

  private mutating func skipString() -> Bool {
    var hashes = 0
    while at + hashes < bytes.count, bytes[at + hashes] == UInt8(ascii: "#") { hashes += 1 }
    let quote = at + hashes
    guard quote < bytes.count, bytes[quote] == UInt8(ascii: "\"") else { return false }
    let quotes = starts(with: "\"\"\"", from: quote) ? 3 : 1
    at = quote + quotes
    while at < bytes.count {
      if bytes[at] == UInt8(ascii: "\""), (0..<quotes).allSatisfy({ isAt($0, UInt8(ascii: "\"")) }),
        (0..<hashes).allSatisfy({ isAt(quotes + $0, UInt8(ascii: "#")) })
      {
        at += quotes + hashes
        return true
      }
      guard bytes[at] == UInt8(ascii: "\\"), (0..<hashes).allSatisfy({ isAt(1 + $0, UInt8(ascii: "#")) }) else {
        at += 1
        continue
      }
      at += 1 + hashes
      guard at < bytes.count, bytes[at] == UInt8(ascii: "(") else {
        at += 1
        continue
      }
      at += 1
      readCode(endingAtBracket: true)
    }
    return true
  }

  private func isAt(_ offset: Int, _ byte: UInt8) -> Bool { at + offset < bytes.count && bytes[at + offset] == byte }
}
