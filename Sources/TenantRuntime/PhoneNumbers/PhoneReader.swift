import CPhoneNumber
import Foundation
import Synchronization

/// Reads numbers as people and programs write them: the one way from a text to a number, for imports, the API, forms, lists and the
/// inbox. `PhoneText` makes the text plain; then the number is judged.
///
/// libphonenumber judges; it costs 22 µs a number. Its verdict on a North American number depends on the first six digits only (a
/// differential test keeps that honest), so it is remembered by those, and a plain ten-digit number costs a table look-up.
package final class PhoneReader: Sendable {
  package static let shared = PhoneReader()

  package init() {}

  /// Regions whose numbers begin with +1, and where 011 leads abroad.
  static let northAmerica: Set<String> = [
    "US", "CA", "AG", "AI", "AS", "BB", "BM", "BS", "DM", "DO", "GD", "GU", "JM", "KN", "KY", "LC", "MP", "MS", "PR",
    "SX", "TC", "TT", "VC", "VG", "VI",
  ]

  private enum Remembered: UInt8 { case unknown, valid, invalid }
  /// By area code and exchange, 200…999 × 000…999; allocated with the first import.
  private let verdicts = Mutex<[Remembered]>([])

  package func read(_ text: String, region: String) -> Result<PhoneNumber, PhoneRejection> {
    Array(text.utf8).withUnsafeBufferPointer { read(bytes: $0, region: region) }
  }

  /// The same from bytes, for imports: the plain North American spellings make no string.
  func read(bytes: UnsafeBufferPointer<UInt8>, region: String) -> Result<PhoneNumber, PhoneRejection> {
    readCell(bytes: bytes, region: region).map(\.phone)
  }

  func readCell(
    bytes: UnsafeBufferPointer<UInt8>, region: String
  ) -> Result<(phone: PhoneNumber, others: Int), PhoneRejection> {
    if let national = Self.northAmericanDigits(bytes, isHome: region == "US" || region == "CA") {
      return readNorthAmerican(national).map { ($0, 0) }
    }
    if (2...5).contains(bytes.count), bytes.allSatisfy({ (0x30...0x39).contains($0) }) { return .failure(.tooShort) }
    return readCell(String(decoding: bytes, as: UTF8.self), region: region)
  }

  /// Any number that can be dialled, a landline or one of a block that is not assigned, too: who says that it may not be texted, or asks
  /// what was said of it, is answered.
  package func dialled(_ text: String, region: String) -> Result<PhoneNumber, PhoneRejection> {
    let read = read(text, region: region)
    guard case .failure(let why) = read, why == .landline || why == .invalid,
      let piece = PhoneText.numbers(in: text).first, case .success(let plain) = PhoneText.plain(piece),
      let phone = PhoneNumber(person: "+" + Self.dialling(plain, region: region)), Self.canBeDialled(phone)
    else { return read }
    return .success(phone)
  }

  /// In North America no area code and no exchange begins with 0 or 1: such a number is a slip, and to be reported.
  private static func canBeDialled(_ phone: PhoneNumber) -> Bool {
    guard let area = phone.areaCode else { return true }
    return area >= 200 && phone.digits / 10_000 % 1_000 >= 200
  }

  /// The digits with their calling code.
  private static func dialling(_ plain: String, region: String) -> String {
    let (digits, isInternational) = withoutPrefix(plain, region: region)
    let code = String(rh_calling_code(region))
    if isInternational || code == "0" { return digits }
    if code == "1" { return digits.utf8.count == 11 && digits.first == "1" ? digits : "1" + digits }
    var known: Int64 = 0
    var kind: Int32 = 0
    let verdict = rh_phone_parse(digits, digits.utf8.count, region, &known, &kind)
    if UInt32(verdict) == rh_phone_valid.rawValue { return String(known) }
    return code + digits.drop { $0 == "0" }
  }

  /// A cell that may hold several numbers: the first that can be texted, and how many others there are.
  func readCell(_ text: String, region: String) -> Result<(phone: PhoneNumber, others: Int), PhoneRejection> {
    let pieces = PhoneText.numbers(in: text)
    var first: PhoneRejection?
    for (index, piece) in pieces.enumerated() {
      switch readOne(piece, region: region) {
      case .success(let phone): return .success((phone, pieces.count - 1))
      case .failure(let why): if index == 0 || first == .missing { first = why }
      }
    }
    return .failure(first ?? .missing)
  }

  private func readOne(_ text: String, region: String) -> Result<PhoneNumber, PhoneRejection> {
    switch PhoneText.plain(text) {
    case .failure(let why): .failure(why)
    case .success(let plain): judge(plain, region: region)
    }
  }

  /// - Parameter plain: digits, and a plus before them where one was written.
  private func judge(_ plain: String, region: String) -> Result<PhoneNumber, PhoneRejection> {
    var (digits, isInternational) = Self.withoutPrefix(plain, region: region)
    if digits.utf8.count < 6 { return .failure(digits.isEmpty ? .notANumber : .tooShort) }
    if digits.utf8.count > (isInternational ? 18 : 17) { return .failure(.tooLong) }
    if isInternational { return judge(international: digits) }
    if region == "US" || region == "CA" {
      if digits.utf8.count == 11, digits.first == "1" { digits.removeFirst() }
      if digits.utf8.count == 10, let national = Int64(digits) { return readNorthAmerican(national) }
    }
    return judge(national: digits, region: region)
  }

  /// Without what leads abroad, and whether it was there.
  private static func withoutPrefix(_ plain: String, region: String) -> (digits: String, isInternational: Bool) {
    let hasPlus = plain.first == "+"
    let digits = hasPlus ? String(plain.dropFirst()) : plain
    if digits.hasPrefix("00"), digits.utf8.count >= 10 { return (String(digits.dropFirst(2)), true) }
    if digits.hasPrefix("011"), digits.utf8.count >= 11, hasPlus || northAmerica.contains(region) {
      return (String(digits.dropFirst(3)), true)
    }
    return (digits, hasPlus)
  }

  private func judge(international digits: String) -> Result<PhoneNumber, PhoneRejection> {
    if digits.utf8.count == 11, digits.first == "1", let value = Int64(digits) {
      return readNorthAmerican(value % 10_000_000_000)
    }
    // Mexico's former prefixes of mobiles, where the rest is a whole number.
    for prefix in ["521", "52044", "52045", "5201"]
    where digits.hasPrefix(prefix) && digits.utf8.count == prefix.utf8.count + 10 {
      return Self.askLibrary("+52" + digits.dropFirst(prefix.utf8.count), region: "ZZ")
    }
    return Self.askLibrary("+" + digits, region: "ZZ")
  }

  /// Digits without a plus may leave out their calling code or hold it. Both readings are tried; two numbers are none.
  private func judge(national digits: String, region: String) -> Result<PhoneNumber, PhoneRejection> {
    let national = Self.askLibrary(digits, region: region)
    let code = String(rh_calling_code(region))
    guard code != "1", code != "0", digits.hasPrefix(code) else { return national }
    switch (national, judge(international: digits)) {
    case (.success(let one), .success(let other)): return one == other ? national : .failure(.ambiguous)
    case (.failure, .success(let other)): return .success(other)
    default: return national
    }
  }

  /// Without the memory: what the differential test compares with.
  package static func askLibrary(_ text: String, region: String) -> Result<PhoneNumber, PhoneRejection> {
    var digits: Int64 = 0
    var kind: Int32 = 0
    let verdict = rh_phone_parse(text, text.utf8.count, region, &digits, &kind)
    switch UInt32(verdict) {
    case rh_phone_valid.rawValue:
      guard let phone = PhoneNumber(digits: digits) else { return .failure(.tooLong) }
      if UInt32(kind) != rh_kind_fixed_line.rawValue || phone.asPerson != phone { return .success(phone.asPerson) }
      return .failure(.landline)
    case rh_phone_too_short.rawValue: return .failure(.tooShort)
    case rh_phone_too_long.rawValue: return .failure(.tooLong)
    case rh_phone_invalid.rawValue: return .failure(.invalid)
    default: return .failure(.notANumber)
    }
  }

  private func readNorthAmerican(_ national: Int64) -> Result<PhoneNumber, PhoneRejection> {
    let areaAndExchange = Int(national / 10_000)
    guard areaAndExchange >= 200_000 else { return .failure(.invalid) }
    if PhoneNumber.islands.contains(areaAndExchange / 1000) {
      return Self.askLibrary("+\(10_000_000_000 + national)", region: "US")
    }
    let slot = areaAndExchange - 200_000
    let known = verdicts.withLock { $0.isEmpty ? Remembered.unknown : $0[slot] }
    let digits = 10_000_000_000 + national
    switch known {
    case .valid: return PhoneNumber(digits: digits).map { .success($0) } ?? .failure(.invalid)
    case .invalid: return .failure(.invalid)
    case .unknown: break
    }
    let verdict = Self.askLibrary("+\(digits)", region: "US")
    let remember: Remembered? =
      switch verdict {
      case .success: .valid
      case .failure(.invalid): .invalid
      case .failure: nil
      }
    if let remember {
      verdicts.withLock { table in
        if table.isEmpty { table = Array(repeating: .unknown, count: 800_000) }
        table[slot] = remember
      }
    }
    return verdict
  }

  /// The ten digits of a number written the plain North American way; nil sends it to the longer way. In another country only the
  /// spellings with `+1` or eleven digits behind a plus are plain. A point behind seven digits is a decimal point.
  private static func northAmericanDigits(_ text: UnsafeBufferPointer<UInt8>, isHome: Bool) -> Int64? {
    var value: Int64 = 0
    var count = 0
    var run = 0
    var plus = false
    for byte in text {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        count += 1
        run += 1
        if count > 11 { return nil }
        value = value * 10 + Int64(byte - UInt8(ascii: "0"))
        continue
      case UInt8(ascii: "+") where count == 0 && !plus: plus = true
      case UInt8(ascii: ".") where run > 6: return nil
      case UInt8(ascii: " "), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "("), UInt8(ascii: ")"),
        UInt8(ascii: "/"):
        break
      default: return nil
      }
      run = 0
    }
    if count == 11, value / 10_000_000_000 == 1, plus || isHome { return value % 10_000_000_000 }
    return count == 10 && !plus && isHome ? value : nil
  }
}
