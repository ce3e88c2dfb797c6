import GRDB

/// Clicks on links within a time, summed over its months and days.
struct LinkSums: Sendable {
  var human: Int64 = 0
  var bot: Int64 = 0
  var unknown: Int64 = 0

  private var isNothing: Bool { human == 0 && bot == 0 && unknown == 0 }

  /// Who has clicked on very many links is asked for fewer days: a list by clicks needs all of them.
  private static let mostMilliseconds = 500

  /// Of all links. Summed here: SQLite sorts the rows for a GROUP BY by links, which takes five times as long as reading them.
  static func all(_ db: Database, _ period: ReportPeriod) throws -> [Int64: LinkSums] {
    var found: [Int64: LinkSums] = [:]
    let read: Void? = try Deadline.run(db, milliseconds: mostMilliseconds) {
      for part in parts(period) {
        let rows = try RawStatement(db, "\(select(part)) BETWEEN ? AND ?")
        rows.bind(1, part.numbers.lowerBound)
        rows.bind(2, part.numbers.upperBound)
        defer { rows.reset() }
        while try rows.step() { add(rows, part, to: &found) }
      }
    }
    guard read != nil else { throw Refusal.invalid("from", "is too long ago for so many links: ask for fewer days") }
    return withClicks(found)
  }

  /// Of a part of the links: each day or month is entered at the first of them.
  static func some(_ db: Database, _ period: ReportPeriod, of links: ClosedRange<Int64>) throws -> [Int64: LinkSums] {
    var found: [Int64: LinkSums] = [:]
    for part in parts(period) {
      let rows = try RawStatement(db, "\(select(part)) = ? AND short_link_id BETWEEN ? AND ?")
      for number in part.each {
        rows.bind(1, number)
        rows.bind(2, links.lowerBound)
        rows.bind(3, links.upperBound)
        defer { rows.reset() }
        while try rows.step() { add(rows, part, to: &found) }
      }
    }
    return withClicks(found)
  }

  private static func select(_ part: Part) -> String {
    let column = part.unit.rawValue
    return "SELECT short_link_id, human, bot, unknown FROM \(column)_links WHERE \(column)"
  }

  private static func add(_ row: RawStatement, _ part: Part, to found: inout [Int64: LinkSums]) {
    let (human, bot, unknown) = (row.int(1), row.int(2), row.int(3))
    let link = row.int(0)
    found[link, default: LinkSums()].human += part.sign * human
    if bot != 0 { found[link, default: LinkSums()].bot += part.sign * bot }
    if unknown != 0 { found[link, default: LinkSums()].unknown += part.sign * unknown }
  }

  /// What was judged again may have left nothing.
  private static func withClicks(_ sums: [Int64: LinkSums]) -> [Int64: LinkSums] { sums.filter { !$0.value.isNothing } }

  // MARK: Parts

  enum Unit: String { case day, month }

  /// Days or months in a row, by their numbers (20261123, 202611). What is outside of the period is taken off.
  struct Part: Equatable {
    let unit: Unit
    let numbers: ClosedRange<Int64>
    let sign: Int64

    /// Those that a calendar may have.
    fileprivate var each: [Int64] {
      numbers.filter { unit == .day ? (1...31).contains($0 % 100) : (1...12).contains($0 % 100) }
    }
  }

  /// Of a period within one month its days; else months, and of the first and the last one the fewer days: those within, or those outside.
  static func parts(_ period: ReportPeriod) -> [Part] {
    let (first, last) = (period.first.number, period.last.number)
    guard first / 100 != last / 100 else { return [Part(unit: .day, numbers: first...last, sign: 1)] }
    var (from, to) = (first / 100, last / 100)
    var days: [Part?] = []
    if first % 100 <= half {
      days.append(part(from * 100 + 1, first - 1, sign: -1))
    } else {
      days.append(part(first, from * 100 + 31, sign: 1))
      from += from % 100 == 12 ? 89 : 1
    }
    if last % 100 >= half {
      days.append(part(last + 1, to * 100 + 31, sign: -1))
    } else {
      days.append(part(to * 100 + 1, last, sign: 1))
      to -= to % 100 == 1 ? 89 : 1
    }
    let months = from <= to ? Part(unit: .month, numbers: from...to, sign: 1) : nil
    return ([months] + days).compactMap(\.self)
  }

  private static let half: Int64 = 16

  private static func part(_ first: Int64, _ last: Int64, sign: Int64) -> Part? {
    first <= last ? Part(unit: .day, numbers: first...last, sign: sign) : nil
  }
}
