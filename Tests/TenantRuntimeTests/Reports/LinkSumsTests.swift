import Foundation
import GRDB
import TestKit
import Testing

@testable import TenantRuntime

/// Which days and months the clicks of a time are summed from.
@Suite struct LinkSumsTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let first: Int64
    let last: Int64
    let parts: [LinkSums.Part]

    var testDescription: String { "\(first) to \(last)" }
  }

  private static func months(_ numbers: ClosedRange<Int64>) -> LinkSums.Part {
    LinkSums.Part(unit: .month, numbers: numbers, sign: 1)
  }
  private static func days(_ numbers: ClosedRange<Int64>, _ sign: Int64 = 1) -> LinkSums.Part {
    LinkSums.Part(unit: .day, numbers: numbers, sign: sign)
  }

  private static let cases = [
    Case(first: 2026_11_01, last: 2026_11_30, parts: [days(2026_11_01...2026_11_30)]),
    Case(first: 2026_10_01, last: 2026_11_30, parts: [months(202610...202611), days(2026_11_31...2026_11_31, -1)]),
    Case(
      first: 2026_09_02, last: 2026_11_30,
      parts: [months(202609...202611), days(2026_09_01...2026_09_01, -1), days(2026_11_31...2026_11_31, -1)]),
    Case(
      first: 2025_12_17, last: 2026_01_15, parts: [days(2025_12_17...2025_12_31), days(2026_01_01...2026_01_15)]),
    Case(
      first: 2025_12_16, last: 2026_01_16,
      parts: [months(202512...202601), days(2025_12_01...2025_12_15, -1), days(2026_01_17...2026_01_31, -1)]),
    Case(
      first: 2025_10_27, last: 2026_11_04,
      parts: [months(202511...202610), days(2025_10_27...2025_10_31), days(2026_11_01...2026_11_04)]),
  ]

  @Test(arguments: cases) func aPeriodIsReadByMonthsAndFewDays(_ one: Case) {
    let (first, last) = (DayNumber(number: one.first), DayNumber(number: one.last))
    #expect(LinkSums.parts(ReportPeriod(days: first.days(to: last) + 1, to: last)) == one.parts)
  }

  @Test func whateverThePeriodEachOfItsDaysCountsOnceAndNoOtherDoes() {
    var chance = Chance()
    let every = ReportPeriod(days: 1_100, to: DayNumber(number: 2027_01_31)).days
    for _ in 0..<300 {
      let count = 1 + chance.below(ReportPeriod.mostDays)
      let period = ReportPeriod(days: count, to: every[500 + chance.below(500)])
      let parts = LinkSums.parts(period)
      for day in every {
        let counted = parts.reduce(Int64(0)) { sum, part in
          sum + (part.numbers.contains(part.unit == .day ? day.number : day.month) ? part.sign : 0)
        }
        #expect(counted == (period.first <= day && day <= period.last ? 1 : 0), "\(day.text) of \(period)")
      }
    }
  }
}
