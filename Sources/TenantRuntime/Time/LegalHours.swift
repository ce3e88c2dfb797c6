/// When solicitation by text is allowed at the called party's place: 47 CFR 64.1200(c)(1) and the stricter rules of states. Data, not
/// legal advice; sources disagree in details, so the stricter reading is kept.
///
/// Reviewed 2026-11; to be reviewed again by 2027-05.
enum LegalHours {
  /// Minutes of the day, from the first allowed one to the first that is not.
  struct Window: Sendable, Equatable {
    var from: Int
    var to: Int

    static func hours(_ from: Int, _ to: Int) -> Window { Window(from: from * 60, to: to * 60) }
  }

  struct Rule: Sendable {
    var weekdays: Window?
    var saturday: Window?
    var sunday: Window?
    var holidays = true

    init(_ weekdays: Window, saturday: Window? = nil, sunday: Window?, holidays: Bool = true) {
      self.weekdays = weekdays
      self.saturday = saturday ?? weekdays
      self.sunday = sunday
      self.holidays = holidays
    }

    init(_ everyDay: Window) { self.init(everyDay, sunday: everyDay) }

    func window(on day: CivilDay) -> Window? {
      if !holidays, day.isFederalHoliday { return nil }
      return switch day.weekday {
      case 0: sunday
      case 6: saturday
      default: weekdays
      }
    }
  }

  static let federal = Rule(.hours(8, 21))

  static func rule(of state: String?) -> Rule { state.flatMap { states[$0] } ?? federal }

  private static let states: [String: Rule] = [
    "FL": Rule(.hours(8, 20)), "OK": Rule(.hours(8, 20)), "MD": Rule(.hours(8, 20)), "WA": Rule(.hours(8, 20)),
    "MA": Rule(.hours(8, 20)), "NJ": Rule(.hours(8, 20)), "CT": Rule(.hours(9, 20)), "NV": Rule(.hours(9, 20)),
    "TX": Rule(.hours(9, 21), sunday: .hours(12, 21)),
    "RI": Rule(.hours(9, 18), saturday: .hours(10, 17), sunday: .hours(10, 17)),
    "MI": Rule(.hours(9, 21)), "MN": Rule(.hours(9, 21)), "NM": Rule(.hours(9, 21)), "KY": Rule(.hours(10, 21)),
    "AL": Rule(.hours(8, 20), sunday: nil, holidays: false), "LA": Rule(.hours(8, 20), sunday: nil, holidays: false),
    "MS": Rule(.hours(8, 20), sunday: nil), "PA": Rule(.hours(8, 21), sunday: nil),
  ]
}

/// A date in some place, counted from 1970-01-01.
struct CivilDay: Sendable, Equatable {
  let number: Int

  /// 0 is Sunday; day 0 was a Thursday.
  var weekday: Int { ((number + 4) % 7 + 7) % 7 }

  /// 5 U.S.C. 6103: fixed days on their date, the others on their Monday or Thursday.
  var isFederalHoliday: Bool {
    let (_, month, day) = civil
    switch (month, day, weekday) {
    case (1, 1, _), (6, 19, _), (7, 4, _), (11, 11, _), (12, 25, _): return true
    case (1, 15...21, 1), (2, 15...21, 1), (5, 25...31, 1), (9, 1...7, 1), (10, 8...14, 1), (11, 22...28, 4):
      return true
    default: return false
    }
  }

  /// Proleptic Gregorian date (Howard Hinnant, chrono-compatible low-level date algorithms).
  var civil: (year: Int, month: Int, day: Int) {
    let shifted = number + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
  }
}
