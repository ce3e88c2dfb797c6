import CPhoneNumber
import Foundation
package import GRDB
import Synchronization

/// A number in E.164: its digits as an integer (E.164 has at most 15, so they fit), shown with the plus.
package struct PhoneNumber: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let digits: Int64

  package init?(digits: Int64) {
    guard (1_000_000...999_999_999_999_999).contains(digits) else { return nil }
    self.digits = digits
  }

  /// Exactly `+` and digits, as Twilio writes it. No judgement whether such a number exists.
  package init?(e164 text: some StringProtocol) {
    let digits = text.utf8.dropFirst()
    guard text.utf8.first == UInt8(ascii: "+"), (7...15).contains(digits.count), digits.first != UInt8(ascii: "0"),
      digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let value = Int64(text.dropFirst())
    else { return nil }
    self.init(digits: value)
  }

  package var description: String { "+\(digits)" }
  package static func < (left: PhoneNumber, right: PhoneNumber) -> Bool { left.digits < right.digits }

  /// Three digits for numbers of the North American plan, else nil.
  package var areaCode: Int? {
    (10_000_000_000...19_999_999_999).contains(digits) ? Int(digits / 10_000_000 % 1000) : nil
  }

  package var isTollFree: Bool { [800, 833, 844, 855, 866, 877, 888].contains(areaCode ?? 0) }
}

extension PhoneNumber: DatabaseValueConvertible {
  package var databaseValue: DatabaseValue { digits.databaseValue }
  package static func fromDatabaseValue(_ value: DatabaseValue) -> PhoneNumber? {
    Int64.fromDatabaseValue(value).flatMap(PhoneNumber.init(digits:))
  }
}

extension PhoneNumber: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let phone = PhoneNumber(digits: try container.decode(Int64.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not E.164 digits")
    }
    self = phone
  }
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(digits)
  }
}

/// Why a text is not a number we can send to.
package enum PhoneRejection: String, Error, Sendable {
  case missing = "missing_phone"
  case scientificNotation = "scientific_notation"
  case notANumber = "not_a_number"
  case tooShort = "too_short"
  case tooLong = "too_long"
  case invalid = "invalid_number"
  case landline = "landline"

  package var sentence: String {
    switch self {
    case .missing: "has no phone number"
    case .scientificNotation:
      "is in scientific notation: the spreadsheet has lost digits, format the column as text and export again"
    case .notANumber: "is not a phone number"
    case .tooShort: "is too short for a phone number"
    case .tooLong: "is too long for a phone number"
    case .invalid: "is not an assigned phone number; write it with country code, like +14155550123"
    case .landline: "is a landline, which cannot receive texts"
    }
  }
}

/// Reads numbers as people write them.
///
/// libphonenumber judges; it costs 22 µs a number. Its verdict on a North American number depends on the first six digits only (a
/// differential test keeps that honest), so it is remembered by those, and a plain ten-digit number costs a table look-up.
package final class PhoneReader: Sendable {
  package static let shared = PhoneReader()

  package init() {}

  /// Area codes outside the United States and Canada: their plans tell numbers apart by more than six digits.
  private static let islands: Set<Int> = [
    242, 246, 264, 268, 284, 340, 345, 441, 473, 649, 658, 664, 670, 671, 684, 721, 758, 767, 784, 787, 809, 829, 849,
    868,
    869, 876, 939,
  ]

  private enum Remembered: UInt8 { case unknown, valid, invalid }
  /// By area code and exchange, 200…999 × 000…999; allocated with the first import.
  private let verdicts = Mutex<[Remembered]>([])

  package func read(_ text: String, region: String) -> Result<PhoneNumber, PhoneRejection> {
    Array(text.utf8).withUnsafeBufferPointer { read(bytes: $0, region: region) }
  }

  /// The same from bytes, for imports: the plain North American spellings make no string.
  func read(bytes: UnsafeBufferPointer<UInt8>, region: String) -> Result<PhoneNumber, PhoneRejection> {
    if let national = Self.northAmericanDigits(bytes, isHome: region == "US" || region == "CA") {
      return readNorthAmerican(national)
    }
    if (1...5).contains(bytes.count), bytes.allSatisfy({ (0x30...0x39).contains($0) }) { return .failure(.tooShort) }
    let text = String(decoding: bytes, as: UTF8.self).trimmed
    if text.isEmpty { return .failure(.missing) }
    if Self.isScientific(text) { return .failure(.scientificNotation) }
    if text.utf8.count > 60 { return .failure(.tooLong) }
    return Self.askLibrary(text, region: region)
  }

  /// Without the memory: what the differential test compares with.
  package static func askLibrary(_ text: String, region: String) -> Result<PhoneNumber, PhoneRejection> {
    var digits: Int64 = 0
    var kind: Int32 = 0
    let verdict = rh_phone_parse(text, text.utf8.count, region, &digits, &kind)
    switch UInt32(verdict) {
    case rh_phone_valid.rawValue:
      if UInt32(kind) == rh_kind_fixed_line.rawValue { return .failure(.landline) }
      return PhoneNumber(digits: digits).map { .success($0) } ?? .failure(.tooLong)
    case rh_phone_too_short.rawValue: return .failure(.tooShort)
    case rh_phone_too_long.rawValue: return .failure(.tooLong)
    case rh_phone_invalid.rawValue: return .failure(.invalid)
    default: return .failure(.notANumber)
    }
  }

  private func readNorthAmerican(_ national: Int64) -> Result<PhoneNumber, PhoneRejection> {
    let areaAndExchange = Int(national / 10_000)
    guard areaAndExchange >= 200_000 else { return .failure(.invalid) }
    if Self.islands.contains(areaAndExchange / 1000) {
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

  /// The ten digits of a number written the plain North American way; nil sends it to the library. In another country only the
  /// spellings with `+1` or eleven digits behind a plus are plain.
  private static func northAmericanDigits(_ text: UnsafeBufferPointer<UInt8>, isHome: Bool) -> Int64? {
    var value: Int64 = 0
    var count = 0
    var plus = false
    for byte in text {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        count += 1
        if count > 11 { return nil }
        value = value * 10 + Int64(byte - UInt8(ascii: "0"))
      case UInt8(ascii: "+") where count == 0 && !plus: plus = true
      case UInt8(ascii: " "), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "("), UInt8(ascii: ")"),
        UInt8(ascii: "/"):
        continue
      default: return nil
      }
    }
    if count == 11, value / 10_000_000_000 == 1, plus || isHome { return value % 10_000_000_000 }
    return count == 10 && !plus && isHome ? value : nil
  }

  /// `4.15867E+09`: what a spreadsheet leaves of a phone number.
  private static func isScientific(_ text: String) -> Bool {
    text.wholeMatch(of: /\s*\d([.,]\d+)?[eE]\+?\d{1,3}\s*/) != nil
  }
}
