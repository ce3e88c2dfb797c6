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
    let raw = Array(raw)
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
    let wanted = name.utf8
    guard let field = fields.last(where: { bytes[$0.name].elementsEqual(wanted) }) else { return nil }
    return String(decoding: bytes[field.value], as: UTF8.self)
  }

  package func phone(_ name: String) -> PhoneNumber? { self[name].flatMap { PhoneNumber(e164: $0) } }

  /// Each distinct name with each of its distinct values, in the order of UTF-16 code units, one behind the other: what is signed.
  package func signed(after url: String) -> [UInt8] {
    var text = Array(url.utf8)
    text.reserveCapacity(text.count + bytes.count)
    // Bytes sort as code units do, but for names beyond U+D7FF, which nobody sends.
    let isPlain = bytes.allSatisfy { $0 < 0xEE }
    func precedes(_ left: Range<Int>, _ right: Range<Int>) -> Bool {
      isPlain
        ? bytes[left].lexicographicallyPrecedes(bytes[right])
        : Array(String(decoding: bytes[left], as: UTF8.self).utf16).lexicographicallyPrecedes(
          Array(String(decoding: bytes[right], as: UTF8.self).utf16))
    }
    func isSame(_ left: Range<Int>, _ right: Range<Int>) -> Bool { bytes[left].elementsEqual(bytes[right]) }
    let sorted = fields.sorted {
      isSame($0.name, $1.name) ? precedes($0.value, $1.value) : precedes($0.name, $1.name)
    }
    for (index, field) in sorted.enumerated() {
      if index > 0, isSame(sorted[index - 1].name, field.name), isSame(sorted[index - 1].value, field.value) {
        continue
      }
      text.append(contentsOf: bytes[field.name])
      text.append(contentsOf: bytes[field.value])
    }
    return text
  }
}
