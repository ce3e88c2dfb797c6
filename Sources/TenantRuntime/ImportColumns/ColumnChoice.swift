/// Chooses the columns of a file from its header and first rows, and can say why.
struct ColumnChoice {
  struct Notice: Sendable, Equatable {
    var code: String
    var column: String?
    var message: String
    var json: JSON { ["code": .text(code), "column": .optional(column), "message": .text(message)] }
  }

  static let rowsLookedAt = 200
  /// Each value is tried as a phone, a country, a zone and more: of a file with very many columns fewer rows are looked at.
  private static let valuesLookedAt = 20_000

  private(set) var mapping: ColumnMapping
  private(set) var notices: [Notice] = []
  private let headers: [String]
  private let scores: [ColumnScore]
  private let asked: [Int: ColumnMapping.Column]
  private var why: [Int: String] = [:]
  private var nextPhones: [Int] = []

  /// Why a column is what it is, where somebody has said so.
  static let askedFor = "asked for by map"

  /// - Parameters:
  ///   - rows: the first of the file, blank fields included.
  ///   - chosen: columns that somebody has named by their places, beside those of `map`.
  init(
    headers: [String], rows: [[String]], map: String?, region: String, chosen: [Int: ColumnMapping.Column] = [:]
  ) throws {
    self.headers = headers
    asked = try ColumnMapping.asked(map, headers: headers).merging(chosen) { _, chosen in chosen }
    let rows = rows.prefix(max(8, Self.valuesLookedAt / max(headers.count, 1)))
    scores = headers.indices.map { index in
      var values = ColumnValues()
      for row in rows where index < row.count && !row[index].isEmpty { values.take(row[index], region: region) }
      return ColumnScore(header: headers[index], values: values, rows: rows.count)
    }
    mapping = ColumnMapping(columns: Array(repeating: .ignored, count: headers.count))
    var columns = headers.map { ColumnMapping.Column.custom(ContactField.name($0)) }
    for (index, column) in asked { columns[index] = column }
    chooseConsent(&columns)
    choosePhones(&columns)
    chooseNames(&columns)
    chooseOthers(&columns)
    mapping = ColumnMapping(columns: columns, countryIndex: chooseCountry(columns), nextPhones: nextPhones)
    mapping.settleNames(headers, chosen: Set(asked.keys))
    chooseDates(region)
    guard mapping.columns.contains(.phone) else {
      throw Refusal.invalid(
        "map",
        "no column looks like a phone number: choose the country they are written in, or call the column that holds them Phone"
      )
    }
  }

  private func isFree(_ index: Int, _ columns: [ColumnMapping.Column]) -> Bool {
    guard asked[index] == nil, case .custom = columns[index] else { return false }
    return true
  }

  // MARK: Phones

  private mutating func choosePhones(_ columns: inout [ColumnMapping.Column]) {
    guard !columns.contains(.phone) else { return }
    let ranked = scores.indices.filter {
      isFree($0, columns) && scores[$0].phone > 0 || isFree($0, columns) && scores[$0].phoneName >= 50
    }
    .sorted { scores[$0].phone == scores[$1].phone ? $0 < $1 : scores[$0].phone > scores[$1].phone }
    guard let first = ranked.first else { return }
    columns[first] = .phone
    why[first] = reason(first)
    for index in scores.indices
    where isFree(index, columns) && scores[index].isAreaCode && scores[first].values.short > 0 {
      columns[index] = .areaCode
      why[index] = "area codes of the numbers in \(headers[first])"
      break
    }
    for index in ranked.dropFirst() where scores[index].mayFillIn {
      nextPhones.append(index)
      why[index] = "where \(headers[first]) is empty or cannot be texted"
    }
    let labels = scores.indices.filter { isFree($0, columns) && scores[$0].isPhoneLabel }
    let numbers = Set(ranked.map { Self.number(headers[$0]) })
    for index in labels where numbers.contains(Self.number(headers[index])) {
      columns[index] = .phoneLabel
      why[index] = "says which number is the mobile"
    }
  }

  static func number(_ header: String) -> Int? { header.split { !$0.isNumber }.first.flatMap { Int($0) } }

  private func reason(_ index: Int) -> String {
    let score = scores[index]
    let name =
      score.phoneName >= 80
      ? "named like a mobile" : score.phoneName > 0 ? "named like a phone" : "its values are phone numbers"
    guard score.values.count > 0 else { return name }
    return "\(name); \(score.values.phones) of the first \(score.values.count) values are numbers that can be texted"
      + (score.values.isShared ? "; the same number for many rows" : "")
  }

  // MARK: Consent

  private mutating func chooseConsent(_ columns: inout [ColumnMapping.Column]) {
    for index in scores.indices where isFree(index, columns) {
      let score = scores[index]
      let isReadable = score.values.count == 0 || score.values.share(score.values.answers) >= 0.5
      switch score.consentName {
      // `Newsletter: no` says nothing of consent by its name, and means one by its values.
      case let about where score.isOfOtherChannel && (about != nil || score.values.share(score.values.answers) >= 0.8):
        if about != .consentDate {
          say("other_channel", index) {
            "\($0) is about e-mail or mail and is not used for texts; map it with consent: or opt_out: if it is meant for them"
          }
        }
      case .optOut?:
        columns[index] = .optOut
        why[index] = "named like an opt-out"
        if score.values.answers < score.values.count {
          say("unreadable_opt_out", index) {
            "\($0) has values that are neither yes nor no: these people are held as opted out"
          }
        }
      case .consent? where isReadable:
        columns[index] = .consent
        why[index] = "named like a consent to texts"
      case .consent?:
        say("consent_column_unused", index) {
          "\($0) looks like consent, but its values cannot be read and it is left out; map it with consent: or opt_out:, or ignore:"
        }
      case .consentDate? where !columns.contains(.consentDate) && score.name.has(HeaderWords.textChannel):
        columns[index] = .consentDate
        why[index] = "named like the date of a consent to texts"
      default:
        if score.looksLikeConsent {
          say("consent_column_unused", index) {
            "\($0) looks like consent and is left out; map it with consent: or opt_out:, or ignore:"
          }
        }
      }
    }
  }

  private mutating func say(_ code: String, _ index: Int, _ message: (_ header: String) -> String) {
    notices.append(Notice(code: code, column: headers[index], message: message(headers[index])))
  }

  // MARK: Names and the rest

  private mutating func chooseNames(_ columns: inout [ColumnMapping.Column]) {
    func first(_ isIt: (HeaderName) -> Bool) -> Int? {
      scores.indices.first { isFree($0, columns) && isIt(scores[$0].name) }
    }
    let givenIndex = columns.firstIndex(of: .firstName) ?? first { HeaderWords.firstNames.contains($0.compact) }
    let familyIndex = columns.firstIndex(of: .lastName) ?? first { HeaderWords.lastNames.contains($0.compact) }
    if let givenIndex, asked[givenIndex] == nil { columns[givenIndex] = .firstName }
    if let familyIndex, asked[familyIndex] == nil { columns[familyIndex] = .lastName }
    if let givenIndex {
      let isNative = HeaderWords.firstNamesNative.contains(scores[givenIndex].name.compact)
      if familyIndex == nil, isNative, let index = first({ HeaderWords.lastOrFull.contains($0.compact) }) {
        columns[index] = .lastName
      }
      return
    }
    if familyIndex != nil, let index = first({ HeaderWords.firstOrFull.contains($0.compact) }) {
      columns[index] = .firstName
      return
    }
    guard familyIndex == nil, !columns.contains(.fullName),
      let index = first({ HeaderWords.fullNames.contains($0.compact) }),
      scores[index].values.count == 0 || scores[index].values.share(scores[index].values.names) >= 0.5
    else { return }
    columns[index] = .fullName
    why[index] = "a whole name, split into first and last"
  }

  private mutating func chooseOthers(_ columns: inout [ColumnMapping.Column]) {
    if !columns.contains(.email),
      let best = scores.indices.filter({ isFree($0, columns) && scores[$0].email > 0 }).max(by: {
        scores[$0].email < scores[$1].email
      })
    {
      columns[best] = .email
    }
    let exact: [(Set<String>, ColumnMapping.Column)] = [
      (HeaderWords.tags, .tags), (HeaderWords.timeZones, .timeZone), (HeaderWords.languages, .language),
      (HeaderWords.notes, .notes), (HeaderWords.ignored, .ignored),
    ]
    for (names, column) in exact {
      for index in scores.indices where isFree(index, columns) && names.contains(scores[index].name.compact) {
        if column.mayRepeat || !columns.contains(column) { columns[index] = column }
      }
    }
    for index in scores.indices where isFree(index, columns) && !columns.contains(.timeZone) {
      if scores[index].name.contains(["timezone", "zeitzone"]), !scores[index].name.has(["offset"]) {
        if scores[index].values.share(scores[index].values.zones) >= 0.5 { columns[index] = .timeZone }
      }
      if columns[index] != .timeZone, scores[index].name.contains(["timezone", "gmtoffset", "utcoffset"]) {
        say("zone_column_unused", index) {
          "\($0) looks like a time zone and is left out; map it with time_zone:, or ignore:"
        }
      }
    }
  }

  private mutating func chooseCountry(_ columns: [ColumnMapping.Column]) -> Int? {
    if let index = columns.firstIndex(of: .country) { return index }
    for index in scores.indices where isFree(index, columns) && scores[index].looksLikeCountry {
      say("country_column_unused", index) {
        "\($0) looks like a country, but its values are none that is known; numbers without a country code are read as of the import's country"
      }
    }
    let best = scores.indices.filter { isFree($0, columns) && scores[$0].country > 0 }.max {
      scores[$0].country < scores[$1].country
    }
    if let best { why[best] = "gives the country of numbers written without a country code" }
    return best
  }

  /// Decided once per column, by the dates that can be read one way only; else by the country, and said.
  private mutating func chooseDates(_ region: String) {
    let monthFirst: Set<String> = ["US", "CA", "PH", "PR", "GU", "VI", "AS", "MP"]
    for (index, column) in mapping.columns.enumerated() {
      let values = scores[index].values
      guard case .custom = column, values.dates == values.count, values.dates > values.isoDates else { continue }
      if values.dayFirst > 0, values.monthFirst > 0 {
        say("mixed_dates", index) {
          "\($0) holds dates with the day first and others with the month first; it stays as it is written"
        }
        continue
      }
      let isDecided = values.dayFirst + values.monthFirst > 0
      let isDayFirst = isDecided ? values.dayFirst > 0 : !monthFirst.contains(region)
      mapping.dateOrders[column.name] = isDayFirst
      if !isDecided {
        say("ambiguous_dates", index) {
          "\($0) holds dates like \(values.samples.first ?? ""), read with the \(isDayFirst ? "day" : "month") first as in \(region)"
        }
      }
    }
  }

  // MARK: What is said

  /// Every column that has a meaning, and what else could have had it.
  var json: JSON {
    .list(
      headers.indices.map { index in
        let column = mapping.columns[index]
        var members: [(String, JSON)] = [("column", .text(headers[index])), ("as", .text(column.name))]
        if mapping.nextPhones.contains(index) { members.append(("also", "next_phone")) }
        if index == mapping.countryIndex { members.append(("also", "country")) }
        members.append(
          ("why", .text(asked[index] != nil ? Self.askedFor : why[index] ?? Self.plainReason(column))))
        if column == .phone {
          members += [("score", .int(Int64(scores[index].phone))), ("runners_up", runnersUp(index))]
        }
        return .object(members)
      })
  }

  /// Columns that look as if they mattered and are left out, with how many of the first rows have a value there.
  var unused: JSON {
    .object(
      notices.filter { $0.code.hasSuffix("_unused") }.compactMap { notice in
        notice.column.flatMap { headers.firstIndex(of: $0) }.map { (headers[$0], .int(scores[$0].values.count)) }
      })
  }

  /// Three values of each column: a person sees at once whether the choice is right.
  var samples: JSON { .list(scores.map { .list($0.values.samples.map(JSON.text)) }) }

  private static func plainReason(_ column: ColumnMapping.Column) -> String {
    switch column {
    case .custom: "a field of its own name"
    case .ignored: "left out"
    default: "by its name"
    }
  }

  private func runnersUp(_ chosen: Int) -> JSON {
    let others = scores.indices.filter { $0 != chosen && scores[$0].phone > 0 }.sorted {
      scores[$0].phone > scores[$1].phone
    }
    return .list(
      others.prefix(5).map { index in
        ["column": .text(headers[index]), "score": .int(Int64(scores[index].phone)), "why": .text(reason(index))]
      })
  }
}
