/// `application/x-www-form-urlencoded`, both ways, and what is signed of it.
struct Form {
  var fields: [(name: String, value: String)] = []

  init(_ fields: [(name: String, value: String)] = []) { self.fields = fields }

  init(encoded: some Sequence<UInt8>) {
    for pair in Array(encoded).split(separator: UInt8(ascii: "&")) {
      let halves = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      fields.append((Form.decode(halves[0]), halves.count > 1 ? Form.decode(halves[1]) : ""))
    }
  }

  subscript(_ name: String) -> String? { fields.first { $0.name == name }?.value }

  func count(of name: String) -> Int { fields.count { $0.name == name && !$0.value.isEmpty } }

  var encoded: [UInt8] {
    var out = [UInt8]()
    for (index, field) in fields.enumerated() {
      if index > 0 { out.append(UInt8(ascii: "&")) }
      Form.encode(field.name, to: &out)
      out.append(UInt8(ascii: "="))
      Form.encode(field.value, to: &out)
    }
    return out
  }

  /// What a signature of a form POST is made over: the URL as called, then every name and value in the order of the names.
  func signed(url: String) -> [UInt8] {
    var data = [UInt8](url.utf8)
    for field in fields.sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
      data.append(contentsOf: field.name.utf8)
      data.append(contentsOf: field.value.utf8)
    }
    return data
  }

  private static func decode(_ bytes: ArraySlice<UInt8>) -> String {
    func digit(_ byte: UInt8) -> UInt8? {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - 48
      case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - 87
      case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - 55
      default: nil
      }
    }
    var out = [UInt8]()
    out.reserveCapacity(bytes.count)
    var index = bytes.startIndex
    while index < bytes.endIndex {
      let byte = bytes[index]
      if byte == UInt8(ascii: "%"), index + 2 < bytes.endIndex, let high = digit(bytes[index + 1]),
        let low = digit(bytes[index + 2])
      {
        out.append(high << 4 | low)
        index += 3
      } else {
        out.append(byte == UInt8(ascii: "+") ? 0x20 : byte)
        index += 1
      }
    }
    return String(decoding: out, as: UTF8.self)
  }

  static func encode(_ text: String, to out: inout [UInt8]) {
    let digits = Array("0123456789ABCDEF".utf8)
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
        UInt8(ascii: "*"):
        out.append(byte)
      case 0x20: out.append(UInt8(ascii: "+"))
      default:
        out.append(UInt8(ascii: "%"))
        out.append(digits[Int(byte >> 4)])
        out.append(digits[Int(byte & 15)])
      }
    }
  }
}
