/// How many segments a body takes: GSM-7 when every character is in the table, else UCS-2; greedy fill.
enum Segments {
  private static let basic: Set<Unicode.Scalar> = Set(
    ("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
      + "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà").unicodeScalars)
  private static let extended: Set<Unicode.Scalar> = Set("\u{0C}^{}\\[~]|€".unicodeScalars)
  /// 1 or 2 septets per ASCII byte, 0 for the bytes that are not GSM.
  private static let ascii: [UInt8] = (0..<128)
    .map { code in
      let scalar = Unicode.Scalar(UInt8(code))
      return basic.contains(scalar) ? 1 : extended.contains(scalar) ? 2 : 0
    }

  static func count(_ body: String) -> Int {
    guard let septets = septets(body) else { return ucs2(body) }
    let total = septets.reduce(0) { $0 + Int($1) }
    if total <= 160 { return 1 }
    return fill(septets.lazy.map(Int.init), limit: 153)
  }

  private static func septets(_ body: String) -> [UInt8]? {
    var costs = [UInt8]()
    costs.reserveCapacity(body.utf8.count)
    for scalar in body.unicodeScalars {
      let cost: UInt8
      if scalar.value < 128 {
        cost = ascii[Int(scalar.value)]
      } else {
        cost = basic.contains(scalar) ? 1 : extended.contains(scalar) ? 2 : 0
      }
      if cost == 0 { return nil }
      costs.append(cost)
    }
    return costs
  }

  private static func ucs2(_ body: String) -> Int {
    if body.utf16.count <= 70 { return 1 }
    return fill(body.lazy.map { $0.utf16.count }, limit: 67)
  }

  /// Units that belong together are never split over two segments.
  private static func fill(_ costs: some Sequence<Int>, limit: Int) -> Int {
    var segments = 1
    var used = 0
    for cost in costs {
      if used + cost > limit {
        segments += 1
        used = 0
      }
      used += cost
    }
    return segments
  }
}
