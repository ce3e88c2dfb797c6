import Foundation
import Testing

@testable import TenantRuntime

/// Money that people type, in the language of their pages.
@Suite struct MoneyTextTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let typed: String
    let en: Int64?
    let es: Int64?

    init(_ typed: String, en: Int64?, es: Int64?) { (self.typed, self.en, self.es) = (typed, en, es) }
    init(_ typed: String, _ both: Int64?) { self.init(typed, en: both, es: both) }

    var testDescription: String { typed }
  }

  @Test(arguments: [
    Case("12", 12_000_000), Case("$ 12", 12_000_000), Case("1500", 1_500_000_000),
    // Each language's own groups.
    Case("1,500", en: 1_500_000_000, es: nil), Case("15,000", en: 15_000_000_000, es: nil),
    Case("15.000", en: nil, es: 15_000_000_000), Case("2.500", en: nil, es: 2_500_000_000),
    Case("2,500", en: 2_500_000_000, es: nil),
    // Only one language writes these.
    Case("1,500.50", 1_500_500_000), Case("1.500,50", 1_500_500_000), Case("1,500,000", 1_500_000_000_000),
    Case("1.500.000", 1_500_000_000_000), Case("1,500.505", 1_500_505_000), Case("1.500,505", 1_500_505_000),
    // A group never begins with 0.
    Case("0,008", 8_000), Case("0.008", 8_000), Case("0,5", 500_000), Case("0.5", 500_000), Case("0.0083", 8_300),
    Case("0,0083", 8_300), Case("12,5", 12_500_000), Case("12.5", 12_500_000), Case("2.1250", 2_125_000),
    Case("1234.567", en: 1_234_567_000, es: nil), Case("1234,567", en: nil, es: 1_234_567_000),
    Case("01,500", en: nil, es: 1_500_000), Case("0,000.50", nil),
    // No amounts.
    Case("", nil), Case("1e5", nil), Case("0x10", nil), Case("0.0000001", nil), Case("-1", nil), Case("1,5,0", nil),
    Case("1,", nil), Case(".5", nil), Case("1,50,000", nil), Case("1.500.00", nil), Case("٣", nil),
    Case("99999999999999999999", nil), Case("999,999,999,999,999,999", nil), Case("9.223.372.036.854.775.807,99", nil),
  ]) func moneyIsReadInTheReadersWayOrNotAtAll(_ one: Case) {
    #expect(MoneyText(.en).micros(one.typed) == one.en)
    #expect(MoneyText(.es).micros(one.typed) == one.es)
  }

  @Test(arguments: Words.Language.allCases) func whatAFieldShowsIsReadBackAsItWas(_ language: Words.Language) {
    let money = MoneyText(language)
    let parts: [Int64] = [0, 1, 10, 100, 8_000, 8_300, 12_500, 125_000, 500_000, 990_000, 999_999]
    for whole: Int64 in [0, 1, 2, 12, 120, 999, 1_000, 1_500, 15_000, 1_000_000, 9_999_999_999] {
      for micros in parts.map({ whole * 1_000_000 + $0 }) {
        #expect(money.micros(money.field(micros)) == micros, "\(money.field(micros))")
      }
    }
    #expect(money.field(nil) == "")
  }

  @Test func aFieldIsWrittenInTheReadersWay() {
    let shown: [(Int64, String, String)] = [
      (15_000_000_000, "15000.00", "15000,00"), (8_300, "0.0083", "0,0083"), (8_000, "0.008", "0,008"),
      (2_125_000, "2.1250", "2,1250"), (12_500_000, "12.50", "12,50"),
    ]
    for (micros, en, es) in shown {
      #expect(MoneyText(.en).field(micros) == en && MoneyText(.es).field(micros) == es)
    }
  }

  @Test func aFormIsReadInTheLanguageOfWhoFilledItIn() {
    let body = BodyDeclaration.json([Documented("limit", .int(0...1_000_000_000_000, example: 1))])
    func json(_ language: Words.Language, _ typed: String) -> JSON? {
      FormJSON(body, zone: .gmt, language: language).json([("limit:money", typed)])["limit"]
    }
    #expect(json(.es, "15.000") == 15_000_000_000 && json(.en, "15.000") == "15.000")
    #expect(json(.en, "15,000") == 15_000_000_000 && json(.es, "15,000") == "15,000")
  }
}
