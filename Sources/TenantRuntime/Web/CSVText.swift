import Foundation

/// Single rows and fields of CSV as strings: what rejected rows are kept as and given back in.
enum CSVText {
  /// The fields of one row.
  static func fields(_ row: String, delimiter: UInt8) -> [String] {
    var fields: [String] = []
    var field = ""
    var quoted = false
    var characters = row.unicodeScalars.makeIterator()
    var held: Unicode.Scalar?
    while let scalar = held ?? characters.next() {
      held = nil
      if quoted {
        guard scalar == "\"" else {
          field.unicodeScalars.append(scalar)
          continue
        }
        held = characters.next()
        if held == "\"" {
          field.append("\"")
          held = nil
        } else {
          quoted = false
        }
      } else if scalar == "\"", field.utf8.allSatisfy({ $0 == 0x20 }) {
        field = ""
        quoted = true
      } else if scalar.value == UInt32(delimiter) {
        fields.append(field)
        field = ""
      } else {
        field.unicodeScalars.append(scalar)
      }
    }
    return fields + [field]
  }

  /// One field, quoted where needed, and not a formula for a spreadsheet (OWASP: a leading `=`, `+`, `-`, `@`, tab or return gets an
  /// apostrophe before it). A phone number, as we write it, keeps its plus. Byte by byte, as a spreadsheet reads: a sign with an accent
  /// over it is one `Character`, and still a sign.
  static func escape(_ text: String) -> String {
    var out = Array(text.utf8)
    if let first = out.first, "=+-@\t\r".utf8.contains(first), !isPhone(out) { out.insert(UInt8(ascii: "'"), at: 0) }
    guard out.contains(where: { "\",;\r\n".utf8.contains($0) }) else { return String(decoding: out, as: UTF8.self) }
    var quoted: [UInt8] = [UInt8(ascii: "\"")]
    for byte in out { quoted += byte == UInt8(ascii: "\"") ? [byte, byte] : [byte] }
    return String(decoding: quoted + [UInt8(ascii: "\"")], as: UTF8.self)
  }

  static func line(_ fields: [String]) -> String { fields.map(escape).joined(separator: ",") + "\r\n" }

  private static func isPhone(_ text: [UInt8]) -> Bool {
    text.first == UInt8(ascii: "+") && (2...16).contains(text.count) && text.dropFirst().allSatisfy { $0 &- 48 < 10 }
  }
}
