import GRDB

/// Campaigns, the newest first.
struct CampaignListPage: Page {
  static let template = "campaigns"

  struct Line: Sendable {
    let path: String
    let name: String
    let badge: StateBadge
    let people: String
    let bar: Drawing
    let delivered: String
    let clicked: String
    let when: String
  }

  let title: String
  let campaigns: [Line]
  let hasCampaigns: Bool
  let isEmpty: Bool
  let isFiltered: Bool
  let states: [Choice]
  let words: String
  let pager: Pager?
  let mayEdit: Bool

  @Sendable static func make(_ visit: Visit<Runtime>) async throws -> any Page {
    let (call, words) = (visit.call, visit.words)
    let page = try PageRequest(call, shown: 50)
    let state = visit.query("state").flatMap(Campaign.State.init)
    let search = visit.query("q").map { String($0.unicodeScalars.prefix(100).map(Character.init)) }
    let base = "/t/\(call.subject.lease.tenant)/campaigns"
    return try await call.subject.file.read { db in
      let rows = try Row.fetchAll(
        db,
        sql: """
          SELECT * FROM campaigns WHERE id < ?1 AND (?2 IS NULL OR state = ?2)
          AND (?3 IS NULL OR instr(lower(name), lower(?3)) > 0) ORDER BY id DESC LIMIT \(page.limit + 1)
          """, arguments: [page.isFirst ? Int64.max : page.after, state?.rawValue, search])
      let shown = try rows.prefix(page.limit).map { try Campaign($0) }
      let figures = try CampaignFigures.list(db, shown.map(\.id), summing: [.people])
      let lines = shown.compactMap { campaign in figures[campaign.id].map { line(campaign, $0, base, words) } }
      return CampaignListPage(
        title: words("Campaigns"), campaigns: lines, hasCampaigns: !lines.isEmpty,
        isEmpty: lines.isEmpty && state == nil && search == nil && page.isFirst,
        isFiltered: state != nil || search != nil,
        states: Campaign.State.allCases.map { Choice($0.rawValue, words.name($0.rawValue), chosen: state?.rawValue) },
        words: search ?? "", pager: Pager(visit, next: page.next(after: rows.map { $0["id"] })),
        mayEdit: visit.may(.editCampaigns))
    }
  }

  private static func line(
    _ campaign: Campaign, _ figures: CampaignFigures, _ base: String, _ words: Words
  ) -> Line {
    let hasBegun = figures.audience > 0
    return Line(
      path: "\(base)/\(campaign.id)", name: campaign.name,
      badge: StateBadge(campaign, words),
      people: hasBegun ? words.number(figures.audience) : "–",
      bar: hasBegun ? CampaignDrawing.progress(figures, words) : Drawing(""),
      delivered: hasBegun ? words.percent(figures.of(.delivered), of: figures.known) : "–",
      clicked: hasBegun && figures.isSummed
        ? words.percent(figures.total[.people] ?? 0, of: figures.of(.delivered)) : "–",
      when: (campaign.completedAt ?? campaign.startedAt).map(words.short) ?? campaign.wallMoment.map(words.inUTC.date)
        ?? words.short(campaign.sendAt ?? campaign.createdAt))
  }
}

/// How something stands: lamp and word.
struct StateBadge: Sendable {
  let kind: String
  let word: String
  let isLive: Bool

  init(_ campaign: Campaign, _ words: Words) {
    switch campaign.state {
    // Texts that wait for the next second of their number's pace are being sent.
    case .running where campaign.waitingReason.map { $0 != "rate" } ?? false:
      (kind, isLive, word) = ("wait", false, words("Waiting"))
    case .running, .starting: (kind, isLive, word) = ("go", true, words.name(campaign.state.rawValue))
    case .paused:
      (kind, isLive, word) = (campaign.pausedBy == CircuitBreaker.actor ? "stop" : "wait", false, words("Paused"))
    case .scheduled: (kind, isLive, word) = ("info", false, words("Scheduled"))
    default: (kind, isLive, word) = ("", false, words.name(campaign.state.rawValue))
    }
  }
}

extension Campaign {
  /// What everybody's own clock shows when it begins, as though it were UTC's.
  var wallMoment: Moment? { sendAtLocal.map { Moment(milliseconds: $0.minutes * 60_000) } }

  /// When it begins, as its readers say it; nil: at once.
  func begins(_ words: Words) -> String? {
    wallMoment.map {
      words("{0}, {1} where each of them is", words.inUTC.date($0), words.inUTC.clock($0))
    } ?? sendAt.map(words.time)
  }
}

enum CampaignDrawing {
  static func parts(_ figures: CampaignFigures, _ words: Words) -> [Chart.Part] {
    let unknown = figures.of(.unknown)
    let cancelled = figures.of(.cancelled)
    return [
      Chart.Part(figures.of(.delivered), "go", words("Delivered")),
      Chart.Part(figures.of(.accepted, .sent, .sending), "go2", words("On the way")),
    ] + (unknown > 0 ? [Chart.Part(unknown, "info", words("Fate unknown"))] : []) + [
      Chart.Part(figures.of(.failed, .undelivered), "stop", words("Failed")),
      Chart.Part(figures.of(.queued), "go3", words("Queued")),
      Chart.Part(figures.of(.deferred), "wait", words("Waiting")),
      Chart.Part(figures.of(.skipped), "quiet", words("Skipped")),
    ] + (cancelled > 0 ? [Chart.Part(cancelled, "quiet2", words("Cancelled"))] : [])
  }

  static func progress(_ figures: CampaignFigures, _ words: Words, isTall: Bool = false) -> Drawing {
    Chart(words).split(parts(figures, words), isTall: isTall)
  }
}
