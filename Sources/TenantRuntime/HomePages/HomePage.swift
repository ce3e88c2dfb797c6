import GRDB
import Synchronization

/// What needs attention first, then how it stands.
struct HomePage: Page {
  static let template = "home"

  struct Alert: Sendable {
    let kind: String
    let sentence: String
    let path: String
    let act: String
  }

  struct Figure: Sendable {
    let value: String
    let sub: String
  }

  struct Running: Sendable {
    let name: String
    let path: String
    let badge: StateBadge
    let bar: Drawing
    let figures: String
  }

  let title: String
  let alerts: [Alert]
  let hasAlerts: Bool
  let firstSteps: FirstSteps
  let sent: Figure
  let delivered: Figure
  let answered: Figure
  let left: Figure
  let spent: Figure
  let campaigns: [Running]
  let hasCampaigns: Bool
  let days: Drawing
  let dayTable: Drawing
  let hasDays: Bool
  let mayReport: Bool
  let mayWrite: Bool

  @Sendable static func make(_ visit: Visit<Runtime>) async throws -> any Page {
    let (words, lease) = (visit.words, visit.subject.lease)
    let fence = visit.subject.isFenced.load(ordering: .relaxed)
    // Asked only while somebody is still led: the list stands in another file.
    let asksForTeam = try await visit.subject.file.read { db in try FirstSteps.asksForTeam(db) }
    let members = asksForTeam ? try await visit.countMembers?() : nil
    return try await visit.subject.file.read { db in
      try HomePage(db, visit, lease, isFenced: fence, members: members, words)
    }
  }

  private init(
    _ db: Database, _ visit: Visit<Runtime>, _ lease: Lease, isFenced: Bool, members: Int?, _ words: Words
  ) throws {
    let base = "/t/\(lease.tenant)"
    let standing = try TenantStanding.read(db, lease, now: words.now)
    let week = ReportPeriod(days: 7, to: DayNumber(words.now, in: words.zone))
    let period = try DayReport(db, week)
    title = words("Home")
    alerts = try Self.alerts(db, standing, isFenced: isFenced, base, words)
    hasAlerts = !alerts.isEmpty
    firstSteps = try FirstSteps(db, visit, lease, members: members)
    func sum(_ figure: Figures.Figure) -> Int64 { period.total[figure] }
    let known = sum(.delivered) + sum(.undelivered) + sum(.failed)
    sent = Figure(
      value: words.number(sum(.accepted)), sub: words(sum(.segments), one: "{0} segment", many: "{0} segments"))
    delivered = Figure(
      value: words.percent(sum(.delivered), of: known),
      sub: words("{0} of {1} known", words.number(sum(.delivered)), words.number(known)))
    answered = Figure(
      value: words.number(sum(.replies)),
      sub: words(standing.unread, one: "{0} conversation unread", many: "{0} conversations unread"))
    left = Figure(
      value: words.percent(sum(.optOuts), of: sum(.delivered)),
      sub: words(sum(.optOuts), one: "{0} person", many: "{0} people"))
    spent = Figure(
      value: words.money(sum(.costMicros)),
      sub: standing.leftMicros.map { words("{0} left this month", words.money($0)) } ?? words("no monthly limit"))
    let shown = try Row.fetchAll(
      db,
      sql: """
        SELECT * FROM campaigns WHERE state IN ('scheduled', 'starting', 'running', 'paused')
        UNION ALL SELECT * FROM (SELECT * FROM campaigns WHERE state IN ('completed', 'cancelled') ORDER BY id DESC LIMIT 3)
        LIMIT 8
        """
    ).map { try Campaign($0) }
    let figures = try CampaignFigures.list(db, shown.map(\.id), summing: [])
    campaigns = shown.compactMap { campaign in figures[campaign.id].map { Self.running(campaign, $0, base, words) } }
    hasCampaigns = !campaigns.isEmpty
    (days, dayTable) = period.drawings(week, words)
    hasDays = !period.total.isEmpty
    mayReport = visit.may(.readReports)
    mayWrite = visit.may(.editCampaigns)
  }

  private static func running(
    _ campaign: Campaign, _ figures: CampaignFigures, _ base: String, _ words: Words
  ) -> Running {
    Running(
      name: campaign.name, path: "\(base)/campaigns/\(campaign.id)", badge: StateBadge(campaign, words),
      bar: CampaignDrawing.progress(figures, words),
      figures: figures.audience == 0
        ? campaign.begins(words).map { words("starts {0}", $0) } ?? ""
        : words(
          "{0} of {1}", words.number(figures.audience - figures.left - figures.of(.cancelled)),
          words.number(figures.audience)))
  }

  private static func alerts(
    _ db: Database, _ standing: TenantStanding, isFenced: Bool, _ base: String, _ words: Words
  ) throws -> [Alert] {
    var alerts: [Alert] = []
    func add(_ kind: String, _ sentence: String, _ path: String, _ act: String) {
      alerts.append(Alert(kind: kind, sentence: sentence, path: base + path, act: words(act)))
    }
    if let why = standing.suspended { add("stop", words("No texts leave: {0}", why), "/settings", "Settings") }
    if isFenced {
      add(
        "stop", words("This business was put back from a copy. Nothing is texted until the operator says so."),
        "/settings", "Settings")
    }
    if standing.isStopped { add("stop", words("All texts are stopped by the kill switch."), "/budget", "Look") }
    for row in try Row.fetchAll(
      db.cachedStatement(sql: "SELECT * FROM campaigns WHERE state = 'paused' ORDER BY id DESC LIMIT 3"))
    {
      let campaign = try Campaign(row)
      add(
        campaign.pausedBy == CircuitBreaker.actor ? "stop" : "wait",
        words("“{0}” is paused: {1}", campaign.name, words.because(campaign.pauseReason ?? "")),
        "/campaigns/\(campaign.id)", "Look")
    }
    if standing.reviews > 0 {
      add(
        "wait",
        words(
          standing.reviews, one: "{0} text reads like an opt-out. Decide within ten business days.",
          many: "{0} texts read like opt-outs. Decide within ten business days."), "/opt-outs/review", "Decide")
    }
    if standing.usedShare >= 0.8, standing.leftMicros != nil {
      add(
        standing.usedShare >= 1 ? "stop" : "wait",
        words("{0}% of this month’s budget is used.", words.number(standing.usedShare * 100, decimals: 0)), "/budget",
        "Budget")
    }
    for row in try Row.fetchAll(
      db.cachedStatement(
        sql: "SELECT number, paused_reason FROM sending_numbers WHERE paused_reason IS NOT NULL LIMIT 5"))
    {
      add(
        "wait", words("{0} is stopped: {1}", words.phone(row["number"]), words.because(row["paused_reason"])),
        "/numbers",
        "Numbers")
    }
    let broken =
      try Int64.fetchOne(
        db,
        // Not those that a person has switched off: that is no news.
        sql: """
          SELECT count(*) FROM webhook_endpoints WHERE enabled = 0 AND deleted = 0
          AND disabled_reason NOT LIKE '\(WebhookEndpoint.byPerson)%'
          """)
      ?? 0
    if broken > 0 {
      add(
        "wait", words(broken, one: "{0} webhook has been switched off.", many: "{0} webhooks have been switched off."),
        "/settings/webhooks", "Look")
    }
    return alerts
  }
}
