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

  @Test func aDateIsThatDayWhereverTheReaderIs() {
    for zone in ["Pacific/Kiritimati", "Etc/GMT+12", "America/New_York", "Asia/Kolkata"] {
      let words = Words(.en, zone: TimeZones.named(zone)!, now: Moment(iso8601: "2026-11-01T12:00:00Z")!)
      let noon = words.noon(ofDayAt: Moment(iso8601: "2026-11-30T00:00:00Z")!)
      #expect(words.day(noon) == "Mon 30 November", "\(zone)")
      #expect(words.clock(noon) == "12 pm", "\(zone)")
    }
  }
}
