/// How many billed pieces a text becomes (3GPP TS 23.038; the fill rules of Twilio's public calculator).
///
/// A piece holds 140 octets: 160 GSM septets or 70 UTF-16 units alone, 153 or 67 behind a concatenation header. An extension
/// character costs two septets and is never split over pieces; in UCS-2 a grapheme cluster is never split.
package struct SegmentCount: Sendable, Equatable {
  package enum Encoding: String, Sendable { case gsm7 = "GSM-7", ucs2 = "UCS-2" }

  package let encoding: Encoding
  /// Septets or UTF-16 units.
  package let units: Int
  package let segments: Int

  package init(_ text: String) {
    var septets: [Int] = []
    septets.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      if Self.basic.contains(scalar) {
        septets.append(1)
      } else if Self.extended.contains(scalar) {
        septets.append(2)
      } else {
        encoding = .ucs2
        let clusters = text.map { $0.utf16.count }
        units = clusters.reduce(0, +)
        segments = Self.fill(clusters, alone: 70, joined: 67)
        return
      }
    }
    encoding = .gsm7
    units = septets.reduce(0, +)
    segments = Self.fill(septets, alone: 160, joined: 153)
  }

  /// Characters that make every segment of the text shorter, each once, in order.
  static func costly(_ text: String) -> [Unicode.Scalar] {
    var seen: Set<Unicode.Scalar> = []
    return text.unicodeScalars.filter { !basic.contains($0) && !extended.contains($0) && seen.insert($0).inserted }
  }

  /// Greedy: a unit that does not fit opens the next piece. A cluster longer than a piece is cut, as the network would.
  private static func fill(_ sizes: [Int], alone: Int, joined: Int) -> Int {
    if sizes.reduce(0, +) <= alone { return 1 }
    var segments = 1
    var used = 0
    for size in sizes {
      if used + size > joined {
        segments += 1
        used = 0
      }
      used += size
      while used > joined {
        segments += 1
        used -= joined
      }
    }
    return segments
  }

  private static let basic = Set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
      .unicodeScalars)
  private static let extended = Set("\u{c}^{}\\[~]|€".unicodeScalars)
}
