package import GRDB

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
    self.init(digits: Self.withoutMexicanOne(value))
  }

  /// The same for a person's number: one form for each, whatever an operator makes of it on the way.
  package init?(person text: some StringProtocol) {
    guard let number = PhoneNumber(e164: text) else { return nil }
    self = number.asPerson
  }

  /// Mexico's mobile `1` behind the calling code was given up in 2019; old lists and some operators still write it.
  private static func withoutMexicanOne(_ digits: Int64) -> Int64 {
    digits / 10_000_000_000 == 521 ? 520_000_000_000 + digits % 10_000_000_000 : digits
  }

  /// Argentina's mobiles have a `9` behind the calling code, which some leave out: one subscriber, two spellings.
  var asPerson: PhoneNumber {
    let digits = Self.withoutMexicanOne(digits)
    let isWithoutNine = digits / 10_000_000_000 == 54 && (1...3).contains(digits / 1_000_000_000 % 10)
    return PhoneNumber(digits: isWithoutNine ? 5_490_000_000_000 + digits % 10_000_000_000 : digits) ?? self
  }

  /// What stands where a number would for a sender that is none, a short code or a word: behind a calling code that no country has. Nobody
  /// can be texted there.
  package init(sender: String) {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in sender.uppercased().utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    digits = 999_000_000_000_000 + Int64(hash % 1_000_000_000_000)
  }

  package var isSender: Bool { digits / 1_000_000_000_000 == 999 }

  package var description: String { "+\(digits)" }
  package static func < (left: PhoneNumber, right: PhoneNumber) -> Bool { left.digits < right.digits }

  /// Three digits for numbers of the North American plan, else nil.
  package var areaCode: Int? {
    (10_000_000_000...19_999_999_999).contains(digits) ? Int(digits / 10_000_000 % 1000) : nil
  }

  /// Area codes outside the United States and Canada: countries and territories of their own behind +1, whose plans distinguish numbers by more
  /// than six digits.
  static let islands: Set<Int> = [
    242, 246, 264, 268, 284, 340, 345, 441, 473, 649, 658, 664, 670, 671, 684, 721, 758, 767, 784, 787, 809, 829, 849,
    868, 869, 876, 939,
  ]

  /// Behind +1, and neither in the United States nor in Canada.
  var isOfAnIsland: Bool { areaCode.map(Self.islands.contains) ?? false }

  /// Whether a calling code or a longer beginning means this number; `1` alone means the United States and Canada.
  func begins(with code: String) -> Bool {
    String(digits).hasPrefix(code) && !(code == "1" && isOfAnIsland)
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
  case ambiguous = "ambiguous_number"
  case unknownCountry = "unknown_country"

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
    case .ambiguous: "can be read as two different numbers; write it with country code, like +14155550123"
    case .unknownCountry:
      "stands beside a country that is not understood; write it with country code, like +14155550123"
    }
  }
}
