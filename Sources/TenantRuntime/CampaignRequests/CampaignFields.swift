/// A campaign as a request writes it, read into typed values.
extension CampaignRoutes {
  static let budgets: ClosedRange<Int64> = 0...1_000_000_000_000_000

  /// What a request says of a draft. A member that is left out stays as it is known; null takes it back to what it is unless said.
  static func draft(
    _ fields: inout Fields, over known: Campaign.Draft? = nil, _ rules: BodyRules, now: Moment
  ) throws -> Campaign.Draft {
    var draft = known ?? Campaign.Draft(name: "")
    if known == nil || fields.has("name") { draft.name = fields.requiredName("name", most: 200) }
    texts(&draft, &fields, rules)
    if fields.has("purpose") { draft.purpose = fields.choice("purpose", CampaignPurpose.self) ?? .marketing }
    if fields.has("audience") {
      draft.audience = fields.value("audience") == nil ? nil : try BulkChange.audience(&fields)
    }
    if fields.has("exclude") { draft.exclude = try AudienceRoutes.exclusions(&fields) }
    if fields.has("numbers") { draft.numbers = numbers(&fields) }
    time(&draft, &fields, now: now)
    if fields.has("misfire") { draft.misfire = misfire(&fields) }
    if fields.has("budget_micros") { draft.budgetMicros = fields.int("budget_micros", in: budgets) }
    if fields.has("quiet_hours") { draft.quiet = quietHours(&fields, draft.purpose) }
    if fields.has("delivery") {
      draft.isAtLeastOnce = fields.choice("delivery", Campaign.Delivery.self) == .atLeastOnce
    }
    try fields.finish()
    return draft
  }

  static func edit(
    _ fields: inout Fields, of known: Campaign.Draft, _ rules: BodyRules, now: Moment
  ) throws -> Campaign.Change {
    let names = fields.names
    if names.isEmpty { fields.fail("budget_micros", "is required, or another member that is to change") }
    let draft = try draft(&fields, over: known, rules, now: now)
    var edit = Campaign.Change()
    if names.contains("budget_micros") { edit.budget = .some(draft.budgetMicros) }
    if names.contains(where: { $0 != "budget_micros" }) { edit.draft = draft }
    return edit
  }

  /// One text; or variants, and beside them nothing, or the first one's once more.
  private static func texts(_ draft: inout Campaign.Draft, _ fields: inout Fields, _ rules: BodyRules) {
    // Null: one text again, which is what the first one's was.
    if fields.has("variants") { draft.variants = CampaignVariant.read(&fields, rules) ?? [] }
    let body = fields.body("body")
    if let first = draft.variants.first {
      if let body, body != first.body {
        fields.fail("body", "differs from the first variant's; leave it out, the texts are those of the variants")
      }
      draft.body = first.body
    } else if fields.has("body") {
      draft.body = body.flatMap { $0.trimmed.isEmpty ? nil : $0 } ?? ""
      if !draft.body.isEmpty, let problem = rules.problem(draft.body) { fields.fail("body", problem) }
    }
  }

  private static func numbers(_ fields: inout Fields) -> [PhoneNumber] {
    var numbers: [PhoneNumber] = []
    for number in fields.list("numbers", most: 50) ?? [] {
      if let phone = number.text.flatMap({ PhoneNumber(e164: $0) }) {
        if !numbers.contains(phone) { numbers.append(phone) }
      } else {
        fields.fail("numbers", "must be E.164 numbers like +14155550123")
      }
    }
    return numbers
  }

  /// A campaign has one time: the one that is given takes the other's place.
  private static func time(_ draft: inout Campaign.Draft, _ fields: inout Fields, now: Moment) {
    if fields.has("send_at") {
      draft.sendAt = fields.moment("send_at")
      if let sendAt = draft.sendAt, sendAt < now {
        fields.fail("send_at", "is in the past; choose a later time, or have it sent at launch")
      }
      if draft.sendAt != nil, !fields.has("send_at_local") { draft.sendAtLocal = nil }
    }
    if fields.has("send_at_local") {
      let text = fields.text("send_at_local", most: 40)
      draft.sendAtLocal = text.flatMap { WallTime($0) }
      if text != nil, draft.sendAtLocal == nil {
        fields.fail("send_at_local", "must be a day and a time without a zone, like 2026-12-01T09:00")
      }
      if let local = draft.sendAtLocal, local.last < now { fields.fail("send_at_local", "is in the past everywhere") }
      if draft.sendAtLocal != nil, !fields.has("send_at") { draft.sendAt = nil }
    }
    if draft.sendAt != nil, draft.sendAtLocal != nil {
      fields.fail("send_at_local", "is given beside send_at: a campaign has one time")
    }
  }

  private static func misfire(_ fields: inout Fields) -> Misfire {
    guard var given = fields.object("misfire") else { return Misfire() }
    defer { fields.absorb(given) }
    let policy = given.choice("policy", Misfire.Policy.self)
    let minutes = given.int("minutes", in: 1...Misfire.mostMinutes)
    if policy == nil, given.hasNoErrors(about: "policy") {
      given.fail("policy", "is required: ask, send_within or skip")
    }
    if given.hasNoErrors(about: "minutes") {
      if policy == .sendWithin, minutes == nil { given.fail("minutes", "is required beside send_within") }
      if policy == .ask || policy == .skip, minutes != nil { given.fail("minutes", "belongs to send_within alone") }
    }
    return Misfire(policy: policy ?? .ask, minutes: minutes)
  }

  /// Marketing keeps the legal hours in any case; its own hours only add to them.
  private static func quietHours(_ fields: inout Fields, _ purpose: CampaignPurpose) -> QuietHours? {
    guard var hours = fields.object("quiet_hours") else { return nil }
    defer { fields.absorb(hours) }
    let enabled = hours.bool("enabled")
    let start = hours.text("start", most: 5)
    let end = hours.text("end", most: 5)
    if enabled == nil, !hours.has("enabled") { hours.fail("enabled", "is required: true or false") }
    if enabled == false, purpose == .marketing {
      hours.fail("enabled", "may be switched off for informational campaigns only")
    }
    guard enabled == true else { return nil }
    if start == nil, end == nil { return purpose == .marketing ? nil : QuietHours(start: 21 * 60, end: 8 * 60) }
    if let quiet = QuietHours(start: start ?? "", end: end ?? "") {
      if purpose == .marketing, (8 * 60..<21 * 60).allSatisfy(quiet.covers) {
        hours.fail("end", "leaves no minute of the legal 08:00 to 21:00")
      }
      return quiet
    }
    for (name, value) in [("start", start), ("end", end)] where QuietHours.minutes(value ?? "") == nil {
      hours.fail(name, "must be a time of the day like 21:00")
    }
    if start == end { hours.fail("end", "must differ from the start") }
    return nil
  }
}
