/// What the values of a column's first rows look like.
struct ColumnValues {
  private(set) var count = 0
  private(set) var phones = 0
  private(set) var landlines = 0
  private(set) var emails = 0
  private(set) var countries = 0
  private(set) var zones = 0
  private(set) var answers = 0
  private(set) var names = 0
  private(set) var short = 0
  private(set) var samples: [String] = []
  private var distinct: Set<String> = []
  /// Dates that can be read one way only, and those that can be read two ways.
  private(set) var dayFirst = 0
  private(set) var monthFirst = 0
  private(set) var eitherWay = 0
  private(set) var isoDates = 0
  var dates: Int { dayFirst + monthFirst + eitherWay + isoDates }

  mutating func take(_ text: String, region: String) {
    count += 1
    if samples.count < 3, !samples.contains(text) { samples.append(String(text.unicodeScalars.prefix(60))) }
    distinct.insert(text)
    let digits = text.utf8.count { (0x30...0x39).contains($0) }
    if digits >= 6 {
      switch PhoneReader.shared.read(text, region: region) {
      case .success: phones += 1
      case .failure(.landline), .failure(.ambiguous): landlines += 1
      case .failure: if (6...8).contains(digits), digits * 2 > text.utf8.count { short += 1 }
      }
    } else if text.contains("@"), text.contains(".") {
      emails += 1
    }
    if CountryName.region(of: text) != nil { countries += 1 }
    if !TimeZones.candidates(text).isEmpty { zones += 1 }
    if ConsentAnswer(text) != nil { answers += 1 }
    if text.contains(where: \.isLetter), digits == 0, !text.contains("@") { names += 1 }
    switch WrittenDate.order(of: text) {
    case .day?: dayFirst += 1
    case .month?: monthFirst += 1
    case .either?: eitherWay += 1
    case nil: if WrittenDate.isISO(text) { isoDates += 1 }
    }
  }

  func share(_ some: Int) -> Double { count == 0 ? 0 : Double(some) / Double(count) }
  /// One number for many rows: an office, not a person.
  var isShared: Bool { count >= 3 && distinct.count * 2 <= count }
}

/// A value of a consent or opt-out column.
enum ConsentAnswer: Sendable, Equatable {
  case yes, no
  /// Says when, and with that, that.
  case date
  /// Nobody knows.
  case unknown

  init?(_ text: String) {
    let value = TextCleaner.clean(text).lowercased()
    if let known = Self.words[value] {
      self = known
    } else if let known = Self.words[String(value.filter { $0.isLetter || $0.isNumber })] {
      self = known
    } else if WrittenDate.order(of: value) != nil || WrittenDate.isISO(value) {
      self = .date
    } else {
      return nil
    }
  }

  private static let words: [String: ConsentAnswer] = {
    var words: [String: ConsentAnswer] = [:]
    func add(_ list: String, _ answer: ConsentAnswer) {
      for word in list.split(separator: "|") { words[String(word)] = answer }
    }
    add(
      """
      yes|y|true|t|1|1.0|x|on|ok|optedin|optin|subscribed|subscribe|active|granted|accepted|accept|accepts|agreed|agree|confirmed|\
      singleoptin|doubleoptin|consented|allowed|allow|permitted|checked|enabled|explicit|express|expressed|si|sí|oui|ja|sim|tak|да|\
      はい|是|有|예|네|نعم|כן|✓|✔|☑|✅|✔️|in|member|opted in|opt in|implicit|implied
      """, .yes)
    add(
      """
      no|n|false|f|0|0.0|off|optedout|optout|unsubscribed|unsubscribe|notsubscribed|neversubscribed|inactive|denied|declined|decline|\
      refused|revoked|withdrawn|rejected|blocked|disabled|donotcontact|donottext|nein|non|não|nao|nie|нет|いいえ|否|无|無|아니요|아니오|لا|\
      לא|✗|✘|☐|❌|nonsubscribed|nonsubscriber|redacted|pending|unconfirmed|awaitingconfirmation|notoptedin|notconfirmed|stop|stopped|out|\
      suppressed|blacklisted|cleaned|bounced|none|notgiven|optedoutofsms|never|opted out|opt out|archived|deleted|invalid
      """, .no)
    add(
      "|-|n/a|na|null|unknown|notset|notspecified|notasked|nan|?|--|00000000|000000000000|undefined|unset|blank|neverasked",
      .unknown)
    words[""] = .unknown
    return words
  }()
}

/// Dates as people and programs write them.
enum WrittenDate {
  enum Order: Sendable { case day, month, either }

  private struct Numbers {
    var first: Int, second: Int, year: Int
  }

  /// `2026-03-01`, and the same with a time behind it.
  static func isISO(_ text: String) -> Bool {
    let day = String(text.prefix(10)).replacing("/", with: "-")
    guard ContactField.Kind.isDate(String(day)) else { return false }
    let rest = text.dropFirst(10)
    return rest.isEmpty || (rest.first == " " || rest.first == "T" || rest.first == "t") && rest.contains(":")
  }

  // Compiled once, as in `PhoneText`.
  nonisolated(unsafe) private static let form = #/(\d{1,2})([\/.-])(\d{1,2})\2(\d{4}|\d{2})(?:,?[ T].*)?/#

  private static func numbers(_ text: String) -> Numbers? {
    guard text.utf8.count <= 40, let match = text.wholeMatch(of: form), let first = Int(match.1),
      let second = Int(match.3), let written = Int(match.4)
    else { return nil }
    let year = match.4.count == 4 ? written : written + (written > 40 ? 1900 : 2000)
    return Numbers(first: first, second: second, year: year)
  }

  static func order(of text: String) -> Order? {
    guard let numbers = numbers(text), (1...31).contains(numbers.first), (1...31).contains(numbers.second) else {
      return nil
    }
    switch (numbers.first > 12, numbers.second > 12) {
    case (true, true): return nil
    case (true, false): return .day
    case (false, true): return .month
    case (false, false): return .either
    }
  }

  /// `2026-03-01` of any way it is written; nil when it is no date, or none under this order.
  static func iso(_ text: String, dayFirst: Bool) -> String? {
    if isISO(text) { return String(text.prefix(10)).replacing("/", with: "-") }
    guard let numbers = numbers(text) else { return nil }
    let (day, month) = dayFirst ? (numbers.first, numbers.second) : (numbers.second, numbers.first)
    func two(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }
    let year = String(numbers.year)
    let written = "\(String(repeating: "0", count: 4 - min(4, year.count)))\(year)-\(two(month))-\(two(day))"
    return ContactField.Kind.isDate(written) ? written : nil
  }
}
