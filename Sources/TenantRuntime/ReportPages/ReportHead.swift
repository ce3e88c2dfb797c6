import GRDB
import Hummingbird

/// What stands above every report: which one it is, of which days, and its file.
struct ReportHead: Sendable {
  struct Tab: Sendable {
    let name: String
    let path: String
    let isHere: Bool
  }

  let tabs: [Tab]
  let lengths: [Tab]
  let address: String
  let from: String
  let to: String
  let mistake: String?
  let csv: String
  let span: String

  /// Days that one chooses with a press.
  private static let offered = [7, 30, 90]
  private static let names = [
    ("", "Over time"), ("people", "People"), ("numbers", "Numbers"), ("links", "Links"), ("costs", "Costs"),
  ]

  init(_ visit: Visit<Runtime>, _ name: String, _ asked: Asked) {
    let (words, tenant) = (visit.words, visit.subject.lease.tenant)
    let period = asked.period
    func path(_ name: String) -> String { "/t/\(tenant)/reports" + (name.isEmpty ? "" : "/\(name)") }
    func query(_ period: ReportPeriod) -> String { "?from=\(period.first.text)&to=\(period.last.text)" }
    tabs = Self.names.map { Tab(name: words($0.1), path: path($0.0) + query(period), isHere: $0.0 == name) }
    let today = DayNumber(words.now, in: words.zone)
    lengths = Self.offered.map { days in
      let offered = ReportPeriod(days: days, to: today)
      return Tab(
        name: words("{0} days", String(days)), path: path(name) + query(offered), isHere: offered == period)
    }
    address = path(name)
    (from, to) = (asked.from, asked.to)
    mistake = asked.mistake
    csv = "/api/v1/tenants/\(tenant)/reports/\(name.isEmpty ? "days" : name).csv\(query(period))"
    let ends = [period.first, period.last].map { words.day($0.noon(in: words.zone)) }
    span = words("{0} to {1}, by the calendar of {2}", ends[0], ends[1], words.place)
  }

  /// The days of the query; those that are usual where it says none that can be.
  struct Asked: Sendable {
    let period: ReportPeriod
    let from: String
    let to: String
    let mistake: String?

    init(_ visit: Visit<Runtime>) throws {
      let today = DayNumber(visit.words.now, in: visit.words.zone)
      do {
        period = try ReportPeriod(from: visit.query("from"), to: visit.query("to"), today: today)
        (from, to, mistake) = (period.first.text, period.last.text, nil)
      } catch Refusal.invalid {
        period = ReportPeriod(days: ReportPeriod.usualDays, to: today)
        // A browser shows no date that there is not, and complains of one.
        func typed(_ name: String) -> String { visit.query(name).flatMap { DayNumber($0) }?.text ?? "" }
        (from, to) = (typed("from"), typed("to"))
        mistake = visit.words(
          "These are no days of a report: the first comes before the last, and at most {0} days are shown at once.",
          String(ReportPeriod.mostDays))
      }
    }
  }
}
