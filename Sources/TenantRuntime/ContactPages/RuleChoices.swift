import GRDB

/// What the rule builder offers: everything a condition can be about, how it can be compared, and the things it can name.
struct RuleChoices: Sendable {
  struct Group: Sendable {
    let name: String
    let choices: [Choice]
  }

  let tags: [String]
  private let fields: [(name: String, kind: ContactField.Kind)]
  private let campaigns: [(String, String)]
  private let imports: [(String, String)]
  private let audiences: [(String, String)]
  private let words: Words

  private static let most = 300

  /// - Parameter besides: an audience cannot name itself.
  init(_ db: Database, _ words: Words, besides id: Int64? = nil) throws {
    self.words = words
    tags = try String.fetchAll(db.cachedStatement(sql: "SELECT name FROM tags ORDER BY folded LIMIT 500"))
    fields = try ContactField.all(db).sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    campaigns = try Row.fetchAll(
      db, sql: "SELECT id, name FROM campaigns ORDER BY id DESC LIMIT \(Self.most)"
    ).map { (String($0["id"] as Int64), $0["name"]) }
    imports = try ImportBatch.latest(db, before: 0, limit: 100).filter { $0.mode == .commit }.map { batch in
      (String(batch.id), batch.options.name ?? words("Import {0}", String(batch.id)))
    }
    audiences = try Audience.all(db, after: 0, limit: Self.most).filter { $0.id != id }.map {
      (String($0.id), $0.name)
    }
  }

  // MARK: What

  private static let columns = ["first_name", "last_name", "email", "language", "time_zone", "notes"]

  func whats(chosen: String) -> [Group] {
    func choice(_ value: String, _ name: String) -> Choice { Choice(value, name, chosen: chosen) }
    var about = [choice("tag", words("Tag"))]
    about += Self.columns.map { choice("field.\($0)", columnName($0)) }
    about.append(choice("field.created_at", words("Added on")))
    var groups = [
      Group(name: words("About them"), choices: about),
      Group(
        name: words("Your fields"), choices: fields.map { choice("field.\($0.name)", ContactPage.fieldName($0.name)) }),
      Group(
        name: words("What happened"),
        choices: [
          choice("texted", words("Was texted")), choice("received", words("Text left")),
          choice("delivered", words("Text arrived")), choice("clicked", words("Clicked")),
          choice("replied", words("Replied")), choice("failed", words("Text failed")),
          choice("not_texted_days", words("Last texted")),
        ]),
      Group(
        name: words("Permission"),
        choices: [
          choice("consent", words("Agreed to")), choice("do_not_contact", words("Opted out")),
        ]),
      Group(
        name: words("Where they come from"),
        choices: [
          choice("import", words("Import")), choice("id", words("Audience")), choice("everyone", words("Everybody")),
        ]),
    ].filter { !$0.choices.isEmpty }
    // A field that there is no more is still in the rule.
    if !groups.contains(where: { $0.choices.contains(where: \.isChosen) }) {
      groups.append(Group(name: words("In this rule"), choices: [choice(chosen, chosen)]))
    }
    return groups
  }

  private func columnName(_ name: String) -> String {
    switch name {
    case "first_name": words("First name")
    case "last_name": words("Last name")
    case "email": words("E-mail")
    case "language": words("Language")
    case "time_zone": words("Time zone")
    default: words("Notes")
    }
  }

  /// As the row is read out.
  func name(_ what: String) -> String {
    whats(chosen: what).flatMap(\.choices).first(where: \.isChosen)?.name ?? what
  }

  // MARK: How

  func kind(_ what: String) -> ContactField.Kind? {
    guard what.hasPrefix("field.") else { return nil }
    let name = String(what.dropFirst(6))
    if name == "created_at" { return .date }
    return fields.first { $0.name == name }?.kind ?? .text
  }

  func hows(_ what: String, chosen: String) -> [Choice] {
    let known = known(what)
    var choices = known.map { Choice($0.0, $0.1, chosen: chosen) }
    if !choices.contains(where: \.isChosen), what.hasPrefix("field."), !chosen.isEmpty {
      choices.append(Choice(chosen, comparison(chosen), chosen: chosen))
    }
    return choices
  }

  private func known(_ what: String) -> [(String, String)] {
    switch what {
    case "texted", "received", "delivered", "clicked", "replied", "failed":
      return [("is", words("in the campaign")), ("not", words("not in the campaign"))]
    case "not_texted_days": return [("is", words("longer ago, in days")), ("not", words("within, in days"))]
    case "consent": return [("is", words("texts of")), ("not", words("no texts of"))]
    case "do_not_contact": return [("is", words("yes")), ("not", words("no"))]
    case "everyone": return [("is", words("is meant")), ("not", words("is left out"))]
    case "import": return [("is", words("made by")), ("not", words("not made by"))]
    case "id": return [("is", words("is in")), ("not", words("is not in"))]
    case "tag": return [("is", words("is")), ("not", words("is not"))]
    default: break
    }
    let names: [String] =
      switch kind(what) {
      case .number: ["is", "is_not", "more_than", "less_than", "blank", "not_blank"]
      case .date where what == "field.created_at": ["before", "after", "is", "is_not"]
      case .date: ["before", "after", "is", "is_not", "blank", "not_blank"]
      case .boolean: ["is", "is_not", "blank", "not_blank"]
      case .text, nil:
        ["is", "is_not", "contains", "not_contains", "starts_with", "not_starts_with", "blank", "not_blank"]
      }
    return names.map { ($0, comparison($0)) }
  }

  private func comparison(_ name: String) -> String {
    switch name {
    case "is": words("is")
    case "is_not", "not_is": words("is not")
    case "contains": words("contains")
    case "not_contains": words("does not contain")
    case "starts_with": words("starts with")
    case "not_starts_with": words("does not start with")
    case "more_than": words("is more than")
    case "less_than": words("is less than")
    case "before": words("is before")
    case "after": words("is after")
    case "blank": words("is blank")
    case "not_blank": words("is not blank")
    default: name.replacing("_", with: " ")
    }
  }

  // MARK: Value

  /// Nil: it is typed.
  func values(_ what: String, chosen: String) -> [Choice]? {
    let all: [(String, String)]
    switch what {
    case "texted", "received", "delivered", "clicked", "replied", "failed": all = campaigns
    case "import": all = imports
    case "id": all = audiences
    case "consent": all = CampaignPurpose.allCases.map { ($0.rawValue, words.name($0.rawValue)) }
    default:
      guard kind(what) == .boolean else { return nil }
      all = [("true", words("Yes")), ("false", words("No"))]
    }
    var choices = all.map { Choice($0.0, $0.1, chosen: chosen) }
    if !choices.contains(where: \.isChosen) {
      choices.insert(Choice(chosen, chosen.isEmpty ? words("Choose…") : chosen, chosen: chosen), at: 0)
    }
    return choices
  }
}
