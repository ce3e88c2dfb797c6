/// Reads what the intake keeps; nil for whatever is not there or too long.
struct LineReader {
  var rest: ArraySlice<UInt8>

  mutating func byte() -> UInt8? { rest.popFirst() }

  mutating func number() -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 63, by: 7) {
      guard let byte = rest.popFirst() else { return nil }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    return nil
  }

  mutating func bytes(atMost most: Int) -> ArraySlice<UInt8>? {
    guard let length = number(), length <= UInt64(most), rest.count >= Int(clamping: length) else { return nil }
    defer { rest = rest.dropFirst(Int(length)) }
    return rest.prefix(Int(length))
  }

  mutating func text(most: Int) -> String? { bytes(atMost: most).map { String(decoding: $0, as: UTF8.self) } }
}

extension [UInt8] {
  mutating func append(number: UInt64) {
    var left = number
    while left >= 0x80 {
      append(UInt8(truncatingIfNeeded: left) | 0x80)
      left >>= 7
    }
    append(UInt8(left))
  }
}
