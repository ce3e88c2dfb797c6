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
