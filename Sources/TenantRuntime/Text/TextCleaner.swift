/// The one cleaner of texts that come from outside: characters nobody sees go, every kind of blank is a space, blanks come one at a time.
/// Joiners that scripts and emoji need stay.
enum TextCleaner {
  /// Whether the bytes are clean as they are: asked once a value by imports, so it makes nothing.
  static func isClean(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    var before: UInt8 = 0
    var at = 0
    let count = bytes.count
    while at < count {
      let byte = bytes[at]
      if byte < 0x20 || byte == 0x7F || (byte == 0x20 && before == 0x20) { return false }
      if byte >= 0x80 {
        // U+0080…A0, AD; 034F; 061C; 1680, 180E; 2000…206F; 3000; FE0x; FEFF, FFF9…; tags.
        switch byte {
        case 0xC2 where at + 1 < count && (bytes[at + 1] <= 0xA0 || bytes[at + 1] == 0xAD): return false
        case 0xE2 where at + 1 < count && bytes[at + 1] <= 0x81: return false
        case 0xCD, 0xD8, 0xE1, 0xE3, 0xEF, 0xF3: return needsALook(bytes)
        default: break
        }
      }
      before = byte
      at += 1
    }
    return true
  }

  private static func needsALook(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    String(decoding: bytes, as: UTF8.self).unicodeScalars.allSatisfy { isPlain($0) }
  }

  private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    scalar == " "
      || !(scalar.properties.isDefaultIgnorableCodePoint || scalar.properties.isWhitespace || isControl(scalar))
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || (0xFFF9...0xFFFB).contains(scalar.value)
  }

  /// - Parameter keepsLines: line breaks stay, as in notes.
  static func clean(_ text: String, keepsLines: Bool = false) -> String {
    let scalars = Array(text.unicodeScalars)
    var out = String.UnicodeScalarView()
    var isBlank = true
    for (at, scalar) in scalars.enumerated() {
      if keepsLines, scalar == "\n" {
        out.append(scalar)
        isBlank = true
      } else if scalar.properties.isWhitespace || scalar.value < 0x20 {
        if !isBlank { out.append(" ") }
        isBlank = true
      } else if isControl(scalar) || isHidden(scalars, at) {
        continue
      } else {
        out.append(scalar)
        isBlank = false
      }
    }
    return String(out).trimmed
  }

  /// The same for what goes out or came in as a text: lines and runs of blanks stay as they were written.
  static func body(_ text: String) -> String {
    let scalars = Array(text.unicodeScalars)
    var out = String.UnicodeScalarView()
    for (at, scalar) in scalars.enumerated() {
      let isReturn = scalar == "\r"
      if isReturn, at + 1 < scalars.count, scalars[at + 1] == "\n" { continue }
      if scalar == "\n" || isReturn {
        out.append("\n")
      } else if scalar.properties.isWhitespace || scalar == "\t" {
        out.append(" ")
      } else if !isControl(scalar), !isHidden(scalars, at) {
        out.append(scalar)
      }
    }
    return String(out)
  }

  /// A joiner between emoji, or behind a letter of a script that is written joined, is part of the text; so is the form of an emoji.
  private static func isHidden(_ scalars: [Unicode.Scalar], _ at: Int) -> Bool {
    let scalar = scalars[at]
    guard scalar.properties.isDefaultIgnorableCodePoint else { return false }
    guard at > 0 else { return true }
    let before = scalars[at - 1]
    let after = at + 1 < scalars.count ? scalars[at + 1] : nil
    switch scalar.value {
    case 0x200C, 0x200D:
      if isJoined(before), after.map(isJoined) ?? false { return false }
      return scalar.value == 0x200C || !(isEmojiPart(before) && (after.map(isEmojiPart) ?? false))
    case 0xFE00...0xFE0F: return before.isASCII && !"0123456789#*".unicodeScalars.contains(before)
    case 0x3164, 0x115F, 0x1160, 0xE0100...0xE01EF: return false
    case 0xE0020...0xE007F: return !(before.value == 0x1F3F4 || (0xE0020...0xE007E).contains(before.value))
    default: return true
    }
  }

  private static func isEmojiPart(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value == 0xFE0F || (scalar.properties.isEmoji && scalar.value > 0xFF)
  }

  /// Arabic, Syriac, the scripts of India, Burmese, Khmer, Mongolian.
  private static func isJoined(_ scalar: Unicode.Scalar) -> Bool {
    let value = scalar.value
    return (0x600..<0x900).contains(value) || (0x900..<0xE00).contains(value) || (0x1000..<0x10A0).contains(value)
      || (0x1780..<0x18B0).contains(value) || (0xFB50..<0xFE00).contains(value) || (0xFE70..<0xFEFF).contains(value)
  }
}
