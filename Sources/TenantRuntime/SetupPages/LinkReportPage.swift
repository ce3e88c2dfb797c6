import Foundation
import GRDB

/// One link: who clicked and when, people and bots apart; where it leads, its picture, what it was before.
struct LinkReportPage: Page {
  static let template = "link"

  struct Hit: Sendable {
    let when: String
    let verdict: SetupSignal
    let reasons: String
    let client: String
  }

  struct Change: Sendable {
    let when: String
    let who: String
    let lines: [Line]

    struct Line: Sendable {
      let name: String
      let before: String
      let after: String
    }
  }

  struct Period: Sendable {
    let name: String
    let path: String
    let isHere: Bool
  }

  let title: String
  let id: String
  let etag: String
  let state: SetupSignal
  let address: String?
  let href: String?
  let campaign: String?
  let campaignPath: String?
  let made: String
  let people: SetupFigure
  let clicks: SetupFigure
  let bots: SetupFigure
  let unclear: SetupFigure
  let chart: Drawing
  let table: Drawing
  let hasClicks: Bool
  let periods: [Period]
  let hits: [Hit]
  let hasHits: Bool
  let fields: LinkFields
  let target: String
  let isEnabled: Bool
  let qr: Drawing
  let hasCode: Bool
  let svg: String
  let png: String
  let changes: [Change]
  let hasChanges: Bool
  let judged: String?
  let mayEdit: Bool
  let mayJudge: Bool

  @Sendable static func make(_ visit: Visit<Runtime>) async throws -> any Page {
    let id = try visit.id(of: "link")
    let lease = visit.subject.lease
    return try await visit.subject.file.read { db in try LinkReportPage(db, id, visit, lease) }
  }

  private init(_ db: Database, _ id: Int64, _ visit: Visit<Runtime>, _ lease: Lease) throws {
    let words = visit.words
    let link = try ShortLink.find(db, id: id)
    let base = "/t/\(lease.tenant)"
    self.id = String(id)
    etag = EntityTag(of: link.json(lease).serialized.utf8).text
    state = link.signal(words)
    address = link.address(lease)
    href = link.json(lease)["url"]?.text
    let name = try link.campaignID.flatMap {
      try String.fetchOne(db.cachedStatement(sql: "SELECT name FROM campaigns WHERE id = ?"), arguments: [$0])
    }
    title = link.shownName(name)
    campaign = name.map { $0 + (link.variant.map { " · \($0)" } ?? "") }
    campaignPath = link.campaignID.map { "\(base)/campaigns/\($0)" }
    made = words("Made {0} by {1}", words.time(link.createdAt), words.actor(link.createdBy))
    let figures = try ClickReport.whole(db, link: id)
    func count(_ name: String) -> Int64 { figures["clicks"]?[name]?.int ?? 0 }
    let (human, bot, unknown) = (count("human"), count("bot"), figures["unknown_clicks"]?.int ?? 0)
    people = SetupFigure(words.number(count("people")), words("each counted once"))
    clicks = SetupFigure(words.number(human), words("by people"))
    bots = SetupFigure(words.number(bot), words("{0} of all requests", words.percent(bot, of: human + bot + unknown)))
    unclear = SetupFigure(words.number(unknown), words("neither surely"))
    let isFresh = words.now.milliseconds - link.createdAt.milliseconds < 2 * 86_400_000
    let period = visit.query("by").flatMap { ["hour", "day"].contains($0) ? $0 : nil } ?? (isFresh ? "hour" : "day")
    periods = [("hour", words("48 hours")), ("day", words("30 days"))].map {
      Period(name: $0.1, path: "\(base)/links/\(id)?by=\($0.0)", isHere: $0.0 == period)
    }
    (chart, table) = try LinkColumns(db, link: id, byHour: period == "hour", words).drawings()
    hasClicks = human + bot + unknown > 0
    hits = try Self.hits(db, id, words)
    hasHits = !hits.isEmpty
    fields = LinkFields(visit, link)
    target = link.target
    isEnabled = link.isEnabled
    let code = href.flatMap(QRCode.init)
    qr = Drawing(code?.svg(title: words("QR code of {0}", address ?? "")) ?? "")
    hasCode = code != nil
    (svg, png) = (
      "/api/v1/tenants/\(lease.tenant)/links/\(id)/qr.svg", "/api/v1/tenants/\(lease.tenant)/links/\(id)/qr.png"
    )
    changes = try Self.changes(db, id, words)
    hasChanges = !changes.isEmpty
    judged = try Self.judged(db, words)
    mayEdit = visit.may(.editLinks)
    mayJudge = visit.may(.editCampaigns)
  }

  private static func hits(_ db: Database, _ id: Int64, _ words: Words) throws -> [Hit] {
    try Row.fetchAll(
      db, sql: "\(StoredHit.select) WHERE h.short_link_id = ? ORDER BY h.id DESC LIMIT 20", arguments: [id]
    ).map { row in
      let verdict = ClickVerdict(rawValue: row["verdict"]) ?? .unknown
      let signal: SetupSignal =
        switch verdict {
        case .human: SetupSignal("info", words("Person"))
        case .preview: SetupSignal("", words("Preview"))
        case .scanner: SetupSignal("", words("Scanner"))
        case .unknown: SetupSignal("wait", words("Unclear"))
        }
      let reasons = (row["reasons"] as String).split(separator: ",").map { words.name(String($0)) }
      return Hit(
        when: words.time(row["at"]), verdict: signal, reasons: reasons.joined(separator: ", "),
        client: (row["user_agent"] as String?) ?? words("erased"))
    }
  }

  private static func changes(_ db: Database, _ id: Int64, _ words: Words) throws -> [Change] {
    try Row.fetchAll(
      db.cachedStatement(sql: "SELECT * FROM short_link_changes WHERE short_link_id = ? ORDER BY id DESC LIMIT 20"),
      arguments: [id]
    ).map { row in
      let (before, after) = (row.document("before"), row.document("after"))
      let names = (after.members ?? []).map(\.0)
      return Change(
        when: words.time(row["at"]), who: words.actor(row["actor"]),
        lines: names.map {
          Change.Line(name: words(Self.names[$0] ?? $0), before: told(before[$0], words), after: told(after[$0], words))
        })
    }
  }

  private static let names = [
    "target": "Leads to", "name": "Name", "og": "Preview", "expires_at": "Expires", "enabled": "State",
  ]

  private static func told(_ value: JSON?, _ words: Words) -> String {
    switch value {
    case .bool(let isOn): words(isOn ? "Open" : "Disabled")
    case .object: value?["title"]?.text ?? ""
    case .some(let value):
      value.text.map { text in Moment(iso8601: text).map { words.time($0) } ?? text } ?? words("none")
    case nil: words("none")
    }
  }

  private static func judged(_ db: Database, _ words: Words) throws -> String? {
    try Row.fetchOne(db.cachedStatement(sql: "SELECT * FROM link_rejudgings ORDER BY id DESC LIMIT 1")).map { row in
      let (judged, changed) = (words.number(row["judged"]), words.number(row["changed"]))
      return (row["state"] as String) == "running"
        ? words("Judging: {0} clicks so far, {1} have another verdict.", judged, changed)
        : words("Judged last {0}: {1} clicks, {2} had another verdict.", words.time(row["created_at"]), judged, changed)
    }
  }
}

/// Clicks of a link per hour of the last two days, or per day of the last thirty.
private struct LinkColumns {
  private let names: [String]
  private let full: [String]
  private let sums: [(human: Int64, bot: Int64, unknown: Int64)]
  private let isByHour: Bool
  private let words: Words

  init(_ db: Database, link: Int64, byHour: Bool, _ words: Words) throws {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = words.zone
    let today = calendar.startOfDay(for: words.now.date)
    let starts: [Moment] =
      byHour
      ? (0..<48).reversed().map { words.now.hour.advanced(bySeconds: -3_600 * Int64($0)) }
      : (0..<30).reversed().compactMap { calendar.date(byAdding: .day, value: -$0, to: today).flatMap(Moment.init) }
    var found: [Moment: (human: Int64, bot: Int64, unknown: Int64)] = [:]
    for row in try Row.fetchAll(
      db.cachedStatement(sql: "SELECT * FROM link_figures WHERE short_link_id = ? AND hour >= ?"),
      arguments: [link, starts.first ?? words.now])
    {
      let hour: Moment = row["hour"]
      let start = byHour ? hour : Moment(calendar.startOfDay(for: hour.date)) ?? hour
      let sum = found[start] ?? (0, 0, 0)
      found[start] = (
        sum.human + (row["human"] as Int64), sum.bot + (row["bot"] as Int64), sum.unknown + (row["unknown"] as Int64)
      )
    }
    names = starts.map { byHour ? words.clock($0) : words.short($0) }
    full = starts.map { byHour ? words.time($0) : words.day($0) }
    sums = starts.map { found[$0] ?? (0, 0, 0) }
    isByHour = byHour
    self.words = words
  }

  func drawings() -> (Drawing, Drawing) {
    let series = [
      Chart.Series("info", words("People"), sums.map(\.human)),
      Chart.Series("wait", words("Unclear"), sums.map(\.unknown)),
      Chart.Series("quiet", words("Bots"), sums.map(\.bot)),
    ]
    let chart = Chart(words)
    let caption = words(isByHour ? "Clicks per hour" : "Clicks per day")
    let told = full.indices.filter { sums[$0].human + sums[$0].bot + sums[$0].unknown > 0 }
    return (
      chart.columns(names, series, caption: caption, every: isByHour ? 8 : 6),
      chart.table(
        told.map { full[$0] },
        series.map { one in Chart.Series(one.kind, one.name, told.map { one.values[$0] }) },
        head: words(isByHour ? "Hour" : "Day"), caption: caption)
    )
  }
}
