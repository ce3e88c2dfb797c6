/// A tenant's own texting hours and days off. They only ever tighten: what law or campaign closes stays closed.
struct TenantHours: Sendable, Hashable {
  /// The minutes outside the tenant's window; nil without one.
  var quiet: QuietHours?
  var daysOff = DaysOff()

  var isUnbound: Bool { quiet == nil && daysOff.isEmpty }

  /// `{"start": "09:00", "end": "18:00"}`: texts only in between, by the recipient's clock.
  var window: JSON {
    quiet.map { ["start": .text(QuietHours.text($0.end)), "end": .text(QuietHours.text($0.start))] } ?? .null
  }

  mutating func takeWindow(_ fields: inout Fields, _ name: String) throws {
    quiet = nil
    guard var window = fields.object(name) else { return }
    let start = window.text("start", most: 5)
    let end = window.text("end", most: 5)
    if let start, let end, let from = QuietHours.minutes(start), let to = QuietHours.minutes(end), from < to {
      quiet = QuietHours(start: to, end: from)
    } else {
      window.fail("start", "and end are times of the day like 09:00 and 18:00, the start before the end")
    }
    fields.absorb(window)
  }

  mutating func takeDaysOff(_ fields: inout Fields, _ name: String) {
    daysOff = DaysOff()
    for value in fields.list(name, most: 100) ?? [] where !daysOff.add(value.text ?? "") {
      fields.fail(name, "must be dates like 2026-12-25 or days of the week like sunday")
    }
  }
}

/// Dates and days of the week without texts, by the recipient's calendar.
struct DaysOff: Sendable, Hashable {
  private var dates: [Int] = []
  private var weekdays: [Int] = []
  private static let names = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]

  var isEmpty: Bool { dates.isEmpty && weekdays.isEmpty }
  /// So many days the dates can put off what the days of the week allow.
  var longestGap: Int { dates.count * (weekdays.isEmpty ? 1 : 7) }

  func covers(_ day: CivilDay) -> Bool {
    if isEmpty { return false }
    if weekdays.contains(day.weekday) { return true }
    let (year, month, of) = day.civil
    return dates.contains(year * 10_000 + month * 100 + of)
  }

  /// False when the text is neither. All seven days of the week would leave nothing.
  mutating func add(_ text: String) -> Bool {
    if let weekday = Self.names.firstIndex(of: text.lowercased()) {
      if !weekdays.contains(weekday) { weekdays.append(weekday) }
      return weekdays.count < 7
    }
    guard let match = text.wholeMatch(of: /(20[0-9]{2})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])/),
      CalendarDate.isValid(text), let year = Int(match.1), let month = Int(match.2), let day = Int(match.3)
    else { return false }
    dates.append(year * 10_000 + month * 100 + day)
    return true
  }

  var json: JSON {
    .list(
      weekdays.sorted().map { .text(Self.names[$0]) }
        + dates.sorted().map { date in
          let text = String(date)
          return .text("\(text.prefix(4))-\(text.dropFirst(4).prefix(2))-\(text.suffix(2))")
        })
  }
}
