import Foundation
import GRDB
import Hummingbird

/// The days that a report is about, by the tenant's calendar.
struct ReportPeriod: Sendable, Equatable {
  static let mostDays = 400
  static let usualDays = 30
  private static let earliest = DayNumber(number: 2000_01_01)

  let first: DayNumber
  let last: DayNumber

  /// The last so many days, today included.
  init(days: Int, to last: DayNumber) { (self.first, self.last) = (last.advanced(by: 1 - days), last) }

  /// - Parameter from: as asked; nil: so many days as usual before the last one. `to` is today unless asked otherwise.
  init(from: String?, to: String?, today: DayNumber) throws {
    var errors: [FieldError] = []
    func day(_ text: String?, _ name: String) -> DayNumber? {
      guard let text else { return nil }
      guard let day = DayNumber(text), day >= Self.earliest else {
        errors.append(FieldError(field: name, message: "must be a date like 2026-11-23"))
        return nil
      }
      return day
    }
    let (from, to) = (day(from, "from"), day(to, "to"))
    last = to ?? max(today, from ?? today)
    first = from ?? last.advanced(by: 1 - Self.usualDays)
    if errors.isEmpty, first > last { errors.append(FieldError(field: "from", message: "must not be after to")) }
    if errors.isEmpty, first.days(to: last) >= Self.mostDays {
      errors.append(FieldError(field: "from", message: "must be at most \(Self.mostDays - 1) days before to"))
    }
    if !errors.isEmpty { throw Refusal.invalid(errors) }
  }

  init(_ call: Call<Runtime>) throws {
    let now = call.subject.dependencies.now()
    try self.init(
      from: call.query("from"), to: call.query("to"), today: DayNumber(now, in: Self.zone(call.subject.lease)))
  }

  static func zone(_ lease: Lease) -> TimeZone { TimeZones.named(lease.timeZone) ?? .gmt }

  /// Every one of them.
  var days: [DayNumber] { (0...first.days(to: last)).map { first.advanced(by: $0) } }
  var count: Int { first.days(to: last) + 1 }
  var bounds: StatementArguments { [first, last] }

  /// What every report begins with.
  func head(_ lease: Lease) -> [(String, JSON)] {
    [("from", .text(first.text)), ("to", .text(last.text)), ("time_zone", .text(lease.timeZone))]
  }
}

extension [QueryField] {
  private static let date = Shape(["type": "string", "format": "date", "maxLength": 10], example: "2026-11-01")
  static let reportPeriod = [
    QueryField(
      "from", date.about("The first day, by the tenant's calendar; 29 days before the last one unless given.")),
    QueryField(
      "to",
      date.about("The last day; today unless given. A report covers at most \(ReportPeriod.mostDays) days.").example(
        "2026-11-30")),
  ]
}
