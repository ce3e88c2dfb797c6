import GRDB

/// One figure of a forecast, with people behind it.
struct ForecastLine: Sendable {
  enum Kind: String, Sendable { case go, wait, out }

  let id: String
  let name: String
  let detail: String?
  let badge: String
  let count: String
  let path: String
  let examples: [Int64]
  /// For the style sheet.
  let look: String
  let badgeKind: String
  let isGo: Bool
  let isWait: Bool
  let isOut: Bool

  init(
    _ id: String, _ kind: Kind, name: String, detail: String? = nil, badge: String, count: String, path: String,
    examples: [Int64]
  ) {
    (self.id, self.name, self.detail, self.badge, self.count) = (id, name, detail, badge, count)
    (self.path, self.examples) = ("\(path)#\(id)", examples)
    (look, badgeKind) = (kind.rawValue, kind == .out ? "" : kind.rawValue)
    (isGo, isWait, isOut) = (kind == .go, kind == .wait, kind == .out)
  }
}

/// What a preview says of when, as people read it.
struct Forecast {
  private(set) var lines: [ForecastLine] = []
  private(set) var skipped: Int64 = 0
  private(set) var waiting: Int64 = 0
  /// Who would not be texted until somebody changes what holds them.
  private(set) var stuck: Int64 = 0
  let ends: String?
  let isEndless: Bool
  /// Where it was broken off.
  let seenUntil: String?
  let closed: String?

  init(_ json: JSON, path: String, _ words: Words) {
    let forecast = json["forecast"] ?? .null
    func moment(_ json: JSON, _ name: String) -> Moment? { json[name]?.text.flatMap { Moment(iso8601: $0) } }
    let (start, end) = (moment(forecast, "starts_at"), moment(forecast, "ends_at"))
    closed = forecast["closed"]?.text.map(words.name)
    let waves = forecast["waves"]?.list ?? []
    ends = waves.isEmpty ? nil : end.map(words.time)
    seenUntil = moment(forecast, "seen_until").map(words.time)
    isEndless = end == nil && seenUntil == nil && !waves.isEmpty
    let isToday = start.map { words.day($0) == words.day(words.now) } ?? true
    for wave in waves {
      let people = wave["people"]?.int ?? 0
      let when = wave["when"]?.text.flatMap(SendingForecast.When.init) ?? .later
      let reason = wave["reason"]?.text
      let (from, until) = (moment(wave, "from"), moment(wave, "until"))
      switch when {
      case .atStart: break
      case .sameDay, .nextDay, .later: waiting += people
      case .never: stuck += people
      }
      lines.append(
        ForecastLine(
          "\(when.rawValue)-\(reason ?? "go")" + (when == .later && from == nil ? "-unseen" : ""),
          when == .atStart ? .go : when == .never ? .out : .wait,
          name: when == .atStart ? words("As soon as it begins") : words.name(reason ?? "rate"),
          detail: Self.span(from, until, words), badge: Self.badge(when, from, isToday: isToday, words),
          count: words.number(people), path: path, examples: Self.ids(wave)))
    }
    for skip in json["skipped"]?.list ?? [] {
      let (people, reason) = (skip["people"]?.int ?? 0, skip["reason"]?.text ?? "")
      skipped += people
      lines.append(
        ForecastLine(
          "skipped-\(reason)", .out, name: words.name(reason), badge: words("not texted"),
          count: words.number(people), path: path, examples: Self.ids(skip)))
    }
  }

  private static func ids(_ json: JSON) -> [Int64] { (json["examples"]?.list ?? []).compactMap(\.int) }

  private static func span(_ from: Moment?, _ until: Moment?, _ words: Words) -> String? {
    guard let from, let until else { return nil }
    let (first, last) = (words.time(from), words.time(until))
    if first == last { return first }
    return words.day(from) == words.day(until)
      ? words("{0} to {1}", first, words.clock(until)) : words("{0} to {1}", first, last)
  }

  private static func badge(
    _ when: SendingForecast.When, _ from: Moment?, isToday: Bool, _ words: Words
  ) -> String {
    switch when {
    case .atStart: isToday ? words("today") : words("that day")
    case .sameDay: isToday ? words("later today") : words("later that day")
    case .nextDay: isToday ? words("tomorrow") : words("the day after")
    case .later: from.map(words.day) ?? words("later")
    case .never: words("not by itself")
    }
  }
}

/// The people behind each figure of a draft's forecast.
struct CampaignForecastPage: Page {
  static let template = "campaign-forecast"

  struct Person: Sendable {
    let name: String
    let phone: String
    let path: String
  }

  struct Part: Sendable {
    let id: String
    let name: String
    let detail: String?
    let badge: String
    let badgeKind: String
    let count: String
    let people: [Person]
    let hasMore: Bool
  }

  struct Day: Sendable {
    let name: String
    let people: String
    let segments: String
    let cost: String
  }

  let title: String
  let id: String
  let name: String
  let look: CampaignLook
  let parts: [Part]
  let days: [Day]
  let hasDays: Bool

  @Sendable static func make(_ visit: Visit<Runtime>) async throws -> any Page {
    let id = try visit.id(of: "campaign")
    let (words, lease) = (visit.words, visit.subject.lease)
    let asked = try await CampaignLook.ask(visit, id)
    return try await visit.subject.file.read { db in
      let look = try CampaignLook(db, asked, visit, lease)
      return CampaignForecastPage(
        title: words("Who is texted when"), id: String(id), name: asked.campaign.name, look: look,
        parts: try look.lines.map { try part(db, $0, "/t/\(lease.tenant)/contacts", words) }, days: look.days,
        hasDays: look.days.count > 1)
    }
  }

  private static func part(_ db: Database, _ line: ForecastLine, _ base: String, _ words: Words) throws -> Part {
    let people = try Row.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT id, first_name, last_name, phone FROM contacts WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id
          """), arguments: [JSON.list(line.examples.map(JSON.int)).serialized]
    ).map { row in
      let phone = words.phone(row["phone"])
      return Person(
        name: PersonName(row["first_name"], row["last_name"], phone: phone).text, phone: phone,
        path: "\(base)/\(row["id"] as Int64)")
    }
    return Part(
      id: line.id, name: line.name, detail: line.detail, badge: line.badge, badgeKind: line.badgeKind,
      count: line.count, people: people, hasMore: words.number(Int64(people.count)) != line.count)
  }
}
