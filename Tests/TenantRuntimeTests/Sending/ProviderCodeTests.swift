import Testing

@testable import TenantRuntime

/// What each of Twilio's codes makes us do (twilio.com/docs/api/errors).
@Suite struct ProviderCodeTests {
  private static let table: [(ProviderCode.Meaning, [Int])] = [
    (.tryLater, [20429]),
    (.slowNumber, [21611, 30001, 30017, 30022]),
    (.fullDay, [30023, 30027]),
    (.optedOut, [21610]),
    (.badNumber, [21211, 21214, 21217, 21614, 21635, 30005, 30006]),
    (.pauseNumber, [21212, 21606, 21659, 21660, 21661, 30032, 30033, 30034, 30035]),
    (.pauseTenant, [20003, 20005, 20404, 21701, 21703, 21704, 21705, 30002, 63038]),
    (
      .permanent,
      [
        21266, 21408, 21602, 21603, 21604, 21608, 21609, 21612, 21617, 21619, 21620, 21623, 21624, 30003, 30004, 30007,
        30008, 30036, 30410, 30450, 30610, 30640, 12345,
      ]
    ),
  ]

  @Test(arguments: table) func everyCodeHasItsMeaning(_ meaning: ProviderCode.Meaning, _ codes: [Int]) {
    for code in codes { #expect(ProviderCode.meaning(code) == meaning, "\(code)") }
  }

  @Test func tooManyRequestsIsToldByStatusAloneToo() {
    #expect(ProviderCode.meaning(429, status: 429) == .tryLater)
    #expect(ProviderCode.meaning(21611, status: 429) == .slowNumber)
  }

  @Test func onlyTooManyRequestsIsEverOfferedAgainByItself() {
    let again: [ProviderCode.Meaning] = [.tryLater, .slowNumber, .fullDay]
    for (meaning, codes) in Self.table where again.contains(meaning) {
      #expect(Set(codes).isSubset(of: [20429, 21611, 30001, 30017, 30022, 30023, 30027]))
    }
  }
}
