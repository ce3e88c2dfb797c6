import GRDB

/// What a draft would do now: one person's text on a phone, the cost, and who is left out.
struct CampaignLook: Sendable {

  struct Phone: Sendable {
    let name: String
    let detail: String
    let body: String
    let from: String
    let initials: String
    let next: String?
    let previous: String?
    let isSkipped: String?
  }

  /// Why there is nothing to see yet.
  let missing: String?
  let phone: Phone?
  let people: String
  let texted: String
  /// `12 people`
  let textedPeople: String
  let textedCount: Int64
  /// Of them, those who need not wait.
  let now: String
  let segments: String
  let price: String
  let cost: String
  let basis: String
  let histogram: String?
  let advice: String?
  let bar: Drawing
  let skipped: String
  let later: String?
  let stuck: String?
  let lines: [ForecastLine]
  let days: [CampaignForecastPage.Day]
  /// When the last text leaves.
  let ends: String?
  let isEndless: Bool
  /// When the forecast was broken off.
  let seenUntil: String?
  /// Why nothing would leave now.
  let closed: String?
  let isReady: Bool
  let budget: String?
  let isOverBudget: Bool

  /// What a draft's preview says, and of which version: pages show that one and no later one, so that nobody launches what they have not seen.
  struct Asked: Sendable {
    let campaign: Campaign
    let tag: String
    var json = JSON.null
    var problem: String?
  }

  /// Before the page's own read: it takes many short ones.
  static func ask(_ visit: Visit<Runtime>, _ id: Int64) async throws -> Asked {
    let (runtime, now) = (visit.subject, visit.words.now)
    let gate = runtime.gate
    var asked = try await runtime.file.read { db in
      Asked(campaign: try Campaign.find(db, id: id), tag: try CampaignRoutes.tag(db, id, gate))
    }
    guard asked.campaign.state == .draft else { throw GoElsewhere("campaigns/\(id)") }
    guard asked.campaign.draft.missing.isEmpty else { return asked }
    do {
      asked.json = try await CampaignPreview.take(
        runtime.file, asked.campaign, lease: runtime.lease, brandsUsed: await runtime.brandsUsed(at: now), now: now)
    } catch let refusal as Refusal { asked.problem = refusal.detail }
    return asked
  }

  init(_ db: Database, _ asked: Asked, _ visit: Visit<Runtime>, _ lease: Lease) throws {
    let (words, campaign) = (visit.words, asked.campaign)
    let lacking = campaign.draft.missing
    let (json, problem) = (asked.json, asked.problem)
    let lacks = ["body": "a text", "audience": "an audience", "numbers": "a number to text from"]
    missing =
      lacking.isEmpty
      ? problem : words("Still missing: {0}.", lacking.map { words(lacks[$0] ?? $0) }.joined(separator: ", "))
    isReady = missing == nil
    func int(_ name: String) -> Int64 { json[name]?.int ?? 0 }
    let (audience, examined, texted) = (int("audience"), int("examined"), int("texted"))
    let share = examined == 0 ? 1 : Double(audience) / Double(examined)
    func projected(_ count: Int64) -> Int64 { Int64((Double(count) * share).rounded()) }
    let isExact = json["exact"]?.bool ?? true
    let histogram = (json["segments"]?.members ?? []).compactMap { name, count in
      Int64(name).map { (segments: $0, people: projected(count.int ?? 0)) }
    }.sorted { $0.segments < $1.segments }
    let segments = histogram.reduce(0) { $0 + $1.segments * $1.people }
    people = words.number(audience)
    textedCount = projected(texted)
    self.texted = words.number(textedCount)
    textedPeople = words(textedCount, one: "{0} person", many: "{0} people")
    self.segments = words(Int64(segments), one: "{0} segment", many: "{0} segments")
    price = segments == 0 ? "–" : words.money(int("cost_micros") / max(1, segments))
    cost = words.money(int("cost_micros"))
    basis =
      isExact
      ? words("From the rendered texts of all {0}", words.number(examined))
      : words("About: projected from {0} people", words.number(examined))
    self.histogram =
      histogram.isEmpty
      ? nil
      : histogram.map { one in
        words(one.people, one: "{0} person", many: "{0} people") + " · "
          + words(one.segments, one: "{0} segment", many: "{0} segments")
      }.joined(separator: ", ")
    let saved = int("segments_saved_if_plain")
    advice =
      saved > 0 && segments > 0
      ? words(
        "Plain characters instead of curly quotes, dashes and the like would save {0}.",
        words.money(saved * (int("cost_micros") / max(1, segments)))) : nil
    let forecast = Forecast(json, path: "/t/\(lease.tenant)/campaigns/\(campaign.id)/forecast", words)
    let (out, waiting) = (forecast.skipped, forecast.waiting)
    skipped = words.number(out)
    later = waiting > 0 ? words.number(waiting) : nil
    lines = forecast.lines
    days = (json["forecast"]?["days"]?.list ?? []).map { day in
      func int(_ name: String) -> Int64 { day[name]?.int ?? 0 }
      let noon = Moment(iso8601: (day["date"]?.text ?? "") + "T00:00:00Z").map { words.noon(ofDayAt: $0) }
      return .init(
        name: noon.map(words.day) ?? "", people: words.number(int("people")), segments: words.number(int("segments")),
        cost: words.money(int("cost_micros")))
    }
    (ends, isEndless, seenUntil, closed) = (forecast.ends, forecast.isEndless, forecast.seenUntil, forecast.closed)
    let atOnce = max(0, textedCount - waiting - forecast.stuck)
    stuck = forecast.stuck > 0 ? words.number(forecast.stuck) : nil
    now = words.number(atOnce)
    bar = Chart(words).split(
      [
        .init(atOnce, "go", words("Texted at once")), .init(waiting, "wait", words("Texted later")),
        .init(forecast.stuck, "stop", words("Not by itself")), .init(out, "quiet", words("Not texted")),
      ], isTall: true)
    phone = Self.phone(json["samples"]?.list ?? [], campaign, visit, try Self.names(db, json), lease)
    let left = try TenantStanding.read(db, lease, now: words.now).leftMicros
    isOverBudget = left.map { int("cost_micros") > $0 } ?? false
    budget = left.map { words("{0} left this month", words.money($0)) }
  }

  private static func names(_ db: Database, _ json: JSON) throws -> [Int64: String] {
    let ids = (json["samples"]?.list ?? []).compactMap { $0["contact_id"]?.int }
    let rows = try Row.fetchAll(
      db.cachedStatement(
        sql: "SELECT id, first_name, last_name FROM contacts WHERE id IN (SELECT value FROM json_each(?))"),
      arguments: [JSON.list(ids.map(JSON.int)).serialized])
    return Dictionary(
      rows.map { ($0["id"] as Int64, PersonName($0["first_name"], $0["last_name"], phone: "").text) },
      uniquingKeysWith: { first, _ in first })
  }

  private static func phone(
    _ samples: [JSON], _ campaign: Campaign, _ visit: Visit<Runtime>, _ names: [Int64: String], _ lease: Lease
  ) -> Phone? {
    guard !samples.isEmpty else { return nil }
    let words = visit.words
    let at = min(max(visit.query("look").flatMap(Int.init) ?? 0, 0), samples.count - 1)
    let one = samples[at]
    let path = "/t/\(lease.tenant)/campaigns/\(campaign.id)/edit?look="
    let number = one["phone"]?.text.flatMap { PhoneNumber(e164: $0) }
    let shown = number.map(words.phone) ?? ""
    let name = one["contact_id"]?.int.flatMap { names[$0] }.flatMap { $0.isEmpty ? nil : $0 } ?? shown
    let variant = one["variant"]?.text.map { words("variant {0}", $0) }
    return Phone(
      name: name, detail: [shown, variant].compactMap { $0 }.joined(separator: " · "), body: one["body"]?.text ?? "",
      from: campaign.numbers.first.map(words.phone) ?? "",
      initials: String(name.filter(\.isLetter).prefix(2)).uppercased(),
      next: at + 1 < samples.count ? path + String(at + 1) : nil, previous: at > 0 ? path + String(at - 1) : nil,
      isSkipped: one["skipped"]?.text.map { words("Would not be texted: {0}", words.name($0)) })
  }
}
