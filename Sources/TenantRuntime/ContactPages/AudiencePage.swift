import GRDB
import Hummingbird

/// The rule builder: a saved audience, or one that is being made. What is not saved lives in the form alone.
struct AudiencePage: Page {
  static let template = "audience"

  struct Reason: Sendable {
    let holds: Bool
    let says: String
  }

  let title: String
  let isNew: Bool
  let id: String
  let name: String
  /// Where the form asks for counts, below the base.
  let path: String
  let builder: RuleBuilder?
  /// A rule that the builder does not know, or what was typed as JSON.
  let asJSON: String?
  let json: String
  let tags: [String]
  let people: [PageLink]
  let hasPeople: Bool
  let why: String
  let whyName: String?
  let whySentence: String?
  let whyIn: Bool
  let reasons: [Reason]
  let isWhyUnknown: Bool
  let users: [PageLink]
  let isUsed: Bool
  let mayEdit: Bool
  /// Of what was saved when the rule was opened, however often its people are counted since; once it was refused for that (`RefusedForm`), of
  /// what is there now.
  let etag: String
  /// Something differs from what is saved.
  let isChanged: Bool

  private static let mostFields = 3_000

  @Sendable static func new(_ visit: Visit<Runtime>) async throws -> any Page {
    guard visit.may(.editContacts) else { throw Refusal.forbidden("An audience is made by who may edit contacts.") }
    return try await make(visit, nil)
  }

  @Sendable static func saved(_ visit: Visit<Runtime>) async throws -> any Page {
    try await make(visit, try visit.id(of: "audience"))
  }

  private static func make(_ visit: Visit<Runtime>, _ id: Int64?) async throws -> AudiencePage {
    let query = Request.form(visit.call.request.uri.query ?? "", most: mostFields)
    let given = visit.typed.isEmpty ? query : visit.typed
    return try await visit.subject.file.read { db in
      try AudiencePage(db, visit, saved: try id.map { try Audience.find(db, id: $0) }, given)
    }
  }

  private init(
    _ db: Database, _ visit: Visit<Runtime>, saved: Audience?, _ given: [(name: String, value: String)]
  ) throws {
    let words = visit.words
    func last(_ name: String) -> String? { given.last { $0.name == name }?.value }
    let kept = saved?.rule.json ?? ["tag": ""]
    let typedJSON = last("rule:json")
    var form = RuleForm(fields: given.filter { $0.name == "rule:parts" }.map(\.value))
    if typedJSON == nil, form == nil { form = RuleForm(kept) ?? RuleForm(.all, []) }
    if let button = last("add") { form?.apply(button) }
    let known = typedJSON == nil && (given.contains { $0.name == "rule:parts" } || RuleForm(kept) != nil)
    isNew = saved == nil
    id = saved.map { String($0.id) } ?? ""
    title = saved?.name ?? words("New audience")
    name = last("name") ?? saved?.name ?? ""
    path = saved.map { "audiences/\($0.id)" } ?? "audiences/new"
    let choices = try RuleChoices(db, words, besides: saved?.id)
    tags = choices.tags
    let draft = form.map { $0.json(isDraft: true) } ?? kept
    let rule = try known ? Self.usable(db, draft) : saved.flatMap { try Self.usable(db, $0.rule.json) }
    builder = known ? try RuleBuilder(db, form ?? RuleForm(), rule, choices, words) : nil
    asJSON = known ? nil : typedJSON ?? kept.serialized
    json = draft.serialized
    isChanged = saved == nil || draft != kept
    people = try rule.map { try Self.people(db, $0, visit) } ?? []
    hasPeople = !people.isEmpty
    let asked = visit.query("why")
    why = asked ?? ""
    let found = try asked.flatMap { try Self.contact(db, $0) }
    isWhyUnknown = asked != nil && found == nil
    whyName = found.map { visit.person($0).text }
    let explained = try found.flatMap { row in
      try rule.map { try AudienceExplanation.explain(db, $0, contact: row["id"], now: words.now) }
    }
    whyIn = explained?["in"] == true
    whySentence = explained?["because"]?.text
    reasons = explained.map { Self.reasons($0["conditions"] ?? .null, words) } ?? []
    let userNames = try saved.map { try Audience.users(db, of: $0.id) } ?? []
    users = userNames.map { Self.user($0, visit) }
    isUsed = !users.isEmpty
    mayEdit = visit.may(.editContacts)
    let tag = saved.map { EntityTag(of: $0.json.serialized.utf8).text } ?? ""
    etag = last("_etag") ?? tag
  }

  /// Nil while it cannot be counted: it names what there is not.
  private static func usable(_ db: Database, _ json: JSON) throws -> AudienceRule? {
    do {
      let rule = try AudienceRule(json, at: "rule")
      try rule.check(db)
      return rule
    } catch is Refusal { return nil }
  }

  private static func people(_ db: Database, _ rule: AudienceRule, _ visit: Visit<Runtime>) throws -> [PageLink] {
    try AudienceCount.take(db, rule, now: visit.words.now).sample.map { id in
      PageLink(name: visit.person(try ContactJSON.find(db, id)).text, path: "\(visit.base)/contacts/\(id)")
    }
  }

  /// By number, or by the id that stands in the address of their page.
  private static func contact(_ db: Database, _ text: String) throws -> Row? {
    if let phone = TypedNumber.read(text),
      let id = try Int64.fetchOne(
        db.cachedStatement(sql: "SELECT id FROM contacts WHERE phone = ?"), arguments: [phone])
    {
      return try ContactJSON.find(db, id)
    }
    guard let id = Int64(text.trimmed), id > 0 else { return nil }
    do { return try ContactJSON.find(db, id) } catch is Refusal { return nil }
  }

  private static func reasons(_ tree: JSON, _ words: Words) -> [Reason] {
    guard let parts = tree["parts"]?.list else {
      return [Reason(holds: tree["holds"] == true, says: words.said(tree["says"]?.text ?? "").capitalizedFirst)]
    }
    return parts.flatMap { reasons($0, words) }
  }

  /// `Campaign 7` as a link.
  static func user(_ name: String, _ visit: Visit<Runtime>) -> PageLink {
    let parts = name.split(separator: " ")
    let (kind, id) = (parts.dropLast().joined(separator: " "), String(parts.last ?? ""))
    switch kind {
    case "Audience": return PageLink(name: visit.words("Audience {0}", id), path: "\(visit.base)/audiences/\(id)")
    case "Campaign": return PageLink(name: visit.words("Campaign {0}", id), path: "\(visit.base)/campaigns/\(id)")
    default:
      return PageLink(name: visit.words("Bulk change {0}", id), path: "\(visit.base)/contacts/changes/\(id)")
    }
  }
}

/// Saved rules, how many people each picks now, and who uses it.
struct AudienceListPage: Page {
  static let template = "audiences"

  struct Entry: Sendable {
    let path: String
    let name: String
    let count: String?
    let contacts: String
    let users: [PageLink]
    let isUsed: Bool
    let changed: String
  }

  let title: String
  let audiences: [Entry]
  let hasAudiences: Bool
  let isEmpty: Bool
  let pager: Pager?
  let mayEdit: Bool

  private static let mostMilliseconds = 600.0

  /// Nil: it cannot be counted as it is written; the others can.
  private static func count(
    _ db: Database, _ rule: AudienceRule, _ words: Words
  ) throws -> (count: Int64, isExact: Bool)? {
    do { return try AudienceCount.number(db, rule, now: words.now) } catch is Refusal { return nil }
  }

  @Sendable static func make(_ visit: Visit<Runtime>) async throws -> any Page {
    let words = visit.words
    let page = try PageRequest(visit.call, shown: 50)
    return try await visit.subject.file.read { db in
      let began = ContinuousClock.now
      let all = try Audience.all(db, after: page.after, limit: page.limit + 1)
      let audiences = try all.prefix(page.limit).map { audience in
        // A list that counts longer keeps others waiting.
        let isQuick = (ContinuousClock.now - began) / .milliseconds(1) < mostMilliseconds
        let count = isQuick ? try Self.count(db, audience.rule, words) : nil
        let users = try Audience.users(db, of: audience.id).prefix(5).map { AudiencePage.user($0, visit) }
        return Entry(
          path: "\(visit.base)/audiences/\(audience.id)", name: audience.name,
          count: count.map { ($0.isExact ? "" : "~") + words.number($0.count) },
          contacts: "\(visit.base)/contacts?audience=\(audience.id)", users: users, isUsed: !users.isEmpty,
          changed: words.short(audience.updatedAt))
      }
      return AudienceListPage(
        title: words("Audiences"), audiences: audiences, hasAudiences: !audiences.isEmpty,
        isEmpty: audiences.isEmpty && visit.query("cursor") == nil,
        pager: Pager(visit, next: page.next(after: all.map(\.id))), mayEdit: visit.may(.editContacts))
    }
  }
}
