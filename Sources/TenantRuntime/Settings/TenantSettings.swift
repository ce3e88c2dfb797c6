import GRDB

/// What a tenant decides for itself. A setting that was never made has its default.
struct TenantSettings: Sendable, Equatable {
  /// Whether only people with a standing consent may be texted (gate 5). Imports attest it, so the default is no.
  var requireConsent = false
  /// What an erasure leaves behind, so that the person is not texted again.
  var erasureKeeps = ErasureKeeps.number
  /// Calling codes that may be texted (gate 3); nil: all.
  var countries: [String]?
  var prices = PriceTable()
  /// When people may be texted at most, by their own clock, in addition to law and campaign (gate 8).
  var hours = TenantHours()
  /// Texts on each day of a new number's use (gate 10); nil: the usual ladder.
  var warmUpLadder: [Int64]?
  var breaker = BreakerLimits()
  /// Per cent of a day's or month's budget at which it is published.
  var budgetAlerts: [Int64] = [80, 100]

  var links = LinkSettings()

  /// Languages whose stop words and phrases count, beside English.
  var languages: [String] = []
  /// The tenant's own words.
  var ownWords: [Keyword: [String]] = [:]
  private(set) var keywords = KeywordWords.standard
  /// How much of a visitor's address a hit keeps.
  var linkAddresses = AddressPrivacy.truncated
  /// Hits of short links are kept for so many days; figures stay.
  var linkHitDays: Int64 = 400
  /// Rows of the audit log are kept for so many days.
  var auditDays: Int64 = 730
  /// The answer to HELP: who it is, and how to reach them; nil leaves it to the provider.
  var helpText: String?
  /// Launching to more people than this needs somebody who has shown lately to be there; nil: never.
  var confirmLaunchAbove: Int64?
  /// Characters that make a campaign's text cost more segments (“ ” ’ – …) go out as their plain look-alikes.
  var plainCharacters = false

  /// Steps of the first run that were put off: the home page asks for them no more.
  var firstStepsPutOff: [FirstStep] = []

  static func read(_ db: Database) throws -> TenantSettings {
    var settings = TenantSettings()
    for row in try Row.fetchAll(db.cachedStatement(sql: "SELECT name, value FROM settings")) {
      var fields = try Fields(JSON.object([(row["name"], try JSON(parsing: row["value"] as String))]))
      try settings.take(&fields)
    }
    return settings
  }

  private static let noMergeFields = "has merge fields; it goes out as it is, the same to everybody"

  /// The webhook handler reads words: it is notified of every change.
  private mutating func takeWords(_ fields: inout Fields) {
    if fields.has("languages") {
      let list = fields.list("languages", most: 20) ?? []
      languages = list.compactMap(\.text).filter(KeywordWords.languages.contains)
      if languages.count != list.count {
        fields.fail("languages", "must be some of " + KeywordWords.languages.sorted().joined(separator: ", "))
      }
    }
    for (name, keyword) in [("stop_words", Keyword.stop), ("start_words", .start), ("help_words", .help)]
    where fields.has(name) {
      let list = fields.list(name, most: KeywordWords.most) ?? []
      ownWords[keyword] = list.compactMap(\.text)
      if ownWords[keyword]?.count != list.count { fields.fail(name, "must be a list of words") }
    }
    do { keywords = try KeywordWords(languages: Set(languages), own: ownWords) } catch {
      fields.fail(
        "stop_words", "and the other words must have letters, and at most \(KeywordWords.longest) characters each")
    }
    if fields.has("help_text") {
      helpText = fields.body("help_text", most: 480).flatMap { $0.allSatisfy(\.isWhitespace) ? nil : $0 }
      if let text = helpText, let problem = text.contains("{{") ? Self.noMergeFields : ForeignPlaceholder.problem(text)
      {
        fields.fail("help_text", problem)
      }
    }
  }

  private mutating func takeFirstSteps(_ fields: inout Fields) {
    let list = fields.list("first_steps_put_off", most: FirstStep.allCases.count) ?? []
    let named = list.compactMap { $0.text.flatMap(FirstStep.init) }
    if named.count != list.count {
      fields.fail(
        "first_steps_put_off", "must be some of " + FirstStep.allCases.map(\.rawValue).joined(separator: ", "))
    }
    firstStepsPutOff = FirstStep.allCases.filter(named.contains)
  }

  /// Takes over whichever settings the fields name; null brings the default back.
  mutating func take(_ fields: inout Fields) throws {
    let fresh = TenantSettings()
    requireConsent =
      fields.bool("require_consent") ?? (fields.has("require_consent") ? fresh.requireConsent : requireConsent)
    erasureKeeps =
      fields.choice("erasure_keeps", ErasureKeeps.self)
      ?? (fields.has("erasure_keeps") ? fresh.erasureKeeps : erasureKeeps)
    takeWords(&fields)
    try links.take(&fields)
    if fields.has("countries") {
      countries = PriceTable.codes(&fields, "countries")
      if countries?.isEmpty == true { fields.fail("countries", "would let nobody be texted; null allows all") }
    }
    if fields.has("prices") { prices = try PriceTable(&fields, "prices") }
    if fields.has("texting_hours") { try hours.takeWindow(&fields, "texting_hours") }
    if fields.has("days_off") { hours.takeDaysOff(&fields, "days_off") }
    if fields.has("warm_up_ladder") { warmUpLadder = WarmUp.ladder(&fields, "warm_up_ladder") }
    if fields.has("circuit_breaker") { breaker = try BreakerLimits(&fields, "circuit_breaker") }
    if fields.has("plain_characters") { plainCharacters = fields.bool("plain_characters") ?? fresh.plainCharacters }
    if fields.has("link_addresses") {
      linkAddresses = fields.choice("link_addresses", AddressPrivacy.self) ?? fresh.linkAddresses
    }
    if fields.has("link_hit_days") { linkHitDays = fields.int("link_hit_days", in: 1...3_650) ?? fresh.linkHitDays }
    if fields.has("audit_days") { auditDays = fields.int("audit_days", in: 30...3_650) ?? fresh.auditDays }
    if fields.has("confirm_launch_above") {
      confirmLaunchAbove = fields.int("confirm_launch_above", in: 0...100_000_000)
    }
    if fields.has("first_steps_put_off") { takeFirstSteps(&fields) }
    if fields.has("budget_alerts") {
      budgetAlerts = fields.ints("budget_alerts", most: 10, in: 1...1_000) ?? fresh.budgetAlerts
    }
  }

  var members: [(String, JSON)] {
    [
      ("require_consent", .bool(requireConsent)), ("erasure_keeps", .text(erasureKeeps.rawValue)),
      ("countries", countries.map { .list($0.map { .text($0) }) } ?? .null), ("prices", prices.json),
      ("texting_hours", hours.window), ("days_off", hours.daysOff.json),
      ("warm_up_ladder", warmUpLadder.map { .list($0.map { .int($0) }) } ?? .null), ("circuit_breaker", breaker.json),
      ("budget_alerts", .list(budgetAlerts.map { .int($0) })), ("languages", .list(languages.map { .text($0) })),
      ("stop_words", words(.stop)), ("start_words", words(.start)), ("help_words", words(.help)),
      ("help_text", .optional(helpText)), ("link_addresses", .text(linkAddresses.rawValue)),
      ("link_hit_days", .int(linkHitDays)), ("audit_days", .int(auditDays)),
      ("plain_characters", .bool(plainCharacters)), ("confirm_launch_above", .optional(confirmLaunchAbove)),
      ("first_steps_put_off", .list(firstStepsPutOff.map { .text($0.rawValue) })),
    ] + links.members
  }

  private func words(_ keyword: Keyword) -> JSON { .list((ownWords[keyword] ?? []).map { .text($0) }) }

  /// Gate 3's part that is the tenant's choice.
  func allowsCountry(of phone: PhoneNumber) -> Bool {
    guard let countries else { return true }
    return countries.contains(where: phone.begins)
  }
}
