package import Foundation
package import GRDB

/// A date of a calendar as the number 20261123: what sums per day are kept by.
package struct DayNumber: Hashable, Comparable, Sendable {
  package let number: Int64

  package init(number: Int64) { self.number = number }

  init(_ day: CivilDay) {
    let (year, month, day) = day.civil
    number = Int64(year * 10_000 + month * 100 + day)
  }

  /// The day that clocks of the zone show.
  package init(_ moment: Moment, in zone: TimeZone) {
    let seconds = moment.milliseconds.quotientRoundedDown(by: 1_000) + Int64(zone.secondsFromGMT(for: moment.date))
    self.init(CivilDay(number: Int(seconds.quotientRoundedDown(by: 86_400))))
  }

  /// `2026-11-23`, a day that there is.
  package init?(_ text: String) {
    guard CalendarDate.isValid(text) else { return nil }
    let digits = text.filter { $0 != "-" }
    guard let number = Int64(digits) else { return nil }
    self.number = number
  }

  package var text: String {
    DigitText.text((number / 10_000, 4, "-"), (number / 100 % 100, 2, "-"), (number % 100, 2, nil))
  }

  /// 202611.
  var month: Int64 { number / 100 }

  package static func < (left: DayNumber, right: DayNumber) -> Bool { left.number < right.number }

  package func advanced(by days: Int) -> DayNumber { DayNumber(CivilDay(number: civil.number + days)) }

  /// How many days later the other one is.
  package func days(to other: DayNumber) -> Int { other.civil.number - civil.number }

  /// Its noon in a zone: a moment of it, whatever clocks do in its night.
  package func noon(in zone: TimeZone) -> Moment { WallTime(day: civil, minute: 720).moment(in: zone) }

  private var civil: CivilDay {
    CivilDay(year: Int(number / 10_000), month: Int(number / 100 % 100), day: Int(number % 100))
  }
}

extension DayNumber: DatabaseValueConvertible {
  package var databaseValue: DatabaseValue { number.databaseValue }
  package static func fromDatabaseValue(_ value: DatabaseValue) -> DayNumber? {
    Int64.fromDatabaseValue(value).map(DayNumber.init(number:))
  }
}

extension CivilDay {
  /// Proleptic Gregorian (Howard Hinnant, chrono-compatible low-level date algorithms).
  init(year: Int, month: Int, day: Int) {
    let year = month <= 2 ? year - 1 : year
    let era = (year >= 0 ? year : year - 399) / 400
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    self.init(number: era * 146_097 + dayOfEra - 719_468)
  }
}

extension Int64 {
  func quotientRoundedDown(by divisor: Int64) -> Int64 {
    let (quotient, rest) = quotientAndRemainder(dividingBy: divisor)
    return rest < 0 ? quotient - 1 : quotient
  }
}
