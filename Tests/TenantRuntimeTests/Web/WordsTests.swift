import Foundation
import Testing

@testable import TenantRuntime

@Suite struct WordsTests {
  private let english = Words(.en, zone: .gmt, now: Moment(iso8601: "2026-11-30T12:00:00Z")!)
  private let spanish = Words(
    .es, zone: .gmt, now: Moment(iso8601: "2026-11-30T12:00:00Z")!, catalogue: ["{0} of {1}": "de {1}, {0}"])

  @Test func whatStandsInAValueIsNoPlaceOfTheSentence() {
    #expect(english("{0} of {1}", "{1}", "{0}") == "{1} of {0}")
    #expect(spanish("{0} of {1}", "{1}", "{0}") == "de {0}, {1}")
    #expect(english("{0}, {2}, {x}, {", "a") == "a, {2}, {x}, {")
  }

  @Test func aShareOfNothingIsNoShare() {
    #expect(english.percent(0, of: 0) == "–")
    #expect(english.percent(1, of: 3) == "33.3%")
    #expect(english.percent(1, of: 200) == "0.5%")
    #expect(english.percent(7, of: 7) == "100%")
    #expect(spanish.percent(1, of: 3) == "33,3%")
  }

  @Test(
    arguments: [
      (0, "$0.00", "$0,00"), (8_000, "$0.0080", "$0,0080"), (8_349, "$0.0083", "$0,0083"),
      (9_999, "$0.0100", "$0,0100"),
      (10_000, "$0.01", "$0,01"), (15_000, "$0.02", "$0,02"), (999_999, "$1.00", "$1,00"),
      (1_234_567_890, "$1,234.57", "$1234,57"), (12_345_000_000, "$12,345.00", "$12.345,00"),
      (-8_300, "−$0.0083", "−$0,0083"),
      (-1_500_000, "−$1.50", "−$1,50"), (Int64.max, "$9,223,372,036,854.78", "$9.223.372.036.854,78"),
      (Int64.min, "−$9,223,372,036,854.78", "−$9.223.372.036.854,78"),
    ] as [(Int64, String, String)])
  func amounts(micros: Int64, inEnglish: String, inSpanish: String) {
    #expect(english.money(micros) == inEnglish)
    #expect(spanish.money(micros) == inSpanish)
  }

  @Test(
    arguments: [
      ("2026-11-30T04:59:59Z", "America/New_York", "yesterday, 11:59 pm", "2026-11-29T23:59"),
      ("2026-11-30T05:00:00Z", "America/New_York", "today, 12 am", "2026-11-30T00:00"),
      ("2026-12-01T05:00:00Z", "America/New_York", "tomorrow, 12 am", "2026-12-01T00:00"),
      // The night in which clocks go forward.
      ("2026-03-08T06:59:00Z", "America/New_York", "Sun 8 March, 1:59 am", "2026-03-08T01:59"),
      ("2026-03-08T07:00:00Z", "America/New_York", "Sun 8 March, 3 am", "2026-03-08T03:00"),
      ("2024-02-28T18:30:00Z", "Asia/Kolkata", "Thu 29 February 2024, 12 am", "2024-02-29T00:00"),
      ("1969-12-31T23:59:59.999Z", "Etc/GMT", "Wed 31 December 1969, 11:59 pm", "1969-12-31T23:59"),
      ("0001-01-01T00:00:00Z", "America/New_York", nil, nil), ("9999-12-31T23:59:59Z", "Pacific/Kiritimati", nil, nil),
    ] as [(String, String, String?, String?)])
  func timesAreThoseOfTheZonesClocks(moment: String, zone: String, said: String?, field: String?) throws {
    let words = Words(.en, zone: try #require(TimeZones.named(zone)), now: Moment(iso8601: "2026-11-30T12:00:00Z")!)
    let moment = try #require(Moment(iso8601: moment))
    let (time, written) = (words.time(moment), words.field(moment))
    if let said, let field { #expect(time == said && written == field) }
  }

  @Test func aDateIsThatDayWhereverTheReaderIs() {
    for zone in ["Pacific/Kiritimati", "Etc/GMT+12", "America/New_York", "Asia/Kolkata"] {
      let words = Words(.en, zone: TimeZones.named(zone)!, now: Moment(iso8601: "2026-11-01T12:00:00Z")!)
      let noon = words.noon(ofDayAt: Moment(iso8601: "2026-11-30T00:00:00Z")!)
      #expect(words.day(noon) == "Mon 30 November", "\(zone)")
      #expect(words.clock(noon) == "12 pm", "\(zone)")
    }
  }
}
