import Glibc

/// A form (`a=1&b=2`, WHATWG URL 5.1) read once over its bytes: webhooks come by the thousand a second.
///
/// Names and values are decoded leniently, as every peer does: a plus is a space, a broken escape stays as it is written.
package struct FormBody: Sendable {
  private struct Field: Sendable {
    var name: Range<Int>
    var value: Range<Int>
  }

  private var bytes: [UInt8] = []
  private var fields: [Field] = []
  /// More parameters than this are no webhook of the provider's.
  package static let mostFields = 200
  package private(set) var isTooLong = false

  package init(_ raw: some Sequence<UInt8>) {
    let raw = raw.withContiguousStorageIfAvailable { Array($0) } ?? Array(raw)
    bytes.reserveCapacity(raw.count)
    var start = 0
    var equals: Int?
    var at = 0
    while at <= raw.count {
      let byte = at < raw.count ? raw[at] : UInt8(ascii: "&")
      at += 1
      switch byte {
      case UInt8(ascii: "&"):
        if bytes.count > start || equals != nil {
          let middle = equals ?? bytes.count
          add(Field(name: start..<middle, value: middle..<bytes.count))
        }
        start = bytes.count
        equals = nil
      case UInt8(ascii: "=") where equals == nil: equals = bytes.count
      case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
      case UInt8(ascii: "%"):
        if at + 1 < raw.count, let high = Self.hex(raw[at]), let low = Self.hex(raw[at + 1]) {
          bytes.append(high << 4 | low)
          at += 2
        } else {
          bytes.append(byte)
        }
      default: bytes.append(byte)
      }
    }
  }

  /// The other way round: what reads as these names and values.
  package static func encoded(_ fields: [(name: String, value: String)]) -> String {
    String(decoding: bytes(fields), as: UTF8.self)
  }

  static func bytes(_ fields: [(name: String, value: String)]) -> [UInt8] {
    var out: [UInt8] = []
    for (index, field) in fields.enumerated() {
      if index > 0 { out.append(UInt8(ascii: "&")) }
      PercentEncoding.append(field.name, to: &out)
      out.append(UInt8(ascii: "="))
      PercentEncoding.append(field.value, to: &out)
    }
    return out
  }

  private mutating func add(_ field: Field) {
    if fields.count < Self.mostFields { fields.append(field) } else { isTooLong = true }
  }

  private static func hex(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }

  /// The last value of a name.
  package subscript(name: String) -> String? {
    var name = name
    let field = name.withUTF8 { wanted in
      bytes.withUnsafeBytes { bytes in
        fields.last { Self.order(bytes, $0.name, UnsafeRawBufferPointer(wanted), 0..<wanted.count) == 0 }
      }
    }
    return field.map { String(decoding: bytes[$0.value], as: UTF8.self) }
  }

  /// Below zero, zero or above, as the bytes of one range stand to those of another.
  private static func order(
    _ left: UnsafeRawBufferPointer, _ first: Range<Int>, _ right: UnsafeRawBufferPointer, _ second: Range<Int>
  ) -> Int {
    let shared = min(first.count, second.count)
    if shared > 0, let left = left.baseAddress, let right = right.baseAddress {
      let order = memcmp(left + first.lowerBound, right + second.lowerBound, shared)
      if order != 0 { return Int(order) }
    }
    return first.count - second.count
  }

  package func phone(_ name: String) -> PhoneNumber? { self[name].flatMap { PhoneNumber(e164: $0) } }

  /// Each distinct name with each of its distinct values, in the order of UTF-16 code units, one behind the other: what is signed.
  package func signed(after url: String) -> [UInt8] {
    var text = Array(url.utf8)
    text.reserveCapacity(text.count + bytes.count)
    // Bytes sort as code units do, but for names beyond U+D7FF, which nobody sends.
    let isPlain = bytes.allSatisfy { $0 < 0xEE }
    return bytes.withUnsafeBytes { bytes in
      func order(_ left: Range<Int>, _ right: Range<Int>) -> Int {
        if isPlain { return Self.order(bytes, left, bytes, right) }
        let (left, right) = (Self.units(bytes[left]), Self.units(bytes[right]))
        return left == right ? 0 : left.lexicographicallyPrecedes(right) ? -1 : 1
      }
      let sorted = fields.sorted {
        let names = order($0.name, $1.name)
        return names == 0 ? order($0.value, $1.value) < 0 : names < 0
      }
      for (index, field) in sorted.enumerated() {
        if index > 0, order(sorted[index - 1].name, field.name) == 0, order(sorted[index - 1].value, field.value) == 0 {
          continue
        }
        text.append(contentsOf: bytes[field.name])
        text.append(contentsOf: bytes[field.value])
      }
      return text
    }
  }

  private static func units(_ bytes: Slice<UnsafeRawBufferPointer>) -> [UInt16] {
    Array(String(decoding: bytes, as: UTF8.self).utf16)
  }
}
