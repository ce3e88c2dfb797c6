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
      } else if scalar == "\"", field.allSatisfy({ $0 == " " }) {
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
  /// apostrophe before it). A phone number keeps its plus.
  static func escape(_ text: String) -> String {
    var out = text
    if let first = text.unicodeScalars.first, "=+-@\t\r".unicodeScalars.contains(first), !isPhone(text) {
      out = "'" + text
    }
    guard out.unicodeScalars.contains(where: { "\",;\r\n".unicodeScalars.contains($0) }) else { return out }
    return "\"" + out.replacing("\"", with: "\"\"") + "\""
  }

  static func line(_ fields: [String]) -> String { fields.map(escape).joined(separator: ",") + "\r\n" }

  private static func isPhone(_ text: String) -> Bool {
    text.first == "+" && text.dropFirst().allSatisfy { $0.isASCII && ($0.isNumber || " ().-/".contains($0)) }
  }
}
