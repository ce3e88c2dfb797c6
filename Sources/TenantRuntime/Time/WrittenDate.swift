import Foundation

/// Dates as people and programs write them.
enum WrittenDate {
  enum Order: Sendable { case day, month, either }

  private struct Numbers {
    var first: Int, second: Int, year: Int
  }

  /// `2026-03-01`, and the same with a time behind it.
  static func isISO(_ text: String) -> Bool {
    let day = String(text.prefix(10)).replacing("/", with: "-")
    guard CalendarDate.isValid(String(day)) else { return false }
    let rest = text.dropFirst(10)
    return rest.isEmpty || (rest.first == " " || rest.first == "T" || rest.first == "t") && rest.contains(":")
  }

  // Compiled once, as in `PhoneText`.
  nonisolated(unsafe) private static let form = #/(\d{1,2})([\/.-])(\d{1,2})\2(\d{4}|\d{2})(?:,?[ T].*)?/#

  private static func numbers(_ text: String) -> Numbers? {
    guard text.utf8.count <= 40, let match = text.wholeMatch(of: form), let first = Int(match.1),
      let second = Int(match.3), let written = Int(match.4)
    else { return nil }
    let year = match.4.count == 4 ? written : written + (written > 40 ? 1900 : 2000)
    return Numbers(first: first, second: second, year: year)
  }

  static func order(of text: String) -> Order? {
    guard let numbers = numbers(text), (1...31).contains(numbers.first), (1...31).contains(numbers.second) else {
      return nil
    }
    switch (numbers.first > 12, numbers.second > 12) {
    case (true, true): return nil
    case (true, false): return .day
    case (false, true): return .month
    case (false, false): return .either
    }
  }

  /// `2026-03-01` of any way it is written; nil when it is no date, or none under this order.
  static func iso(_ text: String, dayFirst: Bool) -> String? {
    if isISO(text) { return String(text.prefix(10)).replacing("/", with: "-") }
    guard let numbers = numbers(text) else { return nil }
    let (day, month) = dayFirst ? (numbers.first, numbers.second) : (numbers.second, numbers.first)
    func two(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }
    let year = String(numbers.year)
    let written = "\(String(repeating: "0", count: 4 - min(4, year.count)))\(year)-\(two(month))-\(two(day))"
    return CalendarDate.isValid(written) ? written : nil
  }
}
