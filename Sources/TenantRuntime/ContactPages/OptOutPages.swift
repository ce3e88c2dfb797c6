import GRDB

/// Numbers that may not be texted: looked for, added, taken along.
struct OptOutListPage: Page {
  static let template = "opt-outs"

  struct Entry: Sendable {
    let phone: String
    let person: PageLink?
    let how: String
    let since: String
  }

  let title: String
  let entries: [Entry]
  let hasEntries: Bool
  let isEmpty: Bool
  let isFiltered: Bool
  let total: String
  let reviews: String?
  let number: String
  let since: String
  let sources: [Choice]
  let csv: String
  /// Of a pasted list.
  let leftOut: String?
  let evidence: String
  let phones: String
  let reason: String
  let isOpen: Bool
  let pager: Pager?
  let mayEdit: Bool
  let mayDecide: Bool
  let mayReadRules: Bool

  @Sendable static func make(_ visit: Visit<Runtime>) async throws -> any Page {
    let (call, words) = (visit.call, visit.words)
    var list = DoNotContactList()
    let number = visit.query("number") ?? ""
    // A whole number as people write it, or a part of one.
    let digits = number.filter { ("0"..."9").contains($0) }
    list.digits = (digits.count < 10 ? nil : TypedNumber.read(number)).map { String($0.digits) } ?? digits
    list.source = visit.query("source")
    if let day = visit.query("since") {
      guard let moment = AudienceRule.moment(day) else {
        throw Refusal.invalid("since", "must be a date like 2026-11-23")
      }
      list.since = moment
    }
    return try await call.subject.file.read { [list] db in
      let (entries, next) = try list.page(db, call)
      let standing = try OptOutReview.latest(db, areOpen: true, limit: 500).count
      let leftOut = visit.query("left_out").flatMap { Int64($0) } ?? 0
      let isFiltered = !number.isEmpty || list.source != nil || list.since != nil
      return OptOutListPage(
        title: words("Opt-outs"),
        entries: entries.map { entry in
          let name = PersonName(entry.firstName, entry.lastName, phone: words.phone(entry.phone)).text
          return Entry(
            phone: words.phone(entry.phone),
            person: entry.contact.map { PageLink(name: name, path: "\(visit.base)/contacts/\($0)") },
            how: words.method(entry.source).capitalizedFirst, since: words.day(entry.since))
        }, hasEntries: !entries.isEmpty, isEmpty: entries.isEmpty && !isFiltered && visit.query("cursor") == nil,
        isFiltered: isFiltered, total: words.number(try DoNotContactList.count(db)),
        reviews: standing > 0
          ? words(
            Int64(standing), one: "{0} text reads as an opt-out and waits for a decision",
            many: "{0} texts read as opt-outs and wait for a decision") : nil, number: number,
        since: visit.query("since") ?? "",
        sources: try DoNotContactList.sources(db).map {
          Choice($0, words.method($0).capitalizedFirst, chosen: list.source)
        }, csv: "\(visit.api)/do-not-contact.csv",
        leftOut: leftOut > 0
          ? words(
            leftOut, one: "{0} line is no phone number and was left out.",
            many: "{0} lines are no phone numbers and were left out.") : nil, evidence: "\(visit.api)/consents.csv",
        phones: visit.field("phones:lines", nil), reason: visit.field("reason", nil), isOpen: !visit.typed.isEmpty,
        pager: Pager(visit, next: next), mayEdit: visit.may(.editConsent), mayDecide: visit.may(.readMessages),
        mayReadRules: visit.may(.readCampaigns))
    }
  }
}

/// Texts that read as an opt-out, until somebody decides.
struct OptOutReviewPage: Page {
  static let template = "opt-outs-review"

  struct Review: Sendable {
    let id: String
    let name: PersonName
    let person: PageLink?
    let phone: String
    /// With the words marked by which it was taken for one.
    let body: Drawing
    let at: String
    let due: String
    let isLate: Bool
  }

  struct Decided: Sendable {
    let name: String
    let text: String
    let isOut: Bool
    let who: String
    let at: String
  }

  let title: String
  let reviews: [Review]
  let hasReviews: Bool
  let decided: [Decided]
  let hasDecided: Bool
  let mayDecide: Bool

  private static let shown = 50

  @Sendable static func make(_ visit: Visit<Runtime>) async throws -> any Page {
    let words = visit.words
    return try await visit.subject.file.read { db in
      let marks = DecidingWords(languages: Set(try TenantSettings.read(db).languages))
      let reviews = try OptOutReview.latest(db, areOpen: true, limit: shown).map {
        try review(db, $0, marks, visit)
      }
      let decided = try OptOutReview.latest(db, areOpen: false, limit: 20).map { said in
        Decided(
          name: try who(db, said, visit).name.text, text: said["text"]?.text ?? "", isOut: said["opted_out"] == true,
          who: words.actor(said["decided_by"]?.text) ?? "",
          at: (said["decided_at"]?.text).flatMap { Moment(iso8601: $0) }.map { words.short($0) } ?? "")
      }
      return OptOutReviewPage(
        title: words("Were these opt-outs?"), reviews: reviews, hasReviews: !reviews.isEmpty, decided: decided,
        hasDecided: !decided.isEmpty, mayDecide: visit.may(.editConsent))
    }
  }

  private static func who(_ db: Database, _ said: JSON, _ visit: Visit<Runtime>) throws -> (
    name: PersonName, person: PageLink?, phone: String
  ) {
    guard let phone = (said["phone"]?.text).flatMap({ PhoneNumber(e164: $0) }) else {
      return (PersonName(nil, nil, phone: ""), nil, "")
    }
    let text = visit.words.phone(phone)
    let row = try Row.fetchOne(
      db.cachedStatement(sql: "SELECT id, phone, first_name, last_name FROM contacts WHERE phone = ?"),
      arguments: [phone])
    guard let row else { return (PersonName(nil, nil, phone: text), nil, text) }
    let name = visit.person(row)
    return (name, PageLink(name: name.text, path: "\(visit.base)/contacts/\(row["id"] as Int64)"), text)
  }

  private static func review(
    _ db: Database, _ said: JSON, _ marks: DecidingWords, _ visit: Visit<Runtime>
  ) throws -> Review {
    let words = visit.words
    let (name, person, phone) = try who(db, said, visit)
    func moment(_ name: String) -> Moment? { (said[name]?.text).flatMap { Moment(iso8601: $0) } }
    let due = moment("due_at")
    return Review(
      id: String(said["id"]?.int ?? 0), name: name, person: person, phone: phone,
      body: marks.marked(said["text"]?.text ?? ""), at: moment("at").map { words.time($0) } ?? "",
      due: due.map { words.legalDay($0) } ?? "",
      isLate: due.map { $0 <= words.now.advanced(bySeconds: 86_400) } ?? false)
  }
}

/// Who is left out of campaigns though nothing forbids texting them.
struct SuppressionPage: Page {
  static let template = "opt-outs-rules"

  struct Rule: Sendable {
    let id: String
    let sentence: String
    let since: String
  }

  let title: String
  let rules: [Rule]
  let hasRules: Bool
  let hours: String
  let tag: String
  let tags: [String]
  let campaigns: [Choice]
  let hasCampaigns: Bool
  let mayEdit: Bool

  @Sendable static func make(_ visit: Visit<Runtime>) async throws -> any Page {
    let words = visit.words
    return try await visit.subject.file.read { db in
      let campaigns = try Row.fetchAll(
        db.cachedStatement(sql: "SELECT id, name FROM campaigns ORDER BY id DESC LIMIT 200")
      ).map {
        Choice(String($0["id"] as Int64), $0["name"], chosen: visit.field("campaign_id", nil))
      }
      let rules = try SuppressionRule.list(db).map { said in
        let rule = SuppressionRule(
          kind: (said["kind"]?.text).flatMap(SuppressionRule.Kind.init(rawValue:)) ?? .tag, hours: said["hours"]?.int,
          tag: said["tag"]?.text, campaign: said["campaign_id"]?.int)
        return Rule(
          id: String(said["id"]?.int ?? 0), sentence: sentence(rule, words).capitalizedFirst,
          since: (said["created_at"]?.text).flatMap { Moment(iso8601: $0) }.map { words.day($0) } ?? "")
      }
      return SuppressionPage(
        title: words("Left out of campaigns"), rules: rules, hasRules: !rules.isEmpty,
        hours: visit.field("hours", nil), tag: visit.field("tag", nil),
        tags: try String.fetchAll(db.cachedStatement(sql: "SELECT name FROM tags ORDER BY folded LIMIT 500")),
        campaigns: campaigns,
        hasCampaigns: !campaigns.isEmpty, mayEdit: visit.may(.editCampaigns))
    }
  }

  static func sentence(_ rule: SuppressionRule, _ words: Words) -> String {
    switch rule.kind {
    case .textedWithin:
      words(rule.hours ?? 0, one: "texted by a campaign within {0} hour", many: "texted by a campaign within {0} hours")
    case .tag: words("tagged “{0}”", rule.tag ?? "")
    case .inCampaign: words("texted by campaign {0}", String(rule.campaign ?? 0))
    }
  }
}
