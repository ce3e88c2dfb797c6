import Foundation

/// Folds what people type to the bare letter: case, accents, full-width and ornamental forms (`ＳＴＯＰ`, `𝗦𝗧𝗢𝗣`, `Ⓢ`) fall away.
///
/// Vietnamese `đ` stays a letter of its own: `dừng` is "stop" but `đúng` is "right", and both would fold to `dung`.
/// Letters outside the tables (Cyrillic, Han) pass as they are. One scalar gives at most one: `ß` folds to `s`, `æ` to `a`, `œ` to `o`.
/// The tables are our own because Foundation's folding costs more than all the rules together.
enum Folding {
  /// The folded letter or digit; nil for punctuation, emoji, spaces and everything else that only separates or decorates.
  @inline(__always) static func letter(_ scalar: Unicode.Scalar) -> UInt32? {
    let value = scalar.value
    switch value {
    case 0x61...0x7A, 0x30...0x39: return value
    case 0x41...0x5A: return value + 32
    case 0..<0x80: return nil
    case ..<tableEnd: return some(table[Int(value)])
    case 0x1E00..<0x1F00: return some(vietnamese[Int(value - 0x1E00)])
    case 0xFF10...0xFF19, 0xFF41...0xFF5A: return value - 0xFEE0
    case 0xFF21...0xFF3A: return value - 0xFEE0 + 32
    case 0x1D400..<0x1D800: return some(ornamental[Int(value - 0x1D400)])
    case 0x1F130...0x1F149: return value - 0x1F130 + 0x61  // squared letters
    case 0x2000..<0x2C00, 0x3000..<0x3040, 0xFE00..<0xFE10, 0xFF00..<0x10000, 0x1F000..<0x20000: return nil
    default: return scalar.properties.isAlphabetic ? value : nil
    }
  }

  /// Marks that belong to the letter before them: accents sent apart, and what joins and colours emoji.
  @inline(__always) static func isMark(_ value: UInt32) -> Bool {
    (0x300..<0x370).contains(value) || (0x200B...0x200F).contains(value) || value == 0xFE0F || value == 0xAD
  }

  private static let tableEnd: UInt32 = 0x2500
  private static let table = folded(0..<tableEnd)
  private static let vietnamese = folded(0x1E00..<0x1F00)
  private static let ornamental = folded(0x1D400..<0x1D800)

  @inline(__always) private static func some(_ letter: UInt32) -> UInt32? { letter == 0 ? nil : letter }

  private static func folded(_ range: Range<UInt32>) -> [UInt32] {
    let byHand: [Unicode.Scalar: Unicode.Scalar] = [
      "ł": "l", "Ł": "l", "ø": "o", "Ø": "o", "ß": "s", "ı": "i", "æ": "a", "Æ": "a", "œ": "o", "Œ": "o", "Đ": "đ",
    ]
    return range.map { value in
      guard let scalar = Unicode.Scalar(value) else { return 0 }
      if let letter = byHand[scalar] { return letter.value }
      let plain = String(scalar).decomposedStringWithCompatibilityMapping.lowercased().unicodeScalars.first ?? scalar
      return plain.properties.isAlphabetic || plain.properties.numericType == .decimal ? plain.value : 0
    }
  }
}
