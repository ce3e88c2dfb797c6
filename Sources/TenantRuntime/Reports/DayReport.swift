import GRDB

/// The whole tenant by day: every day of the period, those without a text too.
struct DayReport: Sendable {
  struct Day: Sendable {
    let day: DayNumber
    var sums: CampaignFigures.Sums = [:]

    subscript(_ figure: Figures.Figure) -> Int64 { sums[figure] ?? 0 }

    var json: [(String, JSON)] { DayReport.figures.map { ($0.rawValue, .int(self[$0])) } }
  }

  static let figures = DayFigures.figures

  let days: [Day]
  let total: CampaignFigures.Sums

  /// - Parameter number: of that one alone.
  init(_ db: Database, _ period: ReportPeriod, number: PhoneNumber? = nil) throws {
    var found: [DayNumber: CampaignFigures.Sums] = [:]
    var total: CampaignFigures.Sums = [:]
    let sums = Self.figures.map { "sum(\($0.rawValue)) AS \($0.rawValue)" }.joined(separator: ", ")
    let rows = try Row.fetchCursor(
      db.cachedStatement(
        sql: """
          SELECT day, \(sums) FROM day_figures WHERE day BETWEEN ? AND ?\(number == nil ? "" : " AND number = ?") GROUP BY day
          """), arguments: period.bounds + (number.map { [$0] } ?? []))
    while let row = try rows.next() {
      let sums = Self.figures.enumerated().map { (figure: $1, n: row[$0 + 1] as Int64) }
      found[row[0]] = CampaignFigures.Sums(uniqueKeysWithValues: sums.map { ($0.figure, $0.n) })
      for sum in sums { total[sum.figure, default: 0] += sum.n }
    }
    days = period.days.map { Day(day: $0, sums: found[$0] ?? [:]) }
    self.total = total
  }

  var rows: [JSON] { days.map { .object([("day", .text($0.day.text))] + $0.json) } }
  static let columns = ["day"] + figures.map(\.rawValue)

  func json(_ period: ReportPeriod, _ lease: Lease) -> JSON {
    .object(
      period.head(lease) + [
        ("days", .list(rows)), ("total", .object(Day(day: period.last, sums: total).json)),
      ])
  }
}
