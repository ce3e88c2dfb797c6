import GRDB

/// One person: who they are, whether they may be texted and why not, what happened.
struct ContactPage: Page {
  static let template = "contact"

  struct Fact: Sendable {
    let name: String
    let value: String
  }

  struct Talk: Sendable {
    let path: String
    let number: String
    let state: String
    let unread: String?
  }

  let title: String
  let id: String
  let name: PersonName
  let phone: String
  let formerNumbers: [String]
  let facts: [Fact]
  let tags: [PageLink]
  let hasTags: Bool
  let standing: ContactStanding
  let talks: [Talk]
  let hasTalks: Bool
  let happenings: [Happening]
  let born: Happening?
  let pager: Pager?
  let form: ContactForm
  let etag: String
  let record: String
  let mayEdit: Bool
  let mayEditConsent: Bool
  let mayReadMessages: Bool

  private static let shown = 30

  @Sendable static func make(_ visit: Visit<Runtime>) async throws -> any Page {
    let (call, words) = (visit.call, visit.words)
    let id = try visit.id(of: "contact")
    let page = try PageRequest(call, shown: shown)
    return try await call.subject.file.read { db in
      let row = try ContactJSON.find(db, id)
      let phone: PhoneNumber = row["phone"]
      let name = visit.person(row)
      let kinds = try ContactField.all(db)
      let events = try ContactRecord.latestEvents(db, contact: row, before: page.after, atMost: page.limit + 1)
      let names = try Happening.campaigns(db, events.map(\.json))
      let next = page.next(after: events.map(\.id))
      let imported: Int64? = row["import_id"]
      let tags = (row.document("tags").list?.compactMap(\.text) ?? []).map {
        PageLink(name: $0, path: "\(visit.base)/contacts?" + FormBody.encoded([(name: "tag", value: $0)]))
      }
      let numbers = try PersonNumber.all(db, contact: id, phone: phone)
      let talks = try Conversation.all(db, with: phone).map { talk in
        Talk(
          path: "\(visit.base)/inbox/\(talk.id)", number: words.phone(talk.number),
          state: words.name(talk.state.rawValue),
          unread: talk.unread > 0 ? words.number(talk.unread) : nil)
      }
      return ContactPage(
        title: name.text, id: String(id), name: name, phone: words.phone(phone),
        formerNumbers: numbers.dropFirst().map { words.phone($0.phone) }, facts: facts(row, kinds, words), tags: tags,
        hasTags: !tags.isEmpty, standing: try ContactStanding(db, row, visit), talks: talks, hasTalks: !talks.isEmpty,
        happenings: events.prefix(page.limit).map { Happening($0.json, names, visit) },
        born: next == nil ? Happening(bornAt: row["created_at"], byImport: imported, visit) : nil,
        pager: Pager(visit, next: next), form: ContactForm(row, kinds, visit),
        etag: visit.field(
          "_etag", EntityTag(of: try ContactJSON.json(row, kinds, ErasedNumbers.blocker(db)).serialized.utf8).text),
        record: "\(visit.api)/contacts/\(id)/record", mayEdit: visit.may(.editContacts),
        mayEditConsent: visit.may(.editConsent), mayReadMessages: visit.may(.readMessages))
    }
  }

  /// What is known, in the order in which people ask for it.
  static func facts(_ row: Row, _ kinds: [String: ContactField.Kind], _ words: Words) -> [Fact] {
    var facts: [Fact] = []
    func add(_ name: String, _ value: String?) {
      if let value, !value.isEmpty { facts.append(Fact(name: name, value: value)) }
    }
    add(words("E-mail"), row["email"])
    add(words("Language"), row["language"])
    add(words("Time zone"), (row["time_zone"] as String?)?.replacing("_", with: " "))
    for (name, value) in ContactField.values(row["fields"]).sorted(by: { $0.key < $1.key }) {
      add(fieldName(name), kinds[name] == .boolean ? (value == "true" ? words("Yes") : words("No")) : value)
    }
    add(words("Notes"), row["notes"])
    return facts
  }

  /// `last_visit` → `Last visit`
  static func fieldName(_ name: String) -> String { name.replacing("_", with: " ").capitalizedFirst }
}

/// The fields of a contact as a form.
struct ContactForm: Sendable {
  struct Custom: Sendable {
    let name: String
    let label: String
    let value: String
    let type: String
    let isChoice: Bool
    let isYes: Bool
    let isNo: Bool
  }

  let phone: String
  let firstName: String
  let lastName: String
  let email: String
  let timeZone: String
  let language: String
  let notes: String
  let tags: String
  let custom: [Custom]
  let hasCustom: Bool
  /// What was typed was refused, so the form is open.
  let isOpen: Bool

  init(_ row: Row?, _ kinds: [String: ContactField.Kind], _ visit: Visit<Runtime>) {
    func kept(_ name: String) -> String { visit.field(name, row?[name] as String?) }
    phone = visit.field("phone", row.map { visit.words.phone($0["phone"]) })
    (firstName, lastName, email) = (kept("first_name"), kept("last_name"), kept("email"))
    (timeZone, language, notes) = (kept("time_zone"), kept("language"), kept("notes"))
    tags = visit.field(
      "tags:words", row?.document("tags").list?.compactMap(\.text).joined(separator: ", "))
    let values = row.map { ContactField.values($0["fields"]) } ?? [:]
    custom = kinds.sorted { $0.key < $1.key }.map { name, kind in
      let value = visit.field("fields.\(name)", values[name])
      return Custom(
        name: "fields.\(name)", label: ContactPage.fieldName(name), value: value, type: kind == .date ? "date" : "text",
        isChoice: kind == .boolean, isYes: value == "true", isNo: value == "false")
    }
    hasCustom = !custom.isEmpty
    isOpen = visit.query("edit") != nil || visit.typed.contains { $0.name == "first_name" }
  }
}
