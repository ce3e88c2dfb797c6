import GRDB

/// Whether a person may be texted, for what, and why not: in words, with the evidence.
struct ContactStanding: Sendable {
  struct Purpose: Sendable {
    let name: String
    let isAllowed: Bool
    let sentence: String
    let evidence: String?
  }

  struct Obstacle: Sendable {
    let lamp: String
    let sentence: String
    let detail: String?
    /// Taken back by a button.
    let isBadNumber: Bool
    let link: PageLink?
  }

  struct Statement: Sendable {
    let at: String
    /// An import brought them without a word of it.
    let isBare: Bool
    let isGrant: Bool
    let what: String
    let how: String
    let evidence: String?
    let who: String?
  }

  /// What held on a day that was asked for.
  struct Then: Sendable {
    let day: String
    let purposes: [Purpose]
  }

  let purposes: [Purpose]
  let then: Then?
  let asked: String
  let today: String
  let obstacles: [Obstacle]
  let hasObstacles: Bool
  /// Nor does any purpose's standing.
  let isFree: Bool
  let statements: [Statement]
  let hasStatements: Bool
  let isOptedOut: Bool
  /// The number as the API takes it.
  let number: String
  let now: String
  /// A form of consent was refused, so it is open.
  let isOpen: Bool
  let evidence: String
  let source: String

  private static let mostStatements = 100

  init(_ db: Database, _ row: Row, _ visit: Visit<Runtime>) throws {
    let words = visit.words
    let phone: PhoneNumber = row["phone"]
    let settings = try TenantSettings.read(db)
    let isErased = try ErasedNumbers.blocker(db)(phone)
    let blocked = try Row.fetchOne(
      db.cachedStatement(sql: "SELECT * FROM do_not_contact WHERE phone = ?"), arguments: [phone])
    isOptedOut = blocked != nil || isErased
    number = phone.description
    now = words.field(words.now)
    isOpen = visit.typed.contains { $0.name == "action" }
    (evidence, source) = (visit.field("evidence", nil), visit.field("source", nil))
    let sayNo: String? =
      blocked.map {
        words("No: opted out {0}, by {1}", words.day($0["since"]), words.method($0["source"]))
      } ?? (isErased ? words("No: a person with this number was erased") : nil)
    purposes = try CampaignPurpose.allCases.map { purpose in
      let standing = try ConsentStanding.read(db, phone, purpose: purpose, on: words.now, today: true)
      return Self.purpose(purpose, standing, sayNo, requiresConsent: settings.requireConsent, words)
    }
    (then, asked, today) = (
      try Self.then(db, phone, settings, visit), visit.query("on") ?? "", String(words.field(words.now).prefix(10))
    )
    obstacles = try Self.obstacles(db, row, settings, sayNo, visit)
    hasObstacles = !obstacles.isEmpty
    isFree = obstacles.isEmpty && purposes.allSatisfy(\.isAllowed)
    statements = try ContactRecord.statements(db, contact: row, atMost: Self.mostStatements).map {
      Self.statement($0, words)
    }
    hasStatements = !statements.isEmpty
  }

  private static func then(
    _ db: Database, _ phone: PhoneNumber, _ settings: TenantSettings, _ visit: Visit<Runtime>
  ) throws -> Then? {
    guard let day = visit.query("on"), !day.isEmpty else { return nil }
    guard let end = ConsentStanding.end(of: day) else {
      throw Refusal.invalid("on", "must be a date like 2026-11-23")
    }
    let words = visit.words
    return Then(
      day: words.inUTC.day(end),
      purposes: try CampaignPurpose.allCases.map { purpose in
        let standing = try ConsentStanding.read(db, phone, purpose: purpose, on: end)
        return Self.purpose(purpose, standing, nil, requiresConsent: settings.requireConsent, words)
      })
  }

  private static func purpose(
    _ purpose: CampaignPurpose, _ standing: ConsentStanding, _ sayNo: String?, requiresConsent: Bool, _ words: Words
  ) -> Purpose {
    let said = standing.decisive
    let since = (said["at"]?.text).flatMap { Moment(iso8601: $0) }.map { words.day($0) } ?? ""
    let how = words.method(said["method"]?.text)
    let sentence: String
    let isAllowed: Bool
    switch standing.verdict {
    case .granted where standing.isBareImport && requiresConsent:
      (isAllowed, sentence) = (
        false, words("No: an import brought them and says nothing of their consent, and you text with consent only")
      )
    case .granted where standing.isBareImport:
      (isAllowed, sentence) = (
        true, words("Yes: an import brought them {0}, and your settings ask for no consent", since)
      )
    case .granted: (isAllowed, sentence) = (true, words("Yes: agreed {0}, by {1}", since, how))
    case .revoked: (isAllowed, sentence) = (false, words("No: taken back {0}, by {1}", since, how))
    case .silent where requiresConsent:
      (isAllowed, sentence) = (false, words("No: nobody has said that they agreed, and you text with consent only"))
    case .silent:
      (isAllowed, sentence) = (true, words("Yes: nobody has said anything, and your settings ask for no consent"))
    }
    let evidence = said["evidence"]?.text.flatMap { $0.isEmpty ? nil : $0 }
    return Purpose(
      name: words.name(purpose.rawValue), isAllowed: isAllowed && sayNo == nil, sentence: sayNo ?? sentence,
      evidence: sayNo == nil ? evidence : nil)
  }

  private static func statement(_ said: JSON, _ words: Words) -> Statement {
    let at = (said["at"]?.text).flatMap { Moment(iso8601: $0) }
    let isGrant = said["action"]?.text == "grant"
    let about = said["purpose"]?.text.map { words.name($0) } ?? words("Everything")
    let source = said["source"]?.text.map { " · \($0)" } ?? ""
    return Statement(
      at: at.map { words.time($0) } ?? "", isBare: said["states_consent"]?.bool == false, isGrant: isGrant, what: about,
      how: words.method(said["method"]?.text).capitalizedFirst + source,
      evidence: said["evidence"]?.text.flatMap { $0.isEmpty ? nil : $0 }, who: words.actor(said["actor"]?.text))
  }

  // MARK: Why not texted

  private static func obstacles(
    _ db: Database, _ row: Row, _ settings: TenantSettings, _ sayNo: String?, _ visit: Visit<Runtime>
  ) throws -> [Obstacle] {
    let words = visit.words
    let phone: PhoneNumber = row["phone"]
    var found: [Obstacle] = []
    func add(
      _ lamp: String, _ sentence: String, _ detail: String? = nil, isBadNumber: Bool = false,
      link: PageLink? = nil
    ) {
      found.append(
        Obstacle(
          lamp: lamp, sentence: sentence, detail: detail, isBadNumber: isBadNumber, link: link))
    }
    if sayNo != nil {
      add("stop", words("Opted out: nothing is sent, whatever the campaign"))
    }
    if let code = row["bad_code"] as Int64?, let until = row["bad_until"] as Moment?, until > words.now {
      add(
        "stop", words("The number cannot be texted: {0}", words.name("error_\(code)")),
        words("Found {0}; tried again {1}", words.day(row["bad_since"]), words.day(until)), isBadNumber: true)
    }
    if !settings.allowsCountry(of: phone) {
      add(
        "stop", words("You do not text numbers of this country"),
        link: PageLink(name: words("Settings"), path: "\(visit.base)/settings"))
    }
    if try OptOutReview.isOpen(db, phone) {
      add(
        "wait", words("A text of theirs may have been an opt-out: campaigns leave them out until you decide"),
        link: PageLink(name: words("Decide"), path: "\(visit.base)/opt-outs/review"))
    }
    for rule in try SuppressionRule.all(db)
    where try rule.suppresses(db, phone: phone, contact: row["id"], now: words.now) {
      add(
        "wait", words("Left out by a rule: {0}", SuppressionPage.sentence(rule, words)),
        link: PageLink(name: words("Rules"), path: "\(visit.base)/opt-outs/rules"))
    }
    let hours = TextingHours(
      phone: phone, ownZone: row["time_zone"], quiet: nil, isMarketing: true, tenantZone: visit.subject.lease.timeZone,
      tenant: settings.hours)
    let places = hours.zones.prefix(3).map { String($0.split(separator: "/").last ?? "").replacing("_", with: " ") }
    switch hours.ask(words.now) {
    case .open: break
    case .closed(let until):
      add(
        "wait", words("Quiet hours now: marketing waits until {0} your time", words.time(until)),
        words("By the clock of {0}", places.joined(separator: ", ")))
    case .never:
      add("stop", words("The hours that count for this person never meet"), places.joined(separator: ", "))
    }
    return found
  }
}
