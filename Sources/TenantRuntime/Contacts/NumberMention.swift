/// Where a phone number stands in a text. Numbers are of any length in many countries: +43 660 12345 is somebody else than +43 660 123456.
enum NumberMention {
  private static let separators = Set(" -().+/".utf8)
  /// So many zeros and ones may be dialled before a number: the way out of any country, and the 1 of North America.
  private static let mostDialled = 5

  /// In any spelling: with separators between its digits, and what is dialled before them.
  static func isIn(_ text: String, spelled digits: String) -> Bool {
    let (text, digits) = (Array(text.utf8), Array(digits.utf8))
    guard let first = digits.first else { return false }
    for start in text.indices where text[start] == first {
      guard let end = end(of: digits, in: text, from: start) else { continue }
      let before = text[..<start].reversed().prefix(mostDialled + 1).prefix(while: isDigit)
      let isDialled = before.count <= mostDialled && before.allSatisfy { $0 <= UInt8(ascii: "1") }
      if isDialled, !(end < text.count && isDigit(text[end])) { return true }
    }
    return false
  }

  /// As the program writes it: its digits alone.
  static func isIn(_ text: String, written digits: String) -> Bool { replaced(text, written: digits, by: "") != nil }

  /// With each mention replaced; nil: there is none.
  static func replaced(_ text: String, written digits: String, by other: String) -> String? {
    let (text, digits) = (Array(text.utf8), Array(digits.utf8))
    var (out, rest, found) = ([UInt8](), 0, false)
    while let next = text[rest...].firstRange(of: digits) {
      let isWhole =
        !(next.upperBound < text.count && isDigit(text[next.upperBound]))
        && !(next.lowerBound > 0 && isDigit(text[next.lowerBound - 1]))
      out += text[rest..<next.lowerBound]
      out += isWhole ? Array(other.utf8) : digits
      found = found || isWhole
      rest = next.upperBound
    }
    return found ? String(decoding: out + text[rest...], as: UTF8.self) : nil
  }

  /// Behind its last digit.
  private static func end(of digits: [UInt8], in text: [UInt8], from start: Int) -> Int? {
    var (at, matched) = (start, 0)
    while matched < digits.count {
      guard at < text.count else { return nil }
      if text[at] == digits[matched] { matched += 1 } else if !separators.contains(text[at]) { return nil }
      at += 1
    }
    return at
  }

  private static func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }
}
