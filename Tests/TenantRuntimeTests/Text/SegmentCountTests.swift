import TenantRuntime
import Testing

/// The vectors of Twilio's public segment calculator.
@Suite struct SegmentCountTests {
  struct Vector: Sendable {
    let text: String
    let encoding: SegmentCount.Encoding
    let segments: Int
    let smart: Int
    init(_ text: String, _ encoding: SegmentCount.Encoding, _ segments: Int, smart: Int) {
      self.text = text
      self.encoding = encoding
      self.segments = segments
      self.smart = smart
    }
  }

  static func repeated(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }

  static let vectors = [
    Vector("", .gsm7, 1, smart: 1),
    Vector(repeated("a", 160), .gsm7, 1, smart: 1),
    Vector(repeated("a", 161), .gsm7, 2, smart: 2),
    Vector(repeated("a", 306), .gsm7, 2, smart: 2),
    Vector(repeated("a", 307), .gsm7, 3, smart: 3),
    Vector(repeated("\u{20AC}", 80), .gsm7, 1, smart: 1),
    Vector(repeated("\u{20AC}", 81), .gsm7, 2, smart: 2),
    Vector(repeated("a", 159) + "\u{20AC}", .gsm7, 2, smart: 2),
    Vector(repeated("a", 152) + "\u{20AC}" + repeated("a", 152), .gsm7, 3, smart: 3),
    Vector(repeated("a", 153) + "\u{20AC}" + repeated("a", 151), .gsm7, 2, smart: 2),
    Vector(repeated("\u{044B}", 70), .ucs2, 1, smart: 1),
    Vector(repeated("\u{044B}", 71), .ucs2, 2, smart: 2),
    Vector(repeated("\u{044B}", 134), .ucs2, 2, smart: 2),
    Vector(repeated("\u{044B}", 135), .ucs2, 3, smart: 3),
    Vector(repeated("\u{1F600}", 35), .ucs2, 1, smart: 1),
    Vector(repeated("\u{1F600}", 36), .ucs2, 2, smart: 2),
    Vector(repeated("\u{044B}", 66) + "\u{1F600}" + repeated("\u{044B}", 3), .ucs2, 2, smart: 2),
    Vector(repeated("\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467}\u{200D}\u{1F466}", 6), .ucs2, 1, smart: 1),
    Vector(repeated("\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467}\u{200D}\u{1F466}", 7), .ucs2, 2, smart: 2),
    Vector("\u{0060}" + repeated("a", 69), .ucs2, 1, smart: 1),
    Vector(repeated("\u{00E7}", 71), .ucs2, 2, smart: 2),
    Vector(repeated("\u{00C7}", 160), .gsm7, 1, smart: 1),
    Vector("\u{2019}" + repeated("a", 70), .ucs2, 2, smart: 1),
    Vector(repeated("\r\n", 80), .gsm7, 1, smart: 1),
    Vector(repeated("\r\n", 81), .gsm7, 2, smart: 2),
    Vector("\t" + repeated("a", 70), .ucs2, 2, smart: 1),
    Vector("\u{1F600}" + repeated("a", 159), .ucs2, 3, smart: 3),
  ]

  @Test(arguments: vectors) func everyPublishedVectorCountsTheSame(_ vector: Vector) {
    let count = SegmentCount(vector.text)
    #expect(count.encoding == vector.encoding)
    #expect(count.segments == vector.segments)
    #expect(SegmentCount(SmartEncoding.apply(vector.text)).segments == vector.smart)
  }
}
