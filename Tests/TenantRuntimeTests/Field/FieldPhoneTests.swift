import TestKit
import Testing

@testable import TenantRuntime

/// Numbers as files and people really have them, and what each is: one form, or a reason.
@Suite struct FieldPhoneTests {
  private func read(_ text: String, _ region: String = "US") -> String {
    switch PhoneReader.shared.read(text, region: region) {
    case .success(let phone): phone.description
    case .failure(let why): why.rawValue
    }
  }

  @Test(arguments: [
    // Characters nobody sees, and other digits than ours.
    ("\u{202A}(415) 268-1100\u{202C}", "+14152681100"),
    ("\u{202D}+1\u{A0}(212)\u{A0}268\u{2011}1101\u{202C}", "+12122681101"),
    ("+1\u{FE0F}-702-268-1104", "+17022681104"), ("\u{2066}+12062681105\u{2069}", "+12062681105"),
    ("\u{FEFF}+14042681106", "+14042681106"), ("+1 512\u{200B}268\u{200B}1107", "+15122681107"),
    ("＋１（４１５）２６８－１１００", "+14152681100"), ("٤١٥٢٦٨١١٠٠", "+14152681100"), ("415–268—1100", "+14152681100"),
    ("415·268·1100", "+14152681100"),
    // Schemes, guards and labels.
    ("tel:+1-415-268-1100", "+14152681100"), ("TEL:4152681100;ext=5", "+14152681100"),
    ("whatsapp:+14152681100", "+14152681100"),
    ("https://wa.me/14152681100", "+14152681100"), ("tel:268-1100;phone-context=+1-415", "+14152681100"),
    ("=\"+14152681100\"", "+14152681100"), ("=\"4152681100\"", "+14152681100"), ("'+14152681100", "+14152681100"),
    ("’4152681100", "+14152681100"), ("\"(415) 268-1100\"", "+14152681100"), ("=+14152681100", "+14152681100"),
    ("Mobile: (415) 268-1100", "+14152681100"), ("cell 415-268-1100", "+14152681100"),
    ("415-268-1100 (mobile)", "+14152681100"),
    ("(m) 415-268-1100", "+14152681100"), ("415-268-1100 x12", "+14152681100"), ("415-268-1100 - wife", "+14152681100"),
    // Decimals.
    ("4152681100.0", "+14152681100"), ("14152681100.00", "+14152681100"), ("4152681100,0", "+14152681100"),
    ("4,152,681,100", "+14152681100"), ("4,152,681,100.00", "+14152681100"), ("4152681100.5", "not_a_number"),
    ("415268110.0", "too_short"), ("1415268110.0", "invalid_number"),
    // What a spreadsheet has made of them.
    ("4.15268E+09", "scientific_notation"), ("4,15268E+09", "scientific_notation"),
    ("4.1526811e9", "scientific_notation"),
    ("4.152681100E+09", "+14152681100"), ("1.4152681100E10", "+14152681100"), ("#########", "not_a_number"),
    ("2026-11-23", "not_a_number"), ("11/23/2026", "not_a_number"),
    // Abroad from here.
    ("011 44 7911 123456", "+447911123456"), ("00 44 7911 123457", "+447911123457"), ("0033612345678", "+33612345678"),
    ("+0044 7911 123456", "+447911123456"), ("++447911123456", "+447911123456"),
    ("+44 (0)7911 123456", "+447911123456"),
    // Several.
    ("(617) 268-1103 ::: (702) 268-1104", "+16172681103"), ("415-268-1100; 212-268-1101", "+14152681100"),
    ("+14152681100+12122681101", "+14152681100"),
    ("415-268-1100 or 212-268-1101", "+14152681100"), ("(415)268-1100/(212)268-1101", "+14152681100"),
    ("555-1234, 212-268-1101", "+12122681101"),
    // Nothing is guessed.
    ("415268110O", "not_a_number"), ("4l5-268-1100", "not_a_number"), ("415-268-XXXX", "not_a_number"),
    ("41526811OO", "not_a_number"), ("1-800-FLOWERS", "not_a_number"), ("415 268 1100 2", "invalid_number"),
    ("447911123456", "too_long"), ("n/a", "missing_phone"), ("None", "missing_phone"), ("-", "missing_phone"),
    ("fax: 415-268-1100", "not_a_number"), ("$4152681100", "not_a_number"),
  ])
  func aNumberIsReadOrRefused(_ text: String, _ wanted: String) {
    let got = read(text)
    if wanted == "invalid_number" || wanted == "too_short" || wanted == "too_long" {
      #expect(["invalid_number", "too_short", "too_long", "not_a_number"].contains(got), "\(text): \(got)")
    } else {
      #expect(got == wanted, "\(text)")
    }
  }

  @Test(arguments: [
    ("1701234567.0", "DE", "+491701234567"), ("491701234568.0", "DE", "+491701234568"),
    ("0170 1234567", "DE", "+491701234567"),
    ("06.12.34.56.00", "FR", "+33612345600"), ("7812345678", "GB", "+447812345678"),
    ("07812 345678", "GB", "+447812345678"),
    ("447812345678", "GB", "+447812345678"), ("00447812345678", "GB", "+447812345678"),
    ("+1 415 268 1100", "DE", "+14152681100"),
    ("55 1234 5678", "MX", "+525512345678"), ("1 55 1234 5678", "MX", "+525512345678"),
    ("+52 1 55 1234 5678", "US", "+525512345678"),
    ("+52 044 55 1234 5678", "US", "+525512345678"), ("+5215512345678", "US", "+525512345678"),
    ("+54 9 11 2345 6789", "US", "+5491123456789"), ("+54 11 15 2345 6789", "US", "+5491123456789"),
    ("+54 11 2345 6789", "US", "+5491123456789"), ("011 15 2345-6789", "AR", "+5491123456789"),
    ("876-555-1234", "JM", "+18765551234"),
  ])
  func aNumberIsReadAsItsCountryWritesIt(_ text: String, _ region: String, _ wanted: String) {
    #expect(read(text, region) == wanted, "\(text)")
  }

  @Test func oneFormAtEveryDoor() {
    #expect(PhoneNumber(e164: "+5215512345678")?.description == "+525512345678")
    #expect(PhoneNumber(person: "+541123456789")?.description == "+5491123456789")
    #expect(PhoneNumber(person: "+5491123456789")?.description == "+5491123456789")
    #expect(PhoneNumber(person: "+525512345678")?.description == "+525512345678")
  }

  @Test(arguments: [
    ("+44", "GB"), ("0044", "GB"), ("44", "GB"), ("GB", "GB"), ("uk", "GB"), ("United Kingdom", "GB"),
    ("Vereinigtes Königreich", "GB"),
    ("England", "GB"), ("GBR", "GB"), ("🇬🇧", "GB"), ("+1", "US"), ("1-876", "US"), ("Deutschland", "DE"),
    ("Allemagne", "DE"),
    ("México", "MX"), ("USA", "US"), ("United States of America", "US"), ("UK (+44)", "GB"), ("Brasil", "BR"),
    ("日本", "JP"),
    ("Россия", "RU"), ("us", "US"),
  ])
  func aCountryIsKnownHoweverItIsNamed(_ text: String, _ region: String) {
    #expect(CountryName.region(of: text) == region)
  }

  @Test(arguments: ["Atlantis", "", "Sales", "XX", "9999"]) func whatIsNoCountryIsNone(_ text: String) {
    #expect(CountryName.region(of: text) == nil)
  }

  /// Damage a valid number in the ways that files do; what comes out is that number or nothing. libphonenumber is the judge of what is valid.
  @Test func aDamagedNumberIsNeverSomebodyElses() {
    var chance = Chance()
    let regions: [(String, String, Int)] = [
      ("US", "1", 10), ("DE", "49", 10), ("GB", "44", 10), ("FR", "33", 9), ("MX", "52", 10), ("IN", "91", 10),
    ]
    let starts = [
      "US": ["415268", "212268"], "DE": ["170", "151"], "GB": ["7911", "7812"], "FR": ["61", "75"], "MX": ["55"],
      "IN": ["98", "70"],
    ]
    var read = 0
    for _ in 0..<3_000 {
      let (region, code, length) = chance.pick(regions)
      var national = chance.pick(starts[region] ?? [])
      while national.count < length { national += String(chance.below(10)) }
      guard case .success(let right) = PhoneReader.askLibrary("+\(code)\(national)", region: "ZZ") else { continue }
      let plain = chance.happens(1, in: 2) ? "+\(code)\(national)" : national
      let damaged = damage(plain, &chance)
      if case .success(let got) = PhoneReader.shared.read(damaged, region: region) {
        #expect(got == right, "\(damaged) in \(region) became \(got), was \(right)")
        read += 1
      }
    }
    #expect(read > 500)
  }

  private func damage(_ number: String, _ chance: inout Chance) -> String {
    let digits = number.drop { $0 == "+" }
    switch chance.below(14) {
    case 0: return number + ".0"
    case 1: return "=\"\(number)\""
    case 2: return "'" + number
    case 3: return "\(digits.prefix(1)).\(digits.dropFirst().prefix(5))E+\(digits.count - 1)"
    case 4:
      return "\u{202A}" + number.map { "\($0)\(chance.happens(1, in: 3) ? "\u{200B}" : "")" }.joined() + "\u{202C}"
    case 5: return number.replacing("0", with: "O")
    case 6: return number.replacing("1", with: "l")
    case 7: return "tel:" + number
    case 8: return number.hasPrefix("+") ? "00" + digits : number
    case 9: return number + ".\(1 + chance.below(8))"
    case 10: return number + "e"
    case 11: return "Mobile: " + number
    case 12: return number + " ::: " + "not known"
    default: return number + ",00"
    }
  }
}
