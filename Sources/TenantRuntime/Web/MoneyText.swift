/// Dollars in a field, as the reader's language writes them: `1,200.50`, and `1.200,50` in Spanish.
///
/// What the other language alone would write is taken, too. What may be meant in two ways is not: `2,500` is two and a half in Spanish, and two
/// thousand five hundred by the habit of English.
package struct MoneyText {
  private let own: Marks
  private let other: Marks

  package init(_ language: Words.Language) {
    switch language {
    case .en: (own, other) = (.english, .spanish)
    case .es: (own, other) = (.spanish, .english)
    }
  }

  private struct Marks: Sendable {
    let group: Character
    let decimal: Character

    static let english = Marks(group: ",", decimal: ".")
    static let spanish = Marks(group: ".", decimal: ",")
  }

  private struct Parts {
    let whole: Substring
    let decimals: Substring
    var isGrouped = false
  }

  /// More than any budget may be, and far from what an integer holds.
  private static let mostDollars: Int64 = 1_000_000_000_000
  private static let mostDigits = 10
  private static let mostDecimals = 6

  // MARK: Read

  /// In millionths; nil: no amount, or not surely one.
  package func micros(_ text: String) -> Int64? {
    let plain = text.trimmed.replacing("$", with: "").replacing(" ", with: "")
    let parts: Parts
    if let read = Self.parts(plain, own) {
      // Three digits behind it, and few before it: the other language's group.
      if read.decimals.count == 3, !read.isGrouped, Self.isHead(read.whole) { return nil }
      parts = read
    } else if let read = Self.parts(plain, other), read.decimals.count != 3 || read.isGrouped || read.whole == "0" {
      parts = read
    } else {
      return nil
    }
    guard let whole = Int64(parts.whole.filter(\.isNumber)), whole <= Self.mostDollars else { return nil }
    return whole * 1_000_000 + (Int64(Self.padded(parts.decimals)) ?? 0)
  }

  private static func parts(_ text: String, _ marks: Marks) -> Parts? {
    let sides = text.split(separator: marks.decimal, maxSplits: 1, omittingEmptySubsequences: false)
    guard let whole = sides.first else { return nil }
    let decimals = sides.count > 1 ? sides[1] : ""
    guard sides.count == 1 || (1...mostDecimals).contains(decimals.count), isDigits(decimals) else { return nil }
    let groups = whole.split(separator: marks.group, omittingEmptySubsequences: false)
    if groups.count == 1 {
      return (1...mostDigits).contains(whole.count) && isDigits(whole) ? Parts(whole: whole, decimals: decimals) : nil
    }
    guard isHead(groups[0]), groups.count <= 6,
      groups.dropFirst().allSatisfy({ $0.count == 3 && isDigits($0) })
    else { return nil }
    return Parts(whole: whole, decimals: decimals, isGrouped: true)
  }

  private static func isDigits(_ text: Substring) -> Bool { text.utf8.allSatisfy { $0 &- 48 < 10 } }

  /// What groups may begin with: nobody writes `0,008` for eight.
  private static func isHead(_ text: Substring) -> Bool {
    (1...3).contains(text.count) && isDigits(text) && text.first != "0"
  }

  // MARK: Written

  /// As it is read back: no groups, two decimals at least, and never three that might be a group.
  package func field(_ micros: Int64?) -> String {
    guard let micros else { return "" }
    let (whole, rest) = micros.magnitude.quotientAndRemainder(dividingBy: 1_000_000)
    var decimals = String(String(1_000_000 + rest).dropFirst())
    while decimals.count > 2, decimals.last == "0" { decimals.removeLast() }
    if decimals.count == 3, whole > 0 { decimals += "0" }
    return (micros < 0 ? "-" : "") + "\(whole)\(own.decimal)\(decimals)"
  }

  private static func padded(_ decimals: Substring) -> String {
    decimals + String(repeating: "0", count: mostDecimals - decimals.count)
  }
}
