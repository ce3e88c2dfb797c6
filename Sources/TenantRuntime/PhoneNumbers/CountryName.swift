import CPhoneNumber
import Foundation
import Synchronization

/// The country that a cell names, as its two letters: a code (`GB`, `GBR`), a name in one of a dozen languages, a flag, or a calling code
/// (`+44`, `0044`, `44`).
enum CountryName {
  private static let known = Mutex<[String: String?]>([:])

  static func region(of text: String) -> String? {
    known.withLock { known in
      if let region = known[text] { return region }
      let region = find(text)
      if known.count < 2_000, text.utf8.count <= 100 { known[text] = .some(region) }
      return region
    }
  }

  // Compiled once, as in `PhoneText`.
  nonisolated(unsafe) private static let withPlus = #/(?:\+|\b00)\s*(\d{1,4}(?:[- ]\d{3})?)\b/#
  nonisolated(unsafe) private static let codeAlone = #/['"=]*(\d{1,4})(?:\.0)?['"]*/#
  nonisolated(unsafe) private static let island = #/^1[- ]\d{3}$/#

  private static func find(_ text: String) -> String? {
    if let flag = flag(text) { return flag }
    let plain = PhoneText.visible(text.unicodeScalars.prefix(100))
    if let match = plain.firstMatch(of: withPlus) {
      return region(callingCode: match.1.filter(\.isNumber))
    }
    if let match = plain.wholeMatch(of: codeAlone) {
      return region(callingCode: String(match.1))
    }
    if plain.contains(island) { return "US" }
    let key = fold(plain)
    if key.count == 2, isRegion(key.uppercased()) { return key == "uk" ? "GB" : key.uppercased() }
    return names[key]
  }

  private static func region(callingCode digits: String) -> String? {
    // `1-876` is Jamaica; any `1` is read the same way.
    guard let code = Int(digits.hasPrefix("1") ? "1" : digits) else { return nil }
    var letters = [CChar](repeating: 0, count: 4)
    guard rh_calling_code_region(Int32(code), &letters) == 1 else { return nil }
    return String(decoding: letters.prefix(2).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static func flag(_ text: String) -> String? {
    let letters = text.unicodeScalars.filter { (0x1F1E6...0x1F1FF).contains($0.value) }
    guard letters.count == 2 else { return nil }
    let region = String(String.UnicodeScalarView(letters.compactMap { Unicode.Scalar($0.value - 0x1F1E6 + 0x41) }))
    return isRegion(region) ? region : nil
  }

  static func isRegion(_ letters: String) -> Bool { letters == "UK" || regions.contains(letters) }

  private static let regions = Set(Locale.Region.isoRegions.map(\.identifier).filter { $0.count == 2 })

  private static func fold(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.compactMap { Folding.letter($0).flatMap(Unicode.Scalar.init) }))
  }

  private static let names: [String: String] = {
    var names: [String: String] = [:]
    for language in ["en", "es", "fr", "de", "pt", "it", "nl", "pl", "vi", "zh", "fil", "ru", "ja", "sv", "da", "nb"] {
      let locale = Locale(identifier: language)
      for region in regions {
        if let name = locale.localizedString(forRegionCode: region) { names[fold(name)] = names[fold(name)] ?? region }
      }
    }
    for line in further.split(separator: "\n") {
      let words = line.split(separator: " ").map(String.init)
      for word in words.dropFirst() { names[word] = words[0] }
    }
    return names
  }()

  /// What these lists do not have: three letters, short forms.
  private static let further = """
    US usa unitedstatesofamerica america eeuu estadosunidos etatsunis vereinigtestaaten theunitedstates unitedstates
    GB gbr uk unitedkingdom greatbritain britain england scotland wales northernireland grossbritannien
    CA can
    MX mex
    DE deu ger brd
    FR fra
    ES esp
    IT ita
    AU aus
    NZ nzl
    IE irl eire republicofireland
    IN ind
    BR bra
    AR arg
    NL nld holland thenetherlands
    BE bel
    CH che switzerland
    AT aut
    PT prt
    PL pol
    SE swe
    NO nor
    DK dnk
    FI fin
    JP jpn
    CN chn prc
    KR kor korea southkorea republicofkorea
    ZA zaf rsa
    PH phl
    SG sgp
    HK hkg
    CO col
    CL chl
    PE per
    VN vnm vietnam
    TH tha
    ID idn
    MY mys
    TR tur turkey
    RU rus russia
    UA ukr
    GR grc
    IL isr
    AE are uae
    SA sau ksa
    NG nga
    KE ken
    PK pak
    CZ cze czechrepublic
    HU hun
    RO rou
    JM jam
    PR pri
    DO dom
    CI cotedivoire ivorycoast
    """
}
