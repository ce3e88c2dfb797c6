import Foundation
import TestKit
import Testing

@testable import TenantRuntime

/// Gate 8, case by case: who, when, and from when on.
@Suite struct TextingHoursTests {
  private func at(_ text: String) -> Moment { Moment(iso8601: text)! }

  private func hours(
    _ digits: Int64, zone: String? = nil, quiet: QuietHours? = nil, marketing: Bool = true
  ) -> TextingHours {
    TextingHours(
      phone: PhoneNumber(digits: digits)!, ownZone: zone, quiet: quiet, isMarketing: marketing,
      tenantZone: "Europe/Rome")
  }

  /// Number, own zone, now, and the answer: `open`/`closed` until when.
  private static let legal: [(Int64, String?, String, String)] = [
    // New York (212), winter: 8 to 21 is 13:00 to 02:00 UTC.
    (12_127_365_000, nil, "2026-01-15T12:59:00Z", "closed 2026-01-15T13:00:00.000Z"),
    (12_127_365_000, nil, "2026-01-15T13:00:00Z", "open 2026-01-16T02:00:00.000Z"),
    (12_127_365_000, nil, "2026-01-16T01:58:30Z", "closed 2026-01-16T13:00:00.000Z"),
    // Her own zone and the area code disagree: London and New York must both allow it.
    (12_127_365_000, "Europe/London", "2026-01-15T08:00:00Z", "closed 2026-01-15T13:00:00.000Z"),
    (12_127_365_000, "Europe/London", "2026-01-15T13:00:00Z", "open 2026-01-15T21:00:00.000Z"),
    // Los Angeles in any spelling on a New York number: from 8 there (16:00 UTC) to 21 here (02:00 UTC).
    (12_127_365_000, "america/los angeles", "2026-01-15T14:00:00Z", "closed 2026-01-15T16:00:00.000Z"),
    (12_127_365_000, "america/los angeles", "2026-01-15T16:00:00Z", "open 2026-01-16T02:00:00.000Z"),
    // EST is New York's clock on a New York number, in summer too: until 21:00 there, which is 01:00 UTC.
    (12_127_365_000, "EST", "2026-07-15T20:00:00Z", "open 2026-07-16T01:00:00.000Z"),
    (12_127_365_000, "EST", "2026-07-16T01:30:00Z", "closed 2026-07-16T12:00:00.000Z"),
    // On a number of Los Angeles it is New York and a clock that never changes, and Los Angeles.
    (13_105_550_123, "EST", "2026-07-15T13:00:00Z", "closed 2026-07-15T15:00:00.000Z"),
    (13_105_550_123, "EST", "2026-07-15T15:00:00Z", "open 2026-07-16T01:00:00.000Z"),
    // An offset stands for the region of the number that has it in some part of the year.
    (12_127_365_000, "UTC-05:00", "2026-07-15T12:00:00Z", "open 2026-07-16T01:00:00.000Z"),
    // One of the zones of the area code: Chicago's part of Florida.
    (18_505_550_123, "Central Time (US & Canada)", "2026-01-16T01:30:00Z", "open 2026-01-16T02:00:00.000Z"),
    // Florida until 20; 850 lies in two zones, both must allow it: 8:00 Central is 14:00 UTC, 20:00 Eastern 01:00 UTC.
    (18_505_550_123, nil, "2026-01-15T13:30:00Z", "closed 2026-01-15T14:00:00.000Z"),
    (18_505_550_123, nil, "2026-01-15T14:00:00Z", "open 2026-01-16T01:00:00.000Z"),
    // Texas: Sunday from noon (2026-01-18 is one).
    (17_135_550_123, nil, "2026-01-18T15:00:00Z", "closed 2026-01-18T18:00:00.000Z"),
    // Alabama: no Sunday, and no Monday that is Martin Luther King's.
    (12_055_550_123, nil, "2026-01-18T18:00:00Z", "closed 2026-01-20T14:00:00.000Z"),
    // Toll-free: all zones of the United States. 8:00 in Honolulu is 18:00 UTC, 21:00 in New York 02:00 UTC.
    (18_005_550_123, nil, "2026-01-15T17:00:00Z", "closed 2026-01-15T18:00:00.000Z"),
    (18_005_550_123, nil, "2026-01-15T18:00:00Z", "open 2026-01-16T02:00:00.000Z"),
    // Abroad without a zone: the calling code's, not the tenant's (Rome).
    (447_911_123_456, nil, "2026-01-15T07:00:00Z", "closed 2026-01-15T08:00:00.000Z"),
    // Brazil's calling code lies in four zones, Sao Paulo's area code in one.
    (5_511_961_234_567, nil, "2026-01-15T10:30:00Z", "closed 2026-01-15T11:00:00.000Z"),
    // Jamaica.
    (18_765_551_234, nil, "2026-01-15T12:59:00Z", "closed 2026-01-15T13:00:00.000Z"),
    // The night the clocks go forward (2026-03-08): 8:00 comes an hour earlier in UTC.
    (12_127_365_000, nil, "2026-03-07T13:00:00Z", "open 2026-03-08T02:00:00.000Z"),
    (12_127_365_000, nil, "2026-03-08T03:00:00Z", "closed 2026-03-08T12:00:00.000Z"),
    // And back (2026-11-01).
    (12_127_365_000, nil, "2026-11-01T02:00:00Z", "closed 2026-11-01T13:00:00.000Z"),
  ]

  private func words(_ answer: TextingHours.Answer) -> String {
    switch answer {
    case .open(let until): "open \(until.iso8601)"
    case .closed(let until): "closed \(until.iso8601)"
    case .never: "never"
    }
  }

  @Test func marketingKeepsTheLegalHoursOfThePlace() {
    for (digits, zone, now, answer) in Self.legal {
      #expect(words(hours(digits, zone: zone).ask(at(now))) == answer, "+\(digits) at \(now)")
    }
  }

  /// An offset is no place: where the number's place has it in some season, that place is the clock; where not, both must allow.
  @Test(
    arguments: [
      ("Etc/GMT+5", 12_127_365_000, ["America/New_York"]), ("Etc/GMT+4", 12_127_365_000, ["America/New_York"]),
      ("Etc/GMT+5", 14_158_675_309, ["Etc/GMT+5", "America/Los_Angeles"]),
      ("Etc/GMT-5", 12_127_365_000, ["Etc/GMT-5", "America/New_York"]),
      ("GMT", 447_911_123_456, ["Europe/Guernsey", "Europe/Isle_of_Man", "Europe/London"]),
      ("Etc/UTC", 447_911_123_456, ["Europe/Guernsey", "Europe/Isle_of_Man", "Europe/London"]),
      ("UTC", 12_127_365_000, ["UTC", "America/New_York"]), ("GMT", 12_127_365_000, ["GMT", "America/New_York"]),
      ("UTC-05:00", 12_127_365_000, ["America/New_York"]),
      ("America/Phoenix", 13_032_681_101, ["America/Phoenix", "America/Denver"]),
    ] as [(String, Int64, [String])])
  func anOffsetThatAgreesWithThePlaceIsNoDisagreement(_ own: String, _ digits: Int64, _ counted: [String]) {
    let zones = TextingZones(phone: PhoneNumber(digits: digits)!, own: own, tenant: "UTC")
    #expect(zones.counted == counted)
  }

  @Test func aCampaignsQuietHoursAddToTheLaw() {
    // New York, quiet 18:00 to 11:00: 16:00 to 23:00 UTC stay.
    let quiet = QuietHours(start: "18:00", end: "11:00")
    #expect(
      words(hours(12_127_365_000, quiet: quiet).ask(at("2026-01-15T14:00:00Z"))) == "closed 2026-01-15T16:00:00.000Z")
    #expect(
      words(hours(12_127_365_000, quiet: quiet).ask(at("2026-01-15T16:00:00Z"))) == "open 2026-01-15T23:00:00.000Z")
    // At noon, not over midnight; the law goes on from there.
    let noon = QuietHours(start: "12:00", end: "13:00")
    #expect(
      words(hours(12_127_365_000, quiet: noon).ask(at("2026-01-15T17:30:00Z"))) == "closed 2026-01-15T18:00:00.000Z")
  }

  @Test func anInformationalTextIsBoundByItsOwnHoursAlone() {
    #expect(hours(12_127_365_000, marketing: false).isUnbound)
    let quiet = QuietHours(start: "22:00", end: "06:00")
    #expect(
      words(hours(12_127_365_000, quiet: quiet, marketing: false).ask(at("2026-01-18T11:30:00Z")))
        == "open 2026-01-19T03:00:00.000Z")
  }

  @Test(arguments: [
    ("2026-01-01", true), ("2026-01-19", true), ("2026-01-12", false), ("2026-02-16", true), ("2026-05-25", true),
    ("2026-06-19", true), ("2026-07-04", true), ("2026-09-07", true), ("2026-10-12", true), ("2026-11-11", true),
    ("2026-11-26", true), ("2026-11-19", false), ("2026-12-25", true), ("2026-12-24", false),
  ])
  func federalHolidaysFallOnTheirDays(_ text: String, _ isHoliday: Bool) {
    let day = CivilDay(number: Int(at(text + "T00:00:00Z").milliseconds / 86_400_000))
    let (year, month, date) = day.civil
    #expect(String(format: "%04d-%02d-%02d", year, month, date) == text)
    #expect(day.isFederalHoliday == isHoliday)
  }

  /// The answer that walking through every minute gives.
  private func walked(_ hours: TextingHours, _ now: Moment) -> TextingHours.Answer {
    let start = now.milliseconds / 60_000
    func allows(_ minute: Int64) -> Bool { hours.allows(Moment(milliseconds: minute * 60_000)) }
    let end = start + 16 * 1_440
    var minute = start
    if allows(minute) {
      while minute < end, allows(minute) { minute += 1 }
      if minute * 60_000 - now.milliseconds >= 120_000 { return .open(until: Moment(milliseconds: minute * 60_000)) }
    }
    var open: Int64 = 0
    while minute < end, open < 3 {
      open = allows(minute) ? open + 1 : 0
      minute += 1
    }
    return open == 3 ? .closed(until: Moment(milliseconds: (minute - 3) * 60_000)) : .never
  }

  @Test(
    arguments: [
      (12_127_365_000, nil, true, nil, nil), (17_135_550_123, nil, true, ("12:00", "13:00"), nil),
      (12_055_550_123, nil, true, ("20:01", "07:59"), nil), (18_505_550_123, "Europe/London", true, nil, nil),
      (12_127_365_000, "Asia/Kathmandu", true, ("22:00", "06:30"), nil),
      (12_127_365_000, nil, false, ("01:30", "02:30"), nil), (447_911_123_456, nil, false, nil, "2026-03-29T01:30"),
      (12_127_365_000, nil, true, nil, "2026-11-02T10:17"), (18_005_550_123, nil, true, ("12:00", "11:58"), nil),
      (12_127_365_000, "Pacific/Auckland", true, ("20:00", "09:00"), nil),
    ] as [(Int64, String?, Bool, (String, String)?, String?)])
  func anAnswerIsThatOfEveryMinuteInTurn(
    _ digits: Int64, _ zone: String?, _ isMarketing: Bool, _ quiet: (String, String)?, _ from: String?
  ) {
    var hours = hours(
      digits, zone: zone, quiet: quiet.flatMap { QuietHours(start: $0, end: $1) }, marketing: isMarketing)
    hours.from = from.flatMap { WallTime($0) }
    // Nights in which clocks are set, a holiday before a Sunday, the last moments of a window.
    for now in [
      "2026-03-08T06:58:30Z", "2026-03-28T23:10:00Z", "2026-11-01T05:30:00Z", "2026-07-03T23:59:00Z",
      "2026-01-16T01:58:30Z", "2026-12-31T23:59:59Z",
    ] { #expect(hours.ask(at(now)) == walked(hours, at(now)), "\(now)") }
  }

  @Test(arguments: ["24:00", "8:00", "08:60", "", "08:00:00", "٠٨:٠٠"]) func whatIsNoTimeOfDayIsRefused(_ text: String)
  {
    #expect(QuietHours.minutes(text) == nil)
  }
}
