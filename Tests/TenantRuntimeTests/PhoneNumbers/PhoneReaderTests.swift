import TenantRuntime
import TestKit
import Testing

@Suite struct PhoneReaderTests {
  @Test(arguments: [
    ("(415) 867-5309", 14_158_675_309), ("415.867.5309", 14_158_675_309), ("1-415-867-5309", 14_158_675_309),
    ("+1 415 867 5309", 14_158_675_309), (" 4158675309 ", 14_158_675_309), ("+44 7911 123456", 447_911_123_456),
    ("tel:+14158675309", 14_158_675_309),
  ])
  func numbersAreReadAsPeopleWriteThem(_ text: String, _ digits: Int) {
    #expect(PhoneReader().read(text, region: "US") == .success(PhoneNumber(digits: Int64(digits))!))
  }

  @Test(arguments: [
    ("", PhoneRejection.missing), ("   ", .missing), ("4.15867E+09", .scientificNotation), ("call me", .notANumber),
    ("12345", .tooShort),
    ("115-867-5309", .invalid), ("+49 30 901820", .landline),
  ])
  func whatIsNotATextableNumberIsRefusedWithItsReason(_ text: String, _ reason: PhoneRejection) {
    #expect(PhoneReader().read(text, region: "US") == .failure(reason))
  }

  /// For what is said of a number: it need not be one that gets texts.
  @Test(
    arguments: [
      ("+49 30 901820", "US", 4_930_901_820), ("030 901820", "DE", 4_930_901_820),
      ("011 49 30 901820", "US", 4_930_901_820),
      ("(415) 867-5309", "US", 14_158_675_309), ("1-415-867-5309", "US", 14_158_675_309),
      ("+1 787 011 2233", "US", nil),
      ("115-867-5309", "US", nil), ("415-067-5309", "US", nil), ("12345", "US", nil), ("", "US", nil),
      ("call me", "US", nil),
      ("030 901820", "ZZ", nil),
    ] as [(String, String, Int64?)])
  func aNumberThatCanBeDialledIsReadForConsent(_ text: String, _ region: String, _ digits: Int64?) {
    #expect((try? PhoneReader().dialled(text, region: region).get())?.digits == digits)
  }

  @Test func theRememberedVerdictIsTheLibrarysOwn() {
    var generator = Chance()
    let reader = PhoneReader()
    for _ in 0..<20_000 {
      let national = Int64.random(in: 2_000_000_000...9_999_999_999, using: &generator)
      _ = reader.read(String(national - national % 10_000 + 123), region: "US")
      #expect(
        reader.read(String(national), region: "US") == PhoneReader.askLibrary(String(national), region: "US"),
        "\(national)")
    }
  }
}
