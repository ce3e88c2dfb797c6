import GRDB

/// A draft: what it says, to whom, when and from where; beside it what somebody would read and what it would cost.
struct CampaignEditPage: Page {
  static let template = "campaign-edit"

  struct Text: Sendable {
    let letter: String
    let index: String
    let name: String
    let body: String
    let weight: String
    /// Names of the fields.
    let nameField: String
    let bodyField: String
    let weightField: String
    let hasName: Bool
  }

  struct Number: Sendable {
    let value: String
    let name: String
    let rate: String
    let isChosen: Bool
    let kind: String
    let state: String
    let cap: String
  }

  let title: String
  let id: String
  let name: String
  let etag: String
  let texts: [Text]
  let isSplit: Bool
  let addPath: String?
  let joinPath: String?
  let link: String?
  let purposes: [Choice]
  let audiences: [Choice]
  let excluded: [Choice]
  let toExclude: [Choice]
  let whens: [When]
  let at: String
  let local: String
  let place: String
  let misfires: [Choice]
  let minutes: String
  let numbers: [Number]
  let hasNumbers: Bool
  let budget: String
  let isOwnHours: Bool
  let quietStart: String
  let quietEnd: String
  let deliveries: [Choice]
  let fields: [String]
  let templates: [Insert]
  let hasTemplates: Bool
  let stopped: [StopNotice]
  let look: CampaignLook
  let mayLaunch: Bool
  let mayTest: Bool
  let testTo: String

  struct When: Sendable {
    let value: String
    let name: String
    let detail: String
    let isChosen: Bool
  }

  struct Insert: Sendable {
    let name: String
    let path: String
  }

  @Sendable static func make(_ visit: Visit<Runtime>) async throws -> any Page {
    let lease = visit.subject.lease
    let asked = try await CampaignLook.ask(visit, try visit.id(of: "campaign"))
    return try await visit.subject.file.read { db in try CampaignEditPage(db, asked, visit, lease) }
  }

  init(_ db: Database, _ asked: CampaignLook.Asked, _ visit: Visit<Runtime>, _ lease: Lease) throws {
    let (words, campaign) = (visit.words, asked.campaign)
    let path = "/t/\(lease.tenant)/campaigns/\(campaign.id)/edit"
    title = campaign.name
    id = String(campaign.id)
    name = visit.field("name", campaign.name)
    etag = asked.tag
    texts = try Self.texts(db, campaign, visit)
    isSplit = texts.count > 1
    addPath = texts.count < CampaignVariant.most ? "\(path)?texts=\(texts.count + 1)" : nil
    joinPath = texts.count > 1 ? "\(path)?texts=\(texts.count - 1)" : nil
    link = lease.linkHosts.first.map { "https://\($0)/x7Kp2Q9a" }
    purposes = CampaignPurpose.allCases.map {
      Choice($0.rawValue, words.name($0.rawValue), chosen: visit.field("purpose", campaign.purpose.rawValue))
    }
    let choices = CampaignChoices(db, words)
    let meant = visit.field("audience:json", campaign.audience?.json.serialized)
    audiences = try choices.audiences(campaign.audience, chosen: meant)
    // A rule that was just chosen and refused with the rest stands with those that are kept.
    let out = visit.chosen("exclude:json", campaign.exclude.map(\.json.serialized)).filter { !$0.isEmpty }
    excluded = try out.sorted().compactMap { try choices.choice($0) }
    toExclude = try choices.exclusions(besides: out)
    let when = visit.field("_when", campaign.sendAtLocal != nil ? "local" : campaign.sendAt != nil ? "at" : "now")
    whens = [
      ("now", words("Right away"), words("as soon as you launch")),
      ("at", words("At a time"), words("{0} time", words.place)),
      ("local", words("At their time"), words("the same hour where each of them is")),
    ].map { When(value: $0.0, name: $0.1, detail: $0.2, isChosen: $0.0 == when) }
    at = visit.field("send_at:if=_when=at", campaign.sendAtLocal == nil ? words.field(campaign.sendAt) : "")
    local = visit.field("send_at_local:if=_when=local", campaign.sendAtLocal?.text)
    place = words.place
    misfires = [
      ("ask", words("ask me")), ("send_within", words("send it all the same, within")), ("skip", words("leave it")),
    ].map { Choice($0.0, $0.1, chosen: visit.field("misfire.policy", campaign.misfire.policy.rawValue)) }
    minutes = visit.field(
      "misfire.minutes:if=misfire.policy=send_within", campaign.misfire.minutes.map(String.init) ?? "120")
    numbers = try Self.numbers(db, visit.chosen("numbers", campaign.numbers.map(\.description)), words)
    hasNumbers = !numbers.isEmpty
    budget = visit.field("budget_micros:money", words.moneyField(campaign.budgetMicros))
    isOwnHours = visit.field("_quiet", campaign.quiet == nil ? "usual" : "own") == "own"
    quietStart = visit.field("quiet_hours.start:if=_quiet=own", QuietHours.text(campaign.quiet?.start ?? 21 * 60))
    quietEnd = visit.field("quiet_hours.end:if=_quiet=own", QuietHours.text(campaign.quiet?.end ?? 8 * 60))
    deliveries = [
      ("at_most_once", words("never twice: a text whose fate stays unknown is left alone")),
      ("at_least_once", words("surely once: a text whose fate stays unknown is sent once more")),
    ].map {
      Choice($0.0, $0.1, chosen: visit.field("delivery", campaign.isAtLeastOnce ? "at_least_once" : "at_most_once"))
    }
    fields = ["first_name", "last_name", "email"] + (try ContactField.all(db).keys.sorted().prefix(40))
    templates = try Row.fetchAll(
      db.cachedStatement(sql: "SELECT id, name FROM message_templates ORDER BY name LIMIT 50")
    ).map {
      Insert(name: $0["name"], path: "\(path)?template=\($0["id"] as Int64)")
    }
    hasTemplates = !templates.isEmpty
    stopped = StopNotice.all(try KillSwitch.thrown(db), visit)
    look = try CampaignLook(db, asked, visit, lease)
    mayLaunch = visit.may(.launchCampaigns)
    mayTest = mayLaunch
    testTo = visit.field("to:words", nil)
  }

  /// As many as the address asks for, else as the draft has; what stands in a text goes on into the next one.
  private static func texts(_ db: Database, _ campaign: Campaign, _ visit: Visit<Runtime>) throws -> [Text] {
    let asked = visit.query("texts").flatMap(Int.init).map { min(max($0, 1), CampaignVariant.most) }
    let saved = try visit.query("template").flatMap(Int64.init).map { try SavedTemplate.find(db, id: $0).body }
    let count = asked ?? max(1, campaign.variants.count)
    if count == 1 {
      return [
        Text(
          letter: "A", index: "0", name: "", body: visit.field("body", saved ?? campaign.body), weight: "1",
          nameField: "",
          bodyField: "body", weightField: "", hasName: false)
      ]
    }
    return (0..<count).map { index in
      let known = campaign.variants.indices.contains(index) ? campaign.variants[index] : nil
      let letter = String(UnicodeScalar(UInt8(65 + index)))
      let field = "variants.\(index)."
      return Text(
        letter: letter, index: String(index), name: visit.field(field + "name", known?.name ?? letter),
        body: visit.field(field + "body", known?.body ?? campaign.body),
        weight: visit.field(field + "weight", String(known?.weight ?? 1)),
        nameField: field + "name", bodyField: field + "body", weightField: field + "weight", hasName: true)
    }
  }

  private static func numbers(_ db: Database, _ chosen: Set<String>, _ words: Words) throws -> [Number] {
    try Row.fetchAll(db.cachedStatement(sql: "SELECT * FROM sending_numbers ORDER BY number LIMIT 200")).map { row in
      let number: PhoneNumber = row["number"]
      let rate: Double = row["rate"]
      let paused = row["paused_reason"] as String?
      let cap = row["daily_cap"] as Int64?
      return Number(
        value: number.description, name: words.phone(number),
        rate: words.rate(rate),
        isChosen: chosen.contains(number.description), kind: paused == nil ? "go" : "stop",
        state: paused == nil ? words("Ready") : words("Stopped"),
        cap: cap.map { words("{0} a day", words.number($0)) } ?? words("no daily limit"))
    }
  }
}
