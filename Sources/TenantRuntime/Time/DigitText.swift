/// Dates and times as digits: lists have thousands of them, too many for a formatter.
enum DigitText {
  /// - Parameter parts: each a number without its sign, with zeros before it, and what stands behind it.
  static func text(_ parts: (value: Int64, digits: Int, end: Unicode.Scalar?)...) -> String {
    String(unsafeUninitializedCapacity: parts.reduce(0) { $0 + $1.digits + 1 }) { text in
      var length = 0
      for part in parts {
        var left = part.value.magnitude
        for place in (length..<length + part.digits).reversed() {
          text[place] = 0x30 + UInt8(left % 10)
          left /= 10
        }
        length += part.digits
        if let end = part.end {
          text[length] = UInt8(ascii: end)
          length += 1
        }
      }
      return length
    }
  }
}
