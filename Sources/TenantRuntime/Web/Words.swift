package import Foundation

/// Numbers, money, times and sentences as one reader wants them: in their language, in the tenant's zone.
package struct Words: Sendable {
  package enum Language: String, CaseIterable, Sendable {
    case en, es

    /// What a browser asks for (RFC 9110 12.5.4), of those that there are; English where it says nothing else.
    package init(accepting header: String?) {
      let wanted = (header ?? "").prefix(300).lowercased().split(separator: ",").prefix(20).compactMap {
        part -> (language: Language, share: Double)? in
        let sides = part.split(separator: ";").map { $0.filter { !$0.isWhitespace } }
        guard let language = sides.first.flatMap({ Language(rawValue: String($0.prefix { $0 != "-" })) }) else {
          return nil
        }
        let share = sides.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
        return share > 0 ? (language, share) : nil
      }
      let best = wanted.map(\.share).max()
      self = wanted.first { $0.share == best }?.language ?? .en
    }
  }

  package let language: Language
  package let zone: TimeZone
  package let now: Moment
  /// Sentences in the reader's language, by the English ones.
  private let catalogue: [String: String]

  package init(_ language: Language, zone: TimeZone, now: Moment, catalogue: [String: String] = [:]) {
    (self.language, self.zone, self.now, self.catalogue) = (language, zone, now, catalogue)
  }

  /// The same, by the calendar of UTC.
  package var inUTC: Words { Words(language, zone: .gmt, now: now, catalogue: catalogue) }

  // MARK: Sentences

  /// The sentence in the reader's language; `{0}`, `{1}` … stand for the values.
  package func callAsFunction(_ sentence: String, _ values: String...) -> String {
    Self.filled(catalogue[sentence] ?? sentence, values)
  }

  /// Places of a sentence with their values; what stands in a value is no place.
  static func filled(_ sentence: String, _ values: [String]) -> String {
    var (text, rest) = ("", sentence[...])
    while let open = rest.firstIndex(of: "{") {
      text += rest[..<open]
      rest = rest[open...]
      guard let place = rest.dropFirst().first?.wholeNumberValue, values.indices.contains(place),
        rest.dropFirst(2).first == "}"
      else {
        text += "{"
        rest = rest.dropFirst()
        continue
      }
      text += values[place]
      rest = rest.dropFirst(3)
    }
    return text + rest
  }

  /// One of two sentences by a count, which stands for `{0}` in them.
  package func callAsFunction(_ count: Int64, one: String, many: String) -> String {
    callAsFunction(count == 1 ? one : many, number(count))
  }

  /// The same of a field that was filled in wrong: what a form calls it.
  package func fieldName(_ name: String) -> String {
    Self.fieldNames[name].map { callAsFunction($0) } ?? self.name(name)
  }

  package func rate(_ segments: Double) -> String {
    callAsFunction(segments == 1 ? "{0} segment a second" : "{0} segments a second", number(segments, decimals: 1))
  }

  /// A name of the program's own, like `opted_out`, as a reader says it.
  package func name(_ name: String) -> String {
    callAsFunction(Self.names[name] ?? name.replacing("_", with: " ").capitalizedFirst)
  }

  // MARK: Numbers

  private var isSpanish: Bool { language == .es }

  package func number(_ value: Int64) -> String {
    let digits = Array(String(value.magnitude))
    var out = value < 0 ? "−" : ""
    // Spanish groups from five digits on.
    let groups = !isSpanish || digits.count > 4
    for (index, digit) in digits.enumerated() {
      if groups, index > 0, (digits.count - index) % 3 == 0 { out.append(isSpanish ? "." : ",") }
      out.append(digit)
    }
    return out
  }

  /// With so many decimals at most, and none that say nothing.
  package func number(_ value: Double, decimals: Int) -> String {
    var text = String(format: "%.\(decimals)f", abs(value))
    if text.contains(".") {
      while text.last == "0" { text.removeLast() }
      if text.last == "." { text.removeLast() }
    }
    let parts = text.split(separator: ".", maxSplits: 1)
    let whole = number(Int64(parts.first ?? "0") ?? 0)
    return (value < 0 && text != "0" ? "−" : "") + whole
      + (parts.count > 1 ? (isSpanish ? "," : ".") + parts[1] : "")
  }

  /// `12.5%`: a share of something; nothing of nothing is no share.
  package func percent(_ part: Int64, of whole: Int64) -> String {
    guard whole > 0 else { return "–" }
    let share = Double(part) * 100 / Double(whole)
    return number(share, decimals: share < 1 ? 2 : share < 99.95 ? 1 : 0) + "%"
  }

  /// Millionths of a dollar; fractions of a cent only where there is nothing else.
  package func money(_ micros: Int64) -> String {
    let magnitude = micros.magnitude
    let isSmall = micros != 0 && magnitude < 10_000
    let (unit, digits): (UInt64, Int) = isSmall ? (100, 4) : (10_000, 2)
    let units = magnitude / unit + (magnitude % unit >= unit / 2 ? 1 : 0)
    let whole: UInt64 = isSmall ? 10_000 : 100
    let sign = micros < 0 ? "−" : ""
    return sign + "$" + number(Int64(units / whole)) + (isSpanish ? "," : ".")
      + DigitText.text((Int64(units % whole), digits, nil))
  }

  /// As it stands in a field, and is read back from it.
  package func moneyField(_ micros: Int64?) -> String { MoneyText(language).field(micros) }

  package func bytes(_ count: Int64) -> String {
    switch count {
    case ..<1_000: "\(number(count)) B"
    case ..<1_000_000: "\(number(Double(count) / 1_000, decimals: 0)) kB"
    case ..<1_000_000_000: "\(number(Double(count) / 1_000_000, decimals: 1)) MB"
    default: "\(number(Double(count) / 1_000_000_000, decimals: 1)) GB"
    }
  }

  /// `+1 415 555 0100`; as it is elsewhere.
  package func phone(_ phone: PhoneNumber) -> String {
    let text = phone.description
    guard phone.areaCode != nil, text.count == 12 else { return text }
    let digits = text.dropFirst(2)
    return "+1 \(digits.prefix(3)) \(digits.dropFirst(3).prefix(3)) \(digits.suffix(4))"
  }

  // MARK: Times

  private static let months: [Language: [String]] = [
    .en: [
      "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
      "December",
    ],
    .es: [
      "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre",
      "diciembre",
    ],
  ]
  private static let weekdays: [Language: [String]] = [
    .en: ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"], .es: ["dom", "lun", "mar", "mié", "jue", "vie", "sáb"],
  ]

  /// What clocks of the zone show. By civil days: a list asks this some hundred times, and a calendar would be made for each.
  private func parts(_ moment: Moment) -> (day: CivilDay, year: Int, month: Int, dayOfMonth: Int, minutes: Int) {
    let seconds = Int(moment.milliseconds.quotientRoundedDown(by: 1_000)) + zone.secondsFromGMT(for: moment.date)
    let day = CivilDay(number: Int(Int64(seconds).quotientRoundedDown(by: 86_400)))
    let civil = day.civil
    return (day, civil.year, civil.month, civil.day, (seconds - day.number * 86_400) / 60)
  }

  /// `9:04 am`, `21:04`
  package func clock(_ moment: Moment) -> String {
    clock(minutes: parts(moment).minutes)
  }

  /// Minutes of a day.
  package func clock(minutes: Int) -> String {
    let (hour, minute) = (minutes / 60 % 24, minutes % 60)
    if isSpanish { return "\(hour):\(minute < 10 ? "0" : "")\(minute)" }
    let twelve = hour % 12 == 0 ? 12 : hour % 12
    return "\(twelve)\(minute == 0 ? "" : ":\(minute < 10 ? "0" : "")\(minute)") \(hour < 12 ? "am" : "pm")"
  }

  /// `today`, `yesterday`, `Tue 3 March`, with the year when it is another one.
  package func day(_ moment: Moment) -> String {
    let (parts, today) = (parts(moment), parts(now))
    switch parts.day.number - today.day.number {
    case 0: return self("today")
    case -1: return self("yesterday")
    case 1: return self("tomorrow")
    default: break
    }
    let month = Self.months[language]?[parts.month - 1] ?? ""
    let weekday = Self.weekdays[language]?[parts.day.weekday] ?? ""
    let year = parts.year == today.year ? "" : isSpanish ? " de \(parts.year)" : " \(parts.year)"
    return isSpanish
      ? "\(weekday) \(parts.dayOfMonth) de \(month)\(year)" : "\(weekday) \(parts.dayOfMonth) \(month)\(year)"
  }

  /// Noon, where the reader is, of the date that a moment shows in UTC.
  package func noon(ofDayAt moment: Moment) -> Moment {
    moment.advanced(bySeconds: 43_200 - Int64(zone.secondsFromGMT(for: moment.date)))
  }

  /// `today, 9:04 am`
  package func time(_ moment: Moment) -> String { "\(day(moment)), \(clock(moment))" }

  /// Of today the time, of another day the day: in lists.
  package func short(_ moment: Moment) -> String {
    parts(moment).day == parts(now).day ? clock(moment) : date(moment)
  }

  /// `30 Nov`, with its year where that is another one.
  package func date(_ moment: Moment) -> String {
    let (parts, today) = (parts(moment), parts(now))
    let month = (Self.months[language]?[parts.month - 1] ?? "").prefix(3)
    return "\(parts.dayOfMonth) \(month)" + (parts.year == today.year ? "" : " \(parts.year)")
  }

  /// How long ago, in the largest unit that says something.
  package func ago(_ moment: Moment) -> String {
    let seconds = max(0, (now.milliseconds - moment.milliseconds) / 1000)
    switch seconds {
    case ..<60: return self("just now")
    case ..<3600: return self(seconds / 60, one: "{0} minute ago", many: "{0} minutes ago")
    case ..<86_400: return self(seconds / 3600, one: "{0} hour ago", many: "{0} hours ago")
    default: return self(seconds / 86_400, one: "{0} day ago", many: "{0} days ago")
    }
  }

  /// As `<time datetime>` and native fields have it: in UTC, and on the tenant's clock.
  package func field(_ moment: Moment?) -> String {
    guard let moment else { return "" }
    let parts = parts(moment)
    return DigitText.text(
      (Int64(parts.year), 4, "-"), (Int64(parts.month), 2, "-"), (Int64(parts.dayOfMonth), 2, "T"),
      (Int64(parts.minutes / 60), 2, ":"), (Int64(parts.minutes % 60), 2, nil))
  }

  /// The name that people give to the tenant's zone: `New York`.
  package var place: String { String(zone.identifier.split(separator: "/").last ?? "").replacing("_", with: " ") }
}

extension String {
  package var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
