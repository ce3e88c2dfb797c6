import Testing

@testable import TenantRuntime

/// A tenant's own hours and days off only ever tighten.
@Suite struct TenantHoursTests {
  private func ask(
    _ text: String, _ tenant: TenantHours, marketing: Bool = true, digits: Int64 = 12_127_365_000
  ) -> String {
    let hours = TextingHours(
      phone: PhoneNumber(digits: digits)!, ownZone: nil, quiet: nil, isMarketing: marketing, tenantZone: "UTC",
      tenant: tenant)
    switch hours.ask(Moment(iso8601: text)!) {
    case .open(let until): return "open \(until.iso8601)"
    case .closed(let until): return "closed \(until.iso8601)"
    case .never: return "never"
    }
  }

  private func off(_ days: String...) -> TenantHours {
    var hours = TenantHours()
    for day in days {
      let isTaken = hours.daysOff.add(day)
      #expect(isTaken)
    }
    return hours
  }

  @Test func theWindowTightensTheLawAndNeverLoosensIt() {
    // New York, winter: UTC-5.
    let office = TenantHours(quiet: QuietHours(start: 18 * 60, end: 9 * 60))
    #expect(ask("2026-01-15T13:30:00Z", office) == "closed 2026-01-15T14:00:00.000Z")
    #expect(ask("2026-01-15T14:00:00Z", office) == "open 2026-01-15T23:00:00.000Z")
    let wide = TenantHours(quiet: QuietHours(start: 23 * 60, end: 6 * 60))
    #expect(ask("2026-01-15T12:00:00Z", wide) == "closed 2026-01-15T13:00:00.000Z")
    // Informational texts obey it too: it is the tenant's own word.
    #expect(ask("2026-01-15T10:00:00Z", wide, marketing: false) == "closed 2026-01-15T11:00:00.000Z")
  }

  @Test func aDayOffIsADayOfTheRecipientsCalendar() {
    // Thursday the 15th ends at 05:00 UTC in New York.
    #expect(ask("2026-01-15T15:00:00Z", off("2026-01-15")) == "closed 2026-01-16T13:00:00.000Z")
    #expect(ask("2026-01-15T04:00:00Z", off("2026-01-15"), marketing: false) == "open 2026-01-15T05:00:00.000Z")
    #expect(ask("2026-01-16T15:00:00Z", off("saturday", "sunday")) == "open 2026-01-17T02:00:00.000Z")
    #expect(ask("2026-01-17T15:00:00Z", off("saturday", "sunday")) == "closed 2026-01-19T13:00:00.000Z")
  }

  @Test func windowsThatNeverMeetAreToldFromALongWait() {
    let (now, ri, al) = ("2026-01-15T15:00:00Z", Int64(14_012_365_000), Int64(12_052_365_000))
    let evening = TenantHours(quiet: QuietHours(start: 21 * 60, end: 18 * 60))
    #expect(ask(now, evening, digits: ri) == "never")
    #expect(ask(now, evening, marketing: false, digits: ri) == "closed 2026-01-15T23:00:00.000Z")
    #expect(ask(now, evening) == "closed 2026-01-15T23:00:00.000Z")
    // Sundays alone, where Sundays are closed.
    let sundays = off("monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
    #expect(ask(now, sundays, digits: al) == "never")
    #expect(ask(now, sundays) == "closed 2026-01-18T13:00:00.000Z")
    // Two minutes together are too few to be woken for; three are enough.
    for (from, answer) in [(17 * 60 + 58, "never"), (17 * 60 + 57, "closed 2026-01-15T22:57:00.000Z")] {
      #expect(ask(now, TenantHours(quiet: QuietHours(start: 21 * 60, end: from)), digits: ri) == answer)
    }
    // As many days off as there may be, one after the other.
    var long = TenantHours()
    for n in 0..<100 {
      let (year, month, day) = CivilDay(number: 20_468 + n).civil
      let isTaken = long.daysOff.add("\(year)-\(month < 10 ? "0" : "")\(month)-\(day < 10 ? "0" : "")\(day)")
      #expect(isTaken)
    }
    #expect(ask(now, long) == "closed 2026-04-25T12:00:00.000Z")
  }

  @Test func whatIsNoDayIsRefusedAndAWeekWithoutADayToo() {
    var days = DaysOff()
    for text in ["", "someday", "2026-13-01", "2026-00-10", "26-01-01", "2026-01-32", "1999-01-01"] {
      let isTaken = days.add(text)
      #expect(!isTaken, "\(text)")
    }
    for day in ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday"] {
      let isTaken = days.add(day)
      #expect(isTaken)
    }
    let isWhole = days.add("saturday")
    #expect(!isWhole)
  }
}
