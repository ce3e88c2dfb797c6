import GRDB

/// The tenant's own history, the newest first: what webhooks are told, to be read by people.
struct EventListPage: Page {
  static let template = "events"

  struct Line: Sendable {
    let when: String
    let type: String
    let person: String?
    let personPath: String?
    let campaign: String?
    let campaignPath: String?
    let detail: String
  }

  let title: String
  let events: [Line]
  let hasEvents: Bool
  let isEmpty: Bool
  let types: [Choice]
  let isFiltered: Bool
  let pager: Pager?

  private static let mostMilliseconds = 200
  private static let walkedTogether: Int64 = 20_000

  @Sendable static func make(_ visit: Visit<Runtime>) async throws -> any Page {
    let (words, tenant) = (visit.words, visit.subject.lease.tenant)
    let page = try PageRequest(visit.call, shown: 50)
    let type = visit.query("type").flatMap(Event.Kind.init)?.rawValue
    return try await visit.subject.file.read { db in
      let (rows, next) = try found(db, page, type)
      let lines = rows.prefix(page.limit).map { line($0, "/t/\(tenant)", words) }
      return EventListPage(
        title: words("History"), events: lines, hasEvents: !lines.isEmpty,
        isEmpty: lines.isEmpty && type == nil && page.isFirst,
        types: Event.Kind.allCases.map { Choice($0.rawValue, words.name($0.rawValue), chosen: type) },
        isFiltered: type != nil, pager: Pager(visit, next: next))
    }
  }

  /// A type that is rare is far between, and nobody looks through a long history while texts wait: what was found by then is shown, and the
  /// next page goes on where the walk has ended.
  private static func found(_ db: Database, _ page: PageRequest, _ type: String?) throws -> (
    rows: [Row], next: String?
  ) {
    let last = try Int64.fetchOne(db.cachedStatement(sql: "SELECT max(id) FROM events")) ?? 0
    var (rows, before) = ([Row](), page.isFirst ? last + 1 : min(page.after, last + 1))
    let end = ContinuousClock.now + .milliseconds(mostMilliseconds)
    while before > 1, rows.count <= page.limit, ContinuousClock.now < end {
      let from = max(1, before - walkedTogether)
      rows += try Row.fetchAll(
        db,
        sql: """
          SELECT e.*, c.name AS campaign_name FROM events e LEFT JOIN campaigns c ON c.id = e.campaign_id
          WHERE e.id < ?1 AND e.id >= ?2 AND (?3 IS NULL OR e.type = ?3) ORDER BY e.id DESC LIMIT \(page.limit + 1 - rows.count)
          """, arguments: [before, from, type])
      before = from
    }
    let next = page.next(after: rows.map { $0["id"] })
    return (rows, next ?? (before > 1 ? page.cursor(behind: before) : nil))
  }

  private static func line(_ row: Row, _ base: String, _ words: Words) -> Line {
    let phone: PhoneNumber? = row["phone"]
    let campaign: Int64? = row["campaign_id"]
    let data = row.document("data").members ?? []
    return Line(
      when: words.time(row["at"]), type: words.name(row["type"]), person: phone.map(words.phone),
      personPath: phone.map { "\(base)/contacts?q=\($0.digits)" },
      campaign: row["campaign_name"], campaignPath: campaign.map { "\(base)/campaigns/\($0)" },
      detail: data.map { name, value in
        // Its day is one of UTC, as where somebody decides.
        let due = name == "due_at" ? value.text.flatMap { Moment(iso8601: $0) } : nil
        return "\(words.name(name)): \(due.map(words.inUTC.day) ?? told(value, words))"
      }.joined(separator: " · "))
  }

  private static func told(_ value: JSON, _ words: Words) -> String {
    if let text = value.text { return Moment(iso8601: text).map { words.time($0) } ?? words.name(text) }
    return value.int.map(words.number) ?? value.serialized
  }
}
