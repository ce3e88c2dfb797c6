import GRDB

/// People, by words, tag or audience.
struct ContactListPage: Page {
  static let template = "contacts"

  struct Person: Sendable {
    let path: String
    let name: String
    let initials: String
    let hue: String
    let phone: String
    let email: String?
    let tags: [String]
    let isOptedOut: Bool
    let added: String
  }

  let title: String
  let people: [Person]
  let hasPeople: Bool
  /// Nobody at all is there, not only nobody of these.
  let isEmpty: Bool
  let total: String
  let words: String
  let tags: [Choice]
  let audiences: [Choice]
  let isFiltered: Bool
  let csv: String
  let pager: Pager?
  let mayEdit: Bool
  let mayImport: Bool
  let bulk: Bulk?

  /// What can be done to all that the filter shows.
  struct Bulk: Sendable {
    /// `214 people`
    let count: String
    /// The filter as a rule; nil: there is no rule that picks the same people.
    let rule: String?
    /// What was typed.
    let newTag: String
    let isOpen: Bool
  }

  private static let shown = 50
  private static let mostMilliseconds = 1_000

  @Sendable static func make(_ visit: Visit<Runtime>) async throws -> any Page {
    let (call, words) = (visit.call, visit.words)
    let page = try PageRequest(call, shown: shown)
    let filter = try ContactFilter(call)
    if filter.searches { try await ContactSearch.indexSome(call.subject) }
    let base = "/t/\(call.subject.lease.tenant)/contacts"
    return try await call.subject.file.read { db in
      let (sql, arguments) = try filter.statement(db, after: page.after, limit: page.limit + 1, now: words.now)
      let blocked = try ErasedNumbers.blocker(db)
      let found = try Deadline.run(db, milliseconds: mostMilliseconds) {
        try Row.fetchAll(db, sql: sql, arguments: arguments)
      }
      guard let rows = found else {
        throw Refusal.invalid("q", "takes too long to find one by one; save it as an audience and read its count")
      }
      let people = try rows.prefix(page.limit).map { try person($0, base, words, isBlocked: blocked) }
      let tags = try String.fetchAll(db.cachedStatement(sql: "SELECT name FROM tags ORDER BY folded LIMIT 500"))
      let audiences = try Row.fetchAll(
        db.cachedStatement(sql: "SELECT id, name FROM audiences ORDER BY name LIMIT 500"))
      let query = call.request.queryForm.filter { $0.name != "cursor" && $0.name != "done" && !$0.value.isEmpty }
      return ContactListPage(
        title: words("Contacts"), people: people, hasPeople: !people.isEmpty,
        isEmpty: people.isEmpty && query.isEmpty && page.isFirst,
        total: words.number(try PeopleReport.contacts(db)),
        words: visit.query("q") ?? "", tags: tags.map { Choice($0, $0, chosen: visit.query("tag")) },
        audiences: audiences.map { Choice(String($0["id"] as Int64), $0["name"], chosen: visit.query("audience")) },
        isFiltered: !query.isEmpty,
        csv: "/api/v1/tenants/\(call.subject.lease.tenant)/contacts.csv"
          + (query.isEmpty ? "" : "?" + FormBody.encoded(query)),
        pager: Pager(visit, next: page.next(after: rows.map { $0["id"] })), mayEdit: visit.may(.editContacts),
        mayImport: visit.may(.runImports), bulk: try bulk(db, visit, filter, hasPeople: !people.isEmpty))
    }
  }

  private static func bulk(
    _ db: Database, _ visit: Visit<Runtime>, _ filter: ContactFilter, hasPeople: Bool
  ) throws -> Bulk? {
    guard visit.may(.editContacts), hasPeople else { return nil }
    let isOpen = visit.typed.contains { $0.name == "action" }
    let tag = visit.field("tag", nil)
    guard let rules = filter.rules else { return Bulk(count: "", rule: nil, newTag: tag, isOpen: isOpen) }
    let rule: JSON = rules.count > 1 ? ["all": .list(rules)] : rules.first ?? ["all": true]
    let (count, isExact) =
      rules.isEmpty
      ? (try PeopleReport.contacts(db), true)
      : try AudienceCount.number(db, try AudienceRule(rule, at: "audience"), now: visit.words.now)
    let people = visit.words(count, one: "{0} person", many: "{0} people")
    return Bulk(
      count: isExact ? people : visit.words("about {0}", people), rule: rule.serialized, newTag: tag, isOpen: isOpen)
  }

  private static func person(
    _ row: Row, _ base: String, _ words: Words, isBlocked: (PhoneNumber) throws -> Bool
  ) throws -> Person {
    let phone = row["phone"] as PhoneNumber
    let name = PersonName(row["first_name"], row["last_name"], phone: words.phone(phone))
    return Person(
      path: "\(base)/\(row["id"] as Int64)", name: name.text, initials: name.initials, hue: name.hue,
      phone: words.phone(phone), email: row["email"],
      tags: row.document("tags").list?.compactMap(\.text).prefix(4).map { $0 } ?? [],
      isOptedOut: try (row["do_not_contact"] as Bool) || isBlocked(phone), added: words.short(row["created_at"]))
  }
}

/// How a person is called on pages, and what stands in their place where there is no picture.
struct PersonName: Sendable {
  let text: String
  let initials: String
  /// One of eight colours, always the same for the same name.
  let hue: String

  init(_ first: String?, _ last: String?, phone: String) {
    let parts = [first, last].compactMap { $0 }.filter { !$0.trimmed.isEmpty }
    text = parts.isEmpty ? phone : parts.joined(separator: " ")
    let letters = parts.compactMap { part in part.first { $0.isLetter || $0.isNumber } }.map { String($0).uppercased() }
    initials = letters.isEmpty ? "+1" : letters.prefix(2).joined()
    let sum = text.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xFFFF }
    hue = "h\(sum % 8 + 1)"
  }
}
