/// A campaign from its launch to its archive: why it waits, how far it is, what came of it. One address all along.
struct CampaignReportPage: Page {
  static let template = "campaign"

  struct Part: Sendable {
    let kind: String
    let name: String
    let count: String
    let path: String
  }

  struct Share: Sendable {
    let name: String
    let detail: String?
    let cell: Drawing
    let figure: String
    let count: String
    let path: String?
    var more: String = ""
  }

  struct Figure: Sendable {
    let value: String
    let sub: String
  }

  struct Text: Sendable {
    let name: String?
    let body: String
  }

  struct Waiting: Sendable {
    let sentence: String
    let detail: String
    /// Of the numbers that give no text, each with why.
    let numbers: [String]
    let path: String?
  }

  let title: String
  let id: String
  let state: String
  let badge: StateBadge
  let launched: String
  let stopped: [StopNotice]
  let waiting: Waiting?
  let pausedBecause: String?
  /// It begins later, and nobody is picked yet.
  let isPlanned: Bool
  let percent: String
  let done: String
  let total: String
  let pace: String?
  let bar: Drawing
  let parts: [Part]
  let delivered: Figure
  let clicked: Figure
  let answered: Figure
  let left: Figure
  let cost: Figure
  let hours: Drawing
  let clicks: Drawing
  let hourTable: Drawing
  let hasHours: Bool
  let variants: [Share]
  let hasVariants: Bool
  let verdict: String?
  let errors: [Share]
  let failedCount: String
  let hasErrors: Bool
  let numbers: [Share]
  /// Of texts that went to people once more.
  let again: String?
  let skips: [Share]
  let skippedCount: String
  let hasSkips: Bool
  let links: [Share]
  let hasLinks: Bool
  let texts: [Text]
  let mayPause: Bool
  let mayUnschedule: Bool
  let mayResume: Bool
  let mayCancel: Bool
  let mayResend: Bool
  let mayCopy: Bool
  let mayRead: Bool
  let isLive: Bool
  let isFinal: Bool
  let csv: String
  let inFlight: String
  let leftCount: String
  let cancelQuestion: String
  let cancelFollows: String

  /// People answer, click and opt out after the last text has arrived; so long they are waited for.
  private static let answersDays: Int64 = 30

  var stage: String { state + (isLive ? " live" : "") }

  @Sendable static func make(_ visit: Visit<Runtime>) async throws -> any Page {
    let id = try visit.id(of: "campaign")
    let (runtime, words) = (visit.subject, visit.words)
    let inFlight = runtime.gate.inFlight(campaign: id)
    let base = "/t/\(runtime.lease.tenant)/campaigns/\(id)"
    let read: @Sendable () async throws -> CampaignStanding = {
      try await runtime.file.read { db in try CampaignStanding(db, id) }
    }
    // Whoever only looks on shares what is read with all who do.
    let stands =
      visit.isPart
      ? try await runtime.shared.value("campaign:\(id)", changes: { runtime.changes }, read) : try await read()
    if stands.campaign.state == .draft, visit.may(.editCampaigns) { throw GoElsewhere("campaigns/\(id)/edit") }
    return CampaignReportPage(stands, visit, base: base, inFlight: Int64(inFlight), words: words)
  }

  init(_ stands: CampaignStanding, _ visit: Visit<Runtime>, base: String, inFlight: Int64, words: Words) {
    let (campaign, figures) = (stands.campaign, stands.figures)
    let tables = CampaignTables(figures, campaign, base: base, words: words)
    title = campaign.name
    id = String(campaign.id)
    state = campaign.state.rawValue
    badge = StateBadge(campaign, words)
    launched = Self.launched(campaign, by: stands.author, words)
    stopped = [.starting, .running].contains(campaign.state) ? StopNotice.all(stands.thrown, visit) : []
    // What stops everything is said in full already.
    waiting = stopped.isEmpty ? Self.waiting(stands, visit) : nil
    pausedBecause = campaign.state == .paused ? campaign.pauseReason.map(words.because) : nil
    let doneCount = figures.audience - figures.left - figures.of(.cancelled)
    isPlanned = campaign.state == .scheduled && figures.audience == 0
    percent = figures.audience == 0 ? "0" : words.number(Double(doneCount * 100 / figures.audience), decimals: 0)
    (done, total) = (words.number(doneCount), words.number(figures.audience))
    pace = Self.pace(campaign, figures, words)
    bar = CampaignDrawing.progress(figures, words, isTall: true)
    parts = CampaignDrawing.parts(figures, words).map {
      Part(
        kind: $0.kind, name: $0.name, count: words.number($0.count),
        path: base + "/people?state=" + Self.states[$0.kind, default: ""])
    }
    let arrived = figures.of(.delivered)
    func sum(_ figure: Figures.Figure) -> Int64 { figures.total[figure] ?? 0 }
    delivered = Figure(
      value: words.percent(arrived, of: figures.known),
      sub: words("{0} of {1} people", words.number(arrived), words.number(figures.known)))
    clicked = Figure(
      value: words.percent(sum(.people), of: arrived),
      sub: words("{0} people · {1} by bots apart", words.number(sum(.people)), words.number(sum(.botClicks)))
        + words.unclear(sum(.unknownClicks)))
    answered = Figure(
      value: words.number(sum(.replies)),
      sub: words("{0} texts to every 100 that arrived", Self.perHundred(sum(.replies), arrived, words))
    )
    left = Figure(
      value: words.percent(sum(.optOuts), of: arrived), sub: words(sum(.optOuts), one: "{0} person", many: "{0} people")
    )
    cost = Figure(
      value: words.money(sum(.costMicros)),
      sub: campaign.budgetMicros.map { words("of {0} allowed", words.money($0)) }
        ?? words(sum(.segments), one: "{0} segment", many: "{0} segments"))
    (hours, clicks, hourTable) = tables.hours()
    hasHours = !figures.hours.isEmpty
    (variants, verdict) = tables.variants()
    hasVariants = !variants.isEmpty
    errors = tables.errors()
    failedCount = words.number(figures.of(.failed, .undelivered))
    hasErrors = !errors.isEmpty
    numbers = tables.numbers()
    let again = sum(.delivered) + sum(.undelivered) + sum(.failed) - figures.known
    self.again =
      again > 0
      ? words(
        again,
        one:
          "{0} of these texts was followed by another try. Here each text counts; above, each person once, by the last text.",
        many:
          "{0} of these texts were followed by another try. Here each text counts; above, each person once, by the last text."
      ) : nil
    skips = tables.skips()
    skippedCount = words.number(figures.of(.skipped))
    hasSkips = !skips.isEmpty
    links = tables.links(stands.links)
    hasLinks = !links.isEmpty
    texts =
      campaign.variants.isEmpty
      ? [Text(name: nil, body: campaign.body)]
      : campaign.variants.enumerated().map { index, variant in
        Text(name: "\(String(UnicodeScalar(UInt8(65 + index)))) · \(variant.name)", body: variant.body)
      }
    let may = visit.may(.launchCampaigns)
    mayPause = may && campaign.state == .running
    mayUnschedule = may && campaign.state == .scheduled
    mayResume = may && campaign.state == .paused
    mayCancel = may && ![.completed, .cancelled].contains(campaign.state)
    mayResend =
      may && figures.of(.failed, .undelivered) > 0 && [.completed, .running, .paused].contains(campaign.state)
    mayCopy = visit.may(.editCampaigns)
    mayRead = visit.may(.readMessages)
    isLive = ![.completed, .cancelled].contains(campaign.state) || figures.of(.accepted, .sent, .sending) > 0
    isFinal =
      !isLive && campaign.completedAt.map { $0.advanced(bySeconds: Self.answersDays * 86_400) < words.now } ?? true
    csv = "/api/v1/tenants/\(visit.subject.lease.tenant)/campaigns/\(campaign.id)/report.csv"
    self.inFlight = words.number(inFlight)
    leftCount = words.number(figures.left)
    (cancelQuestion, cancelFollows) = (campaign.cancelQuestion(figures, words), campaign.cancelFollows(words))
  }

  private static let states = [
    "go": "delivered", "go2": "accepted", "stop": "failed", "go3": "queued", "wait": "deferred", "quiet": "skipped",
    "quiet2": "cancelled", "info": "unknown",
  ]

  /// One person may answer often: it is no share of people.
  private static func perHundred(_ count: Int64, _ all: Int64, _ words: Words) -> String {
    all == 0 ? "–" : words.number(Double(count) * 100 / Double(all), decimals: 1)
  }

  private static func launched(_ campaign: Campaign, by author: String, _ words: Words) -> String {
    if campaign.state == .scheduled, let begins = campaign.begins(words) {
      return campaign.sendAtLocal == nil
        ? words("Starts {0}, {1} time", begins, words.place) : words("Starts {0}", begins)
    }
    guard let at = campaign.startedAt else { return words("Made by {0}", author) }
    return words("Launched {0}, {1} time · made by {2}", words.time(at), words.place, author)
  }

  /// Reasons of the numbers themselves: which of them give no text is a part of it.
  private static let ofNumbers: Set<String> = ["no_number", "daily_cap", "brand_cap", "probing"]

  private static func waiting(_ stands: CampaignStanding, _ visit: Visit<Runtime>) -> Waiting? {
    let (campaign, figures, words) = (stands.campaign, stands.figures, visit.words)
    guard campaign.state == .running else { return nil }
    let count = figures.of(.deferred)
    if let reason = campaign.waitingReason, reason != "rate" {
      let isOfNumbers = ofNumbers.contains(reason)
      return Waiting(
        sentence: words.name(reason) + ".",
        detail: campaign.waitingUntil.map { words("It goes on {0}, {1} time.", words.time($0), words.place) } ?? "",
        numbers: isOfNumbers ? stands.stops.map { $0.sentence(words) } : [],
        path: isOfNumbers && visit.may(.readCampaigns) ? visit.base + "/numbers" : nil)
    }
    guard count > 0 else { return nil }
    return Waiting(
      sentence: words(count, one: "{0} person waits.", many: "{0} people wait."),
      detail: figures.waiting.prefix(3).map { "\(words.name($0.name)): \(words.number($0.count))" }.joined(
        separator: " · "), numbers: [], path: nil)
  }

  /// Texts a second of this hour, and when the rest would be out at that pace.
  private static func pace(_ campaign: Campaign, _ figures: CampaignFigures, _ words: Words) -> String? {
    guard campaign.state == .running, campaign.waitingReason == nil, let started = campaign.startedAt,
      let last = figures.hours.last,
      last.at == words.now.hour
    else { return nil }
    let since = max(last.at, started)
    let seconds = Double(words.now.milliseconds - since.milliseconds) / 1000
    let begun = Double(last.sums[.accepted] ?? 0)
    guard seconds >= 2, begun > 0 else { return nil }
    let rate = begun / seconds
    let text = words("{0} texts a second", words.number(rate, decimals: rate < 10 ? 1 : 0))
    let queued = figures.of(.queued)
    guard queued > 0 else { return text }
    let end = words.now.advanced(bySeconds: Int64(Double(queued) / rate))
    return text + " · " + words("out by about {0}", words.clock(end))
  }
}
