import GRDB
import TestKit
import Testing

@testable import TenantRuntime

/// Cases of one campaign whose people are all of New York unless said, on a Monday.
@Suite struct SendingForecastTests {
  private struct Case: Sendable {
    var name: String
    var people = 100.0
    var segments = 1.0
    /// Of a text.
    var micros = 10_000.0
    var phones: [Int64] = [12_125_550_100]
    var isMarketing = false
    var quiet: QuietHours?
    var from: WallTime?
    var start = "2026-11-23T17:00:00Z"
    var means: @Sendable (inout SendingMeans) -> Void
    /// when reason people
    var waves: [String]
    var ends: String?
  }

  private static func number(
    _ rate: Double, cap: Int64? = nil, used: Int64 = 0, days: Int64 = 9, hasSent: Bool = false, warmUp: String = "off",
    brand: String? = nil
  ) -> SendingMeans.Number {
    SendingMeans.Number(
      rate: rate, usedToday: used, days: days, hasSent: hasSent, warmUp: warmUp, ownCap: cap, ladder: WarmUp.ladder,
      brand: brand)
  }

  private static let cases: [Case] = [
    Case(
      name: "nothing holds anybody", means: { $0.numbers = [number(10)] }, waves: ["at_start - 100"],
      ends: "2026-11-23T17:00:10.000Z"),
    Case(
      name: "texts of three segments take three times as long", segments: 3, means: { $0.numbers = [number(10)] },
      waves: ["at_start - 100"], ends: "2026-11-23T17:00:30.000Z"),
    Case(
      name: "two numbers share the work", means: { $0.numbers = [number(10), number(10)] }, waves: ["at_start - 100"],
      ends: "2026-11-23T17:00:05.000Z"),
    Case(
      name: "a number's day", means: { $0.numbers = [number(10, cap: 30)] },
      waves: ["at_start - 30", "next_day daily_cap 30", "later daily_cap 40"], ends: "2026-11-26T05:00:01.000Z"),
    Case(
      name: "what is used of the day", means: { $0.numbers = [number(10, cap: 60, used: 50, hasSent: true)] },
      waves: ["at_start - 10", "next_day daily_cap 60", "later daily_cap 30"], ends: "2026-11-25T05:00:03.000Z"),
    Case(
      name: "a number that warms up climbs each day", people: 1_000,
      means: { $0.numbers = [number(10, days: 0, warmUp: "on")] },
      waves: ["at_start - 100", "next_day daily_cap 250", "later daily_cap 650"], ends: "2026-11-26T05:00:15.000Z"),
    Case(
      name: "a number's pace does not suffice for the day", people: 50_000, means: { $0.numbers = [number(0.5)] },
      waves: ["at_start - 21600", "next_day rate 28400"], ends: "2026-11-24T20:46:40.000Z"),
    Case(
      name: "no number may send", means: { _ in }, waves: ["never no_number 100"], ends: nil),
    Case(
      name: "marketing in the evening waits for the morning", isMarketing: true, start: "2026-11-24T03:00:00Z",
      means: { $0.numbers = [number(10)] }, waves: ["next_day quiet_hours 100"], ends: "2026-11-24T13:00:10.000Z"),
    Case(
      name: "marketing before eight waits for the same morning", isMarketing: true, start: "2026-11-23T11:00:00Z",
      means: { $0.numbers = [number(10)] }, waves: ["same_day quiet_hours 100"], ends: "2026-11-23T13:00:10.000Z"),
    Case(
      name: "the hours of two coasts", phones: [12_125_550_100, 14_155_550_100], isMarketing: true,
      start: "2026-11-23T14:00:00Z", means: { $0.numbers = [number(10)] },
      waves: ["at_start - 50", "same_day quiet_hours 50"], ends: "2026-11-23T16:00:05.000Z"),
    Case(
      name: "what the hours do not leave time for goes the next day", people: 10_000, isMarketing: true,
      start: "2026-11-24T01:00:00Z", means: { $0.numbers = [number(1)] },
      waves: ["at_start - 3600", "next_day rate 6400"], ends: "2026-11-24T14:46:40.000Z"),
    Case(
      name: "each by their own clock", phones: [12_125_550_100, 14_155_550_100], from: WallTime("2026-11-24T10:00"),
      means: { $0.numbers = [number(10)] }, waves: ["next_day send_at_local 100"], ends: "2026-11-24T18:00:05.000Z"),
    Case(
      name: "the day's budget",
      means: {
        $0.numbers = [number(10)]
        ($0.daily, $0.today) = (400_000, 250_000)
      }, waves: ["at_start - 25", "next_day budget_day 40", "later budget_day 35"], ends: "2026-11-25T05:00:03.500Z"),
    Case(
      name: "the month's budget, that begins again in a week",
      means: {
        $0.numbers = [number(10)]
        ($0.monthly, $0.month) = (800_000, 250_000)
      }, waves: ["at_start - 25", "later budget_month 75"], ends: "2026-12-01T05:00:07.500Z"),
    Case(
      name: "a month's budget that is smaller than one text",
      means: {
        $0.numbers = [number(10)]
        ($0.monthly, $0.month) = (5_000, 5_000)
      }, waves: ["never budget_month 100"], ends: nil),
    Case(
      name: "the campaign's own budget ends it",
      means: {
        $0.numbers = [number(10)]
        $0.own = 600_000
      }, waves: ["at_start - 60", "never budget 40"], ends: nil),
    Case(
      name: "the operator's texts of a month",
      means: {
        $0.numbers = [number(10)]
        $0.quota = (most: 90, left: 20)
      }, waves: ["at_start - 20", "later quota_texts_per_month 80"], ends: "2026-12-01T05:00:08.000Z"),
    Case(
      // The carriers' day ends at 08:00 UTC.
      name: "a brand's day", segments: 2,
      means: {
        $0.numbers = [number(10, brand: "B1")]
        $0.brands = ["B1": (cap: 120, left: 100)]
      }, waves: ["at_start - 50", "next_day brand_cap 50"], ends: "2026-11-24T08:00:10.000Z"),
    Case(
      name: "others go first",
      means: {
        $0.numbers = [number(10)]
        $0.ahead = 600
      }, waves: ["at_start - 100"], ends: "2026-11-23T17:01:10.000Z"),
    Case(
      name: "others go first, and take nothing of its own budget",
      means: {
        $0.numbers = [number(10)]
        ($0.ahead, $0.own) = (5_000, 1_000_000)
      }, waves: ["at_start - 100"], ends: "2026-11-23T17:08:30.000Z"),
    Case(
      name: "others use the day's budget up",
      means: {
        $0.numbers = [number(10)]
        ($0.ahead, $0.daily, $0.today) = (60, 1_000_000, 600_000)
      }, waves: ["next_day budget_day 100"], ends: "2026-11-24T05:00:10.000Z"),
    Case(
      name: "more than thirty days", people: 3_000_000, means: { $0.numbers = [number(1)] },
      waves: ["at_start - 43200", "next_day rate 86400", "later rate 2462400", "never rate 408000"], ends: nil),
    Case(name: "nobody", people: 0, means: { $0.numbers = [number(1)] }, waves: [], ends: "2026-11-23T17:00:00.000Z"),
  ]

  @Test(arguments: cases.indices) func caseOfTheTable(_ index: Int) {
    let one = Self.cases[index]
    var groups: [TextingHours: SendingForecast.Group] = [:]
    let part = one.people / Double(one.phones.count)
    for (place, phone) in one.phones.enumerated() {
      let hours = TextingHours(
        phone: PhoneNumber(digits: phone)!, ownZone: nil, quiet: one.quiet, isMarketing: one.isMarketing,
        tenantZone: "America/New_York", from: one.from)
      groups[hours] = SendingForecast.Group(
        people: part, segments: part * one.segments, micros: part * one.micros, contacts: [Int64(place + 1)])
    }
    var means = SendingMeans()
    one.means(&means)
    let forecast = SendingForecast(
      groups, means, start: Moment(iso8601: one.start)!, zone: "America/New_York")
    #expect(
      forecast.waves.map { "\($0.when.rawValue) \($0.reason ?? "-") \($0.people)" } == one.waves, "\(one.name)")
    #expect(forecast.endsAt?.iso8601 == one.ends, "\(one.name)")
    #expect(forecast.waves.reduce(0) { $0 + $1.people } == Int64(one.people), "\(one.name)")
    let never = forecast.waves.filter { $0.when == .never }.reduce(0) { $0 + $1.people }
    #expect(forecast.days.reduce(0) { $0 + $1.people } == Int64(one.people) - never, "\(one.name)")
  }

  @Test func aForecastThatTakesTooLongSaysHowFarItGoes() {
    var groups: [TextingHours: SendingForecast.Group] = [:]
    for hour in 8..<20 {
      let hours = TextingHours(
        phone: PhoneNumber(digits: 12_125_550_100)!, ownZone: nil,
        quiet: QuietHours(start: hour * 60, end: hour * 60 + 30),
        isMarketing: true, tenantZone: "America/New_York")
      groups[hours] = SendingForecast.Group(people: 10_000, segments: 10_000, micros: 1, contacts: [Int64(hour)])
    }
    var means = SendingMeans()
    means.numbers = [Self.number(1)]
    func forecast(_ mostWork: Int) -> SendingForecast {
      SendingForecast(
        groups, means, start: Moment(iso8601: "2026-11-23T17:00:00Z")!, zone: "America/New_York", mostWork: mostWork)
    }
    let whole = forecast(SendingCourse.mostWork)
    #expect(whole.seenUntil == nil && whole.endsAt != nil)
    let cut = forecast(4_000)
    let unseen = cut.waves.filter { $0.from == nil }
    #expect(cut.seenUntil.map { $0 < whole.endsAt! } == true && cut.endsAt == nil)
    #expect(!unseen.isEmpty && unseen.allSatisfy { $0.when == .later && $0.until == nil })
    #expect(cut.waves.reduce(0) { $0 + $1.people } == 120_000)
    // What was seen is as it is in the whole one.
    #expect(cut.days.first?.people == whole.days.first?.people)
    #expect(
      cut.days.reduce(0) { $0 + $1.people } + unseen.reduce(0) { $0 + $1.people } == 120_000)
  }

  @Test func wholePeopleAddUp() {
    #expect(SendingCourse.whole([33.4, 33.3, 33.3]) == [34, 33, 33])
    #expect(SendingCourse.whole([0.5, 0.5]) == [1, 0])
    #expect(SendingCourse.whole([]) == [])
    #expect(SendingCourse.whole([2.9999999, 1]) == [3, 1])
  }
}
