/// A campaign as a request writes it, read into typed values.
extension CampaignRoutes {
  static func draft(_ fields: inout Fields, _ rules: BodyRules, now: Moment) throws -> Campaign.Draft {
    let name = fields.requiredName("name", most: 200)
    let variants = CampaignVariant.read(&fields, rules)
    let body = try body(&fields, rules, besides: variants)
    let purpose = fields.choice("purpose", CampaignPurpose.self) ?? .marketing
    let audience = try BulkChange.audience(&fields)
    var numbers: [PhoneNumber] = []
    for number in fields.list("numbers", most: 50) ?? [] {
      if let phone = number.text.flatMap({ PhoneNumber(e164: $0) }) {
        if !numbers.contains(phone) { numbers.append(phone) }
      } else {
        fields.fail("numbers", "must be E.164 numbers like +14155550123")
      }
    }
    if numbers.isEmpty, fields.hasNoErrors(about: "numbers") {
      fields.fail("numbers", "needs at least one sending number")
    }
    let sendAt = fields.moment("send_at")
    if let sendAt, sendAt < now { fields.fail("send_at", "is in the past; leave it out to send at launch") }
    let budget = fields.int("budget_micros", in: 0...1_000_000_000_000_000)
    let quiet = quietHours(&fields, purpose)
    let delivery = fields.choice("delivery", Delivery.self)
    try fields.finish()
    var draft = Campaign.Draft(
      name: name, body: body, purpose: purpose, audience: audience ?? .everyone, numbers: numbers, sendAt: sendAt,
      budgetMicros: budget)
    draft.variants = variants ?? []
    draft.quiet = quiet
    draft.isAtLeastOnce = delivery == .atLeastOnce
    return draft
  }

  /// The only text; or beside variants nothing, or the first one's once more.
  private static func body(
    _ fields: inout Fields, _ rules: BodyRules, besides variants: [CampaignVariant]?
  ) throws -> String {
    guard let variants else {
      let body = fields.requiredBody("body")
      if let problem = rules.problem(body) { fields.fail("body", problem) }
      return body
    }
    let body = fields.body("body")
    if let body, let first = variants.first, body != first.body {
      fields.fail("body", "differs from the first variant's; leave it out, the texts are those of the variants")
    }
    return variants.first?.body ?? ""
  }

  /// What becomes of a text whose outcome nothing proves: left alone, or sent once more.
  enum Delivery: String, CaseIterable { case atMostOnce = "at_most_once", atLeastOnce = "at_least_once" }

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

  static func edit(_ fields: inout Fields, _ rules: BodyRules) throws -> Campaign.Change {
    var edit = Campaign.Change()
    if fields.has("budget_micros") { edit.budget = .some(fields.int("budget_micros", in: 0...1_000_000_000_000_000)) }
    if fields.has("variants") {
      edit.variants = CampaignVariant.read(&fields, rules) ?? []
      if edit.variants?.isEmpty == false { _ = try body(&fields, rules, besides: edit.variants) }
    }
    if edit.budget == nil, edit.variants == nil {
      fields.fail("budget_micros", "is required: an amount, or null for no limit; or variants")
    }
    try fields.finish()
    return edit
  }
}
