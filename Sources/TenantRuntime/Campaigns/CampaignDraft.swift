package import GRDB

extension Campaign {
  /// What a person writes of a campaign. A name is enough to keep it; the rest must be there before it is launched, tested or previewed.
  package struct Draft: Sendable {
    package var name: String
    /// With variants the first one's; empty: not written yet.
    package var body = ""
    package var purpose = Purpose.marketing
    /// Nil: nobody has chosen one yet.
    package var audience: AudienceRule?
    /// Who is in one of them is left out.
    package var exclude: [AudienceRule] = []
    package var numbers: [PhoneNumber] = []
    package var sendAt: Moment?
    /// By each recipient's own clock; nothing stands in `sendAt` then.
    package var sendAtLocal: WallTime?
    package var misfire = Misfire()
    package var budgetMicros: Int64?
    package var variants: [CampaignVariant] = []
    var quiet: QuietHours?
    var isAtLeastOnce = false

    package init(name: String) { self.name = name }

    package init(
      name: String, body: String, purpose: Purpose, audience: AudienceRule, numbers: [PhoneNumber],
      sendAt: Moment? = nil,
      budgetMicros: Int64? = nil
    ) {
      self.name = name
      self.body = body
      self.purpose = purpose
      self.audience = audience
      self.numbers = numbers
      self.sendAt = sendAt
      self.budgetMicros = budgetMicros
    }
  }

  /// What becomes of a text whose outcome nothing proves: left alone, or sent once more.
  enum Delivery: String, CaseIterable { case atMostOnce = "at_most_once", atLeastOnce = "at_least_once" }

  var draft: Draft {
    var draft = Draft(name: name)
    (draft.body, draft.variants, draft.purpose) = (body, variants, purpose)
    (draft.audience, draft.exclude, draft.numbers) = (audience, exclude, numbers)
    (draft.sendAt, draft.sendAtLocal, draft.misfire) = (sendAtLocal == nil ? sendAt : nil, sendAtLocal, misfire)
    (draft.budgetMicros, draft.quiet, draft.isAtLeastOnce) = (budgetMicros, quiet, isAtLeastOnce)
    return draft
  }

  /// Whom it means: those of its audience whom none of its exclusions picks.
  func people() throws -> AudienceRule {
    try checkComplete()
    return (audience ?? .everyone).without(exclude)
  }

  func checkComplete() throws {
    let missing = draft.missing.map { FieldError(field: $0, message: "is missing: finish the draft first") }
    if !missing.isEmpty { throw Refusal.invalid(missing) }
  }
}

extension Campaign.Draft {
  /// What must be there before anything of it is sent, and is not.
  var missing: [String] {
    [("body", body.isEmpty), ("audience", audience == nil), ("numbers", numbers.isEmpty)].filter(\.1).map(\.0)
  }

  /// As answers and audit rows show it.
  var members: [(String, JSON)] {
    [
      ("name", .text(name)), ("body", .text(body)), ("variants", .list(variants.map(\.json))),
      ("purpose", .text(purpose.rawValue)), ("audience", audience?.json ?? .null),
      ("exclude", .list(exclude.map(\.json))), ("numbers", .list(numbers.map { .phone($0) })),
      ("budget_micros", .optional(budgetMicros)),
      (
        "quiet_hours",
        [
          "enabled": .bool(quiet != nil || purpose == .marketing),
          "start": .text(QuietHours.text(quiet?.start ?? 21 * 60)), "end": .text(QuietHours.text(quiet?.end ?? 8 * 60)),
          "legal_hours": .bool(purpose == .marketing),
        ]
      ), ("send_at", .moment(sendAt)), ("send_at_local", .optional(sendAtLocal?.text)), ("misfire", misfire.json),
      ("delivery", .text((isAtLeastOnce ? Campaign.Delivery.atLeastOnce : .atMostOnce).rawValue)),
    ]
  }

  fileprivate static let columns = [
    "name", "body", "variants", "purpose", "audience", "exclude", "numbers", "quiet_start", "quiet_end", "send_at",
    "send_at_local", "misfire", "misfire_minutes", "at_least_once",
  ]

  /// In the order of `columns`; the budget has a way of its own.
  fileprivate var stored: StatementArguments {
    [
      name, variants.first?.body ?? body, CampaignVariant.stored(variants), purpose.rawValue,
      audience?.json.serialized ?? "null", JSON.list(exclude.map(\.json)).serialized,
      JSON.list(numbers.map { .int($0.digits) }).serialized, quiet?.start, quiet?.end, sendAtLocal?.first ?? sendAt,
      sendAtLocal?.text, misfire.policy.rawValue, misfire.minutes, isAtLeastOnce,
    ]
  }

  /// Refuses what names something that is not there, and hours that never meet.
  /// - Parameter known: what it was: what stays as it is holds nobody up who changes something else.
  fileprivate func check(_ db: Database, since known: Campaign.Draft? = nil) throws {
    for number in numbers where try known?.numbers.contains(number) != true && !Self.isKnown(db, number) {
      throw Refusal.invalid("numbers", "\(number) is not a sending number of this tenant")
    }
    if let audience, audience != known?.audience { try Self.naming("audience") { try audience.check(db) } }
    for (index, rule) in exclude.enumerated() where known?.exclude.contains(rule) != true {
      try Self.naming("exclude[\(index)]") { try rule.check(db) }
    }
    let isAsKnown = known.map { audience == $0.audience && exclude == $0.exclude } ?? false
    if !exclude.isEmpty, !isAsKnown {
      try Self.naming("exclude") { _ = try (audience ?? .everyone).without(exclude).resolved(db) }
    }
    if let quiet, let problem = Campaign.neverMeets(quiet, purpose, try TenantSettings.read(db).hours) {
      throw Refusal.invalid("quiet_hours", problem)
    }
  }

  private static func isKnown(_ db: Database, _ number: PhoneNumber) throws -> Bool {
    try Bool.fetchOne(
      db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM sending_numbers WHERE number = ?)"), arguments: [number])
      ?? false
  }

  /// What is wrong with a rule is wrong with the member that holds it.
  private static func naming(_ member: String, _ body: () throws -> Void) throws {
    do { try body() } catch Refusal.invalid(let errors) {
      throw Refusal.invalid(
        errors.map { FieldError(field: $0.field.replacing(/^rule/, with: member), message: $0.message) })
    } catch Refusal.notFound(_) {
      throw Refusal.invalid(member, "names an audience that is not there")
    }
  }

  /// The same once more, as a draft of its own: without its time, which may be past, and without what is no longer there. Where that
  /// was one of its rules, whom to text is to be chosen anew.
  fileprivate func copied(_ db: Database) throws -> Campaign.Draft {
    var copy = self
    let addition = " (copy)"
    copy.name = String(String.UnicodeScalarView(name.unicodeScalars.prefix(200 - addition.count))) + addition
    (copy.sendAt, copy.sendAtLocal) = (nil, nil)
    copy.numbers = try numbers.filter { try Self.isKnown(db, $0) }
    func holds(_ rule: AudienceRule) throws -> Bool {
      do { try rule.check(db) } catch is Refusal { return false }
      return true
    }
    copy.exclude = try exclude.filter(holds)
    if copy.exclude.count < exclude.count { copy.audience = nil }
    if let audience = copy.audience, try !holds(audience) { copy.audience = nil }
    return copy
  }
}

// MARK: Rows

extension Campaign {
  package static func create(_ db: Database, _ draft: Draft, actor: String, at: Moment) throws -> Campaign {
    try draft.check(db)
    let columns = Draft.columns.joined(separator: ", ")
    let places = Draft.columns.map { _ in "?" }.joined(separator: ", ")
    try db.execute(
      sql: """
        INSERT INTO campaigns (\(columns), state, budget_micros, created_by, created_at) VALUES (\(places), 'draft', ?, ?, ?)
        """, arguments: draft.stored + [draft.budgetMicros, actor, at])
    let campaign = try find(db, id: db.lastInsertedRowID)
    try ShortLink.create(db, CampaignTexts(campaign).links, campaign: campaign.id, actor: actor, at: at)
    return campaign
  }

  /// Makes a draft say this, all but its budget, and its links with it.
  mutating func rewrite(
    _ db: Database, _ draft: Draft, actor: String, at: Moment, _ effects: inout Effects
  ) throws {
    guard state == .draft else {
      throw Refusal.conflict("The campaign is \(state.rawValue); only its budget can be changed now.")
    }
    try draft.check(db, since: self.draft)
    let columns = Draft.columns.map { "\($0) = ?" }.joined(separator: ", ")
    try db.execute(sql: "UPDATE campaigns SET \(columns) WHERE id = ?", arguments: draft.stored + [id])
    self = try Self.find(db, id: id)
    try ShortLink.replace(db, campaign: id, with: CampaignTexts(self).links, actor: actor, at: at, &effects)
  }

  func copy(_ db: Database, _ rules: BodyRules, actor: String, at: Moment) throws -> Campaign {
    let copy = try draft.copied(db)
    let texts = variants.isEmpty ? [body] : variants.map(\.body)
    // The tenant's fields, hosts and links may be others now.
    if let problem = texts.lazy.filter({ !$0.isEmpty }).compactMap(rules.problem).first {
      throw Refusal.conflict("Its text could not be written today: it \(problem).")
    }
    return try Self.create(db, copy, actor: actor, at: at)
  }

  /// With its links; texts of its tests stay in the ledger.
  func remove(_ db: Database, actor: String, at: Moment, _ effects: inout Effects) throws {
    guard state == .draft, firstJobID == nil else {
      throw Refusal.conflict("The campaign is \(state.rawValue); only a draft that was never launched can be deleted.")
    }
    try ShortLink.replace(db, campaign: id, with: [], actor: actor, at: at, &effects)
    try db.execute(sql: "DELETE FROM campaigns WHERE id = ?", arguments: [id])
  }
}
