import GRDB

/// How many people a tenant has by day, and what made them more or fewer.
struct PeopleReport: Sendable {
  struct Day: Sendable {
    let day: DayNumber
    fileprivate(set) var changes: [PeopleChange: Int64] = [:]
    /// At its end.
    fileprivate(set) var contacts: Int64 = 0

    func sum(_ changes: [PeopleChange]) -> Int64 { changes.reduce(0) { $0 + (self.changes[$1] ?? 0) } }
    var added: Int64 { sum(PeopleReport.comings) }
    var gone: Int64 { sum(PeopleReport.goings) }
    var optOuts: Int64 { sum(PeopleChange.optOuts) }

    fileprivate var members: [(String, JSON)] {
      [("added", .int(added)), ("imported", .int(sum([.imported])))]
        + PeopleReport.goings.map { (PeopleReport.name($0), .int(sum([$0]))) }
        + [
          ("opt_outs", .int(optOuts)),
          ("opt_outs_by", .object(PeopleChange.optOuts.map { ($0.way, .int(sum([$0]))) })),
          ("opt_ins", .int(sum([.optedIn]))),
        ]
    }
  }

  private static let comings: [PeopleChange] = [.added, .imported]
  private static let goings: [PeopleChange] = [.deleted, .merged, .erased, .undone]

  let days: [Day]
  let total: Day

  /// The rows of all time are few: a day has as many as there are kinds of changes.
  init(_ db: Database, _ period: ReportPeriod) throws {
    var found: [DayNumber: Day] = [:]
    var total = Day(day: period.last)
    let rows = try Row.fetchCursor(
      db.cachedStatement(sql: "SELECT day, change, n FROM day_people WHERE day BETWEEN ? AND ?"),
      arguments: period.bounds)
    while let row = try rows.next() {
      guard let change = PeopleChange(rawValue: row["change"]) else { continue }
      let (day, n): (DayNumber, Int64) = (row["day"], row["n"])
      found[day, default: Day(day: day)].changes[change] = n
      total.changes[change, default: 0] += n
    }
    var contacts = try Self.contacts(db, before: period.first)
    days = period.days.map { number in
      var day = found[number] ?? Day(day: number)
      contacts += day.added - day.gone
      day.contacts = contacts
      return day
    }
    total.contacts = contacts
    self.total = total
  }

  /// Contacts there are, or were when a day began: the sums by day know it without counting a million rows.
  static func contacts(_ db: Database, before day: DayNumber? = nil) throws -> Int64 {
    func words(_ changes: [PeopleChange]) -> String { changes.map { "'\($0.rawValue)'" }.joined(separator: ", ") }
    return try Int64.fetchOne(
      db.cachedStatement(
        sql: """
          SELECT ifnull(sum(CASE WHEN change IN (\(words(comings))) THEN n ELSE -n END), 0) FROM day_people
          WHERE (?1 IS NULL OR day < ?1) AND change IN (\(words(comings + goings)))
          """), arguments: [day]) ?? 0
  }

  private static func name(_ change: PeopleChange) -> String { change == .undone ? "import_undone" : change.rawValue }

  static let columns =
    ["day", "added", "imported"] + goings.map(name) + ["opt_outs"]
    + PeopleChange.optOuts.map { "opt_outs_by.\($0.way)" } + ["opt_ins", "contacts"]

  var rows: [JSON] {
    days.map { .object([("day", .text($0.day.text))] + $0.members + [("contacts", .int($0.contacts))]) }
  }

  func json(_ period: ReportPeriod, _ lease: Lease) -> JSON {
    .object(period.head(lease) + [("days", .list(rows)), ("total", .object(total.members))])
  }
}
