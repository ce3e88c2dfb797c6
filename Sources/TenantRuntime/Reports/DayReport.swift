import GRDB

/// The whole tenant by day: every day of the period, those without a text too.
struct DayReport: Sendable {
  struct Day: Sendable {
    let day: DayNumber
    /// In the order of `figures`.
    fileprivate(set) var sums = [Int64](repeating: 0, count: DayReport.figures.count)

    subscript(_ figure: Figures.Figure) -> Int64 { DayReport.places[figure].map { sums[$0] } ?? 0 }
    var isEmpty: Bool { sums.allSatisfy { $0 == 0 } }

    fileprivate var members: [(String, JSON)] { zip(DayReport.names, sums).map { ($0, .int($1)) } }
  }

  static let figures = DayFigures.figures
  private static let names = figures.map(\.rawValue)
  private static let places = Dictionary(uniqueKeysWithValues: figures.enumerated().map { ($1, $0) })

  let days: [Day]
  let total: Day

  /// - Parameter number: of that one alone.
  init(_ db: Database, _ period: ReportPeriod, number: PhoneNumber? = nil) throws {
    var found: [DayNumber: Day] = [:]
    var total = Day(day: period.last)
    let sums = Self.figures.map { "sum(\($0.rawValue))" }.joined(separator: ", ")
    let rows = try Row.fetchCursor(
      db.cachedStatement(
        sql: """
          SELECT day, \(sums) FROM day_figures WHERE day BETWEEN ? AND ?\(number == nil ? "" : " AND number = ?") GROUP BY day
          """), arguments: period.bounds + (number.map { [$0] } ?? []))
    while let row = try rows.next() {
      var day = Day(day: row[0])
      for place in day.sums.indices {
        day.sums[place] = row[place + 1]
        total.sums[place] += day.sums[place]
      }
      found[day.day] = day
    }
    days = period.days.map { found[$0] ?? Day(day: $0) }
    self.total = total
  }

  var rows: [JSON] { days.map { .object([("day", .text($0.day.text))] + $0.members) } }
  static let columns = ["day"] + names

  func json(_ period: ReportPeriod, _ lease: Lease) -> JSON {
    .object(
      period.head(lease) + [
        ("days", .list(rows)), ("total", .object(total.members)),
      ])
  }
}
