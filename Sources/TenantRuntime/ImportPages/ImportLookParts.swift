import GRDB

/// The look at what a file does: its columns with the choices, people before and after, what was rejected.
struct ImportLookParts: Sendable {
  struct Notice: Sendable {
    let sentence: String
    /// Somebody should look before the commit.
    let isWarning: Bool
  }

  struct Column: Sendable {
    let place: String
    let header: String
    let became: String
    let why: String
    let also: String?
    let isKey: Bool
    let isLeftOut: Bool
    let changed: String?
    let kinds: [RuleChoices.Group]
    let rules: [Choice]
    let hasRule: Bool
    let samples: String
    let before: String?
    let after: String?
    let wasBlank: Bool
  }

  struct Change: Sendable {
    let name: String
    let before: String?
    let after: String
  }

  struct Changed: Sendable {
    let path: String?
    let name: PersonName
    let phone: String
    let row: String
    let changes: [Change]
  }

  struct Reject: Sendable {
    let why: String
    let detail: String
    let count: String
  }

  let columns: [Column]
  let people: [Changed]
  let hasPeople: Bool
  let morePeople: [Changed]
  let hasMore: Bool
  let peopleShown: String
  let rejects: [Reject]
  let hasRejects: Bool
  let rejectCount: String
  let rejected: String
  // What was said about the file.
  let conflicts: [Choice]
  let country: String
  let tags: String
  let audience: String
  let source: String
  let wording: String
  let date: String
  let consent: String?

  private static let shown = 6

  init(_ db: Database, _ batch: ImportBatch, _ said: JSON, _ visit: Visit<Runtime>) throws {
    let words = visit.words
    let fields = try ContactField.all(db).keys.sorted()
    let samples = said["sample"]?.list ?? []
    columns = Self.columns(batch, said, samples, fields, visit)
    let changed = try samples.map { try Self.changed(db, $0, visit) }
    people = Array(changed.prefix(Self.shown))
    morePeople = Array(changed.dropFirst(Self.shown))
    (hasPeople, hasMore) = (!people.isEmpty, !morePeople.isEmpty)
    peopleShown = words(
      "{0} of {1}", words.number(Int64(changed.count)), words.number(said["updated"]?.int ?? 0))
    rejects = try (said["rejected_reasons"]?.members ?? []).map { name, count in
      let first = try batch.firstReject(db, reason: name)
      return Reject(
        why: Self.reason(name, words),
        detail: first.map { words("row {0}: {1}", words.number($0.row), words.said($0.detail)) } ?? "",
        count: words.number(count.int ?? 0))
    }
    hasRejects = !rejects.isEmpty
    rejectCount = words.number(said["rejected"]?.int ?? 0)
    rejected = "\(visit.api)/imports/\(batch.id)/rejected.csv"
    let options = batch.options
    conflicts = Self.rules(visit.field("on_conflict", options.onConflict.rawValue), words)
    country = visit.field("country", options.region)
    tags = visit.field("tags:words", options.tags.filter { $0 != options.audience }.joined(separator: ", "))
    audience = visit.field("audience", options.audience)
    source = visit.field("consent_source", options.attestation?.source)
    wording = visit.field("consent_wording", options.attestation?.wording)
    date = visit.field("consent_date", options.attestation.map { String($0.at.iso8601.prefix(10)) })
    consent = options.attestation.map {
      words("Everybody in the file is written down as having agreed: {0}, {1}.", $0.source, words.day($0.at))
    }
  }

  // MARK: Columns

  private static func columns(
    _ batch: ImportBatch, _ said: JSON, _ samples: [JSON], _ fields: [String], _ visit: Visit<Runtime>
  ) -> [Column] {
    let words = visit.words
    return (said["columns"]?.list ?? []).enumerated().map { index, said in
      let name = said["as"]?.text ?? "ignore"
      let column = ColumnMapping.Column(name: name) ?? .ignored
      let changes = samples.compactMap { $0["changes"]?[name] }.first
      let chosen = visit.field("columns.\(index).as", name)
      let rule = visit.field("columns.\(index).conflict", batch.options.conflict(of: name).rawValue)
      let values = (said["samples"]?.list ?? []).compactMap(\.text).filter { !$0.isEmpty }
      return Column(
        place: String(index), header: said["column"]?.text ?? "", became: label(name, words),
        why: words.said(said["why"]?.text ?? ""), also: said["also"]?.text.map { also($0, words) },
        isKey: column == .phone,
        isLeftOut: column == .ignored, changed: batch.difference.changed[name].map { words.number($0) },
        kinds: kinds(name, chosen: chosen, fields, words), rules: rules(rule, words), hasRule: column.hasConflicts,
        samples: values.joined(separator: ", "), before: changes?["before"]?.text, after: changes?["after"]?.text,
        wasBlank: changes != nil && changes?["before"]?.text == nil)
    }
  }

  private static func also(_ word: String, _ words: Words) -> String {
    word == "country" ? words("also the country of the number") : words("also where the first number is missing")
  }

  private static func rules(_ chosen: String, _ words: Words) -> [Choice] {
    [
      Choice("overwrite", words("the file wins"), chosen: chosen),
      Choice("fill", words("only fill blanks"), chosen: chosen),
      Choice("keep", words("keep ours"), chosen: chosen),
    ]
  }

  private static func kinds(_ name: String, chosen: String, _ fields: [String], _ words: Words) -> [RuleChoices.Group] {
    func choices(_ names: [String]) -> [Choice] { names.map { Choice($0, label($0, words), chosen: chosen) } }
    let own = fields.map { "field.\($0)" }
    var groups = [
      RuleChoices.Group(
        name: words("About the person"),
        choices: choices([
          "phone", "first_name", "last_name", "full_name", "email", "tags", "time_zone", "language", "notes",
        ])),
      RuleChoices.Group(name: words("Permission"), choices: choices(["opt_out", "consent", "consent_date"])),
      RuleChoices.Group(
        name: words("About the number"), choices: choices(["country", "area_code", "next_phone", "phone_label"])),
      RuleChoices.Group(name: words("Your fields"), choices: choices(own)),
      RuleChoices.Group(name: words("Nothing"), choices: choices(["ignore"])),
    ].filter { !$0.choices.isEmpty }
    if !groups.contains(where: { $0.choices.contains(where: \.isChosen) }) {
      groups.insert(
        RuleChoices.Group(
          name: words("A new field"),
          choices: [Choice(chosen, words("New field: {0}", label(chosen, words)), chosen: chosen)]), at: 0)
    }
    return groups
  }

  static func label(_ name: String, _ words: Words) -> String {
    switch name {
    case "phone": words("Phone")
    case "first_name": words("First name")
    case "last_name": words("Last name")
    case "full_name": words("Whole name")
    case "email": words("E-mail")
    case "tags": words("Tags")
    case "time_zone": words("Time zone")
    case "language": words("Language")
    case "notes": words("Notes")
    case "opt_out": words("Has opted out")
    case "consent": words("Has agreed to texts")
    case "consent_date": words("Day of the consent")
    case "country": words("Country of the number")
    case "area_code": words("Area code")
    case "next_phone": words("Another phone")
    case "phone_label": words("Kind of phone")
    case "ignore": words("Left out")
    default: name.hasPrefix("field.") ? ContactPage.fieldName(String(name.dropFirst(6))) : name
    }
  }

  // MARK: People and rejects

  private static func changed(_ db: Database, _ sample: JSON, _ visit: Visit<Runtime>) throws -> Changed {
    let words = visit.words
    let phone = (sample["phone"]?.text).flatMap { PhoneNumber(e164: $0) }
    let row = try phone.flatMap {
      try Row.fetchOne(
        db.cachedStatement(sql: "SELECT id, phone, first_name, last_name FROM contacts WHERE phone = ?"),
        arguments: [$0])
    }
    let shown = phone.map { words.phone($0) } ?? ""
    return Changed(
      path: row.map { "\(visit.base)/contacts/\($0["id"] as Int64)" },
      name: row.map { visit.person($0) } ?? PersonName(nil, nil, phone: shown), phone: shown,
      row: words.number(sample["row"]?.int ?? 0),
      changes: (sample["changes"]?.members ?? []).map { name, change in
        Change(name: label(name, words), before: change["before"]?.text, after: change["after"]?.text ?? "")
      })
  }

  private static func reason(_ name: String, _ words: Words) -> String {
    if let why = PhoneRejection(rawValue: name) { return reason(why, words) }
    if let problem = CSVReader.Problem(rawValue: name) { return reason(problem, words) }
    switch name {
    case "duplicate": return words("Twice in the file")
    case "nul_byte", "unreadable": return words("Cannot be read")
    default: return words.name(name)
    }
  }

  private static func reason(_ why: PhoneRejection, _ words: Words) -> String {
    switch why {
    case .missing: words("No phone")
    case .scientificNotation: words("Digits lost by a spreadsheet")
    case .notANumber: words("No phone number")
    case .tooShort: words("Too few digits")
    case .tooLong: words("Too many digits")
    case .invalid: words("Not an assigned number")
    case .landline: words("A landline")
    case .ambiguous: words("Could be two numbers")
    case .unknownCountry: words("Country not understood")
    }
  }

  private static func reason(_ problem: CSVReader.Problem, _ words: Words) -> String {
    switch problem {
    case .tooLong: words("Far too long a row")
    case .unclosedQuote: words("A quote is never closed")
    case .strayText: words("Text behind a closing quote")
    case .tooManyColumns: words("More columns than the header")
    }
  }

  // MARK: Notices

  private static let calm: Set<String> = ["title_row", "next_phone", "several_phones", "field_widened"]

  static func notices(_ said: JSON, _ words: Words) -> [Notice] {
    let notices = (said["notices"]?.list ?? []).map { notice in
      // The API says how to map a column; here it is chosen.
      let whole = notice["message"]?.text ?? ""
      let end = whole.firstRange(of: "; map it with ")
      var message = words.said(String(whole[..<(end?.lowerBound ?? whole.endIndex)]))
      if end != nil { message += "; " + words("choose below what it becomes, if it is meant") }
      return Notice(
        sentence: message.capitalizedFirst,
        isWarning: !calm.contains(notice["code"]?.text ?? ""))
    }
    return notices.filter(\.isWarning) + notices.filter { !$0.isWarning }
  }
}
