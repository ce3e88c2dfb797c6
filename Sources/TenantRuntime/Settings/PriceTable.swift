/// What a segment costs by destination, in micros, as reserved before the provider says its own price: the longest calling code that
/// a number begins with decides; `1` is the United States and Canada, the other countries behind +1 have longer codes. Never 0, so that a budget is never without end.
struct PriceTable: Sendable, Equatable {
  /// Twilio's list price of a US segment, 2026.
  static let unitedStates: Int64 = 8_300
  /// For a destination that no price is known of: dear on purpose, so that a budget errs on the safe side.
  static let elsewhere: Int64 = 100_000

  private(set) var own: [String: Int64] = [:]

  init(_ own: [String: Int64] = [:]) { self.own = own }

  func micros(perSegmentTo phone: PhoneNumber) -> Int64 {
    let listed = phone.areaCode == nil || phone.isOfAnIsland ? Self.elsewhere : Self.unitedStates
    if own.isEmpty { return listed }
    let digits = String(phone.digits)
    for length in stride(from: min(7, digits.utf8.count), through: 1, by: -1) {
      let code = String(digits.prefix(length))
      if let price = own[code], phone.begins(with: code) { return price }
    }
    return listed
  }

  var json: JSON { .object(own.sorted { $0.key < $1.key }.map { ($0.key, .int($0.value)) }) }

  /// `{"1": 8300, "44": 40000}`: calling codes, or longer beginnings, with micros per segment.
  init(_ fields: inout Fields, _ name: String) throws {
    guard var prices = fields.object(name) else { return }
    if prices.names.count > 300 { fields.fail(name, "may hold at most 300 prices") }
    for code in prices.names {
      let price = prices.int(code, in: 1...10_000_000)
      if !Self.isCode(code) { prices.fail(code, "must be a calling code without the plus, like 44") }
      own[code] = price
    }
    fields.absorb(prices)
  }

  static func isCode(_ text: String) -> Bool {
    (1...7).contains(text.utf8.count) && text.utf8.first != UInt8(ascii: "0")
      && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }

  static func codes(_ fields: inout Fields, _ name: String) -> [String]? {
    guard let list = fields.list(name, most: 300) else { return nil }
    let codes = list.compactMap(\.text).filter(isCode)
    if codes.count != list.count { fields.fail(name, "must be calling codes without the plus, like [\"1\", \"44\"]") }
    return codes
  }
}
