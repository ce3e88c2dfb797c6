import GRDB

/// One conversation: its texts, the newest at the bottom, and who it is with.
struct InboxThread: Sendable {
  struct Text: Sendable {
    let day: String?
    let id: String
    let isOurs: Bool
    let body: Drawing
    let said: String
    let isFailed: Bool
    let campaign: Origin?
    let pictures: [Picture]
    let isReaction: Bool
  }

  struct Origin: Sendable {
    let name: String
    let path: String
  }

  struct Picture: Sendable {
    let path: String?
    let name: String
    let isImage: Bool
  }

  struct Review: Sendable {
    let id: String
    let due: String
    /// Where the text itself is not shown.
    let quote: Drawing
    let hasQuote: Bool
  }

  struct Canned: Sendable {
    let path: String
    let name: String
    let body: String
  }

  struct Fact: Sendable {
    let name: String
    let value: String
  }

  let id: String
  let name: String
  let initials: String
  let hue: String
  let phone: String
  let number: String
  let contactPath: String?
  let contactNew: String?
  let older: String?
  let texts: [Text]
  let review: Review?
  let canAnswer: Bool
  let whyNot: String?
  let optedOut: String?
  let isOpen: Bool
  let assignee: String?
  let mine: String
  let isMine: Bool
  let members: [Choice]
  let canned: [Canned]
  let hasCanned: Bool
  let draft: String
  let facts: [Fact]
  let tags: [String]
  let tagsField: String
  let hasUnread: Bool
  let mayWrite: Bool
  let mayDecide: Bool

  private static let shown: Int = 60

  init(_ db: Database, _ id: Int64, _ visit: Visit<Runtime>) throws {
    let words = visit.words
    guard let row = try Row.fetchOne(db, sql: "\(ConversationJSON.select) WHERE v.id = ?", arguments: [id]) else {
      throw Refusal.notFound("There is no such conversation.")
    }
    let person: PhoneNumber = row["phone"]
    let sender = row["sender"] as String?
    let base = "/t/\(visit.subject.lease.tenant)"
    let shownPhone = sender ?? words.phone(person)
    let called = PersonName(row["first_name"], row["last_name"], phone: shownPhone)
    self.id = String(id)
    (name, initials, hue, phone) = (called.text, called.initials, called.hue, shownPhone)
    number = words.phone(row["number"])
    let contact = row["contact_id"] as Int64?
    contactPath = contact.map { "\(base)/contacts/\($0)" }
    contactNew =
      contact == nil && sender == nil && visit.may(.editContacts) ? "\(base)/contacts/new?phone=\(person.digits)" : nil
    let before = visit.query("before").flatMap(Int64.init) ?? .max
    let rows = try Row.fetchAll(
      db,
      sql:
        "\(MessageJSON.select) WHERE m.phone = ? AND m.number = ? AND m.id < ? ORDER BY m.id DESC LIMIT \(Self.shown + 1)",
      arguments: [person, row["number"] as PhoneNumber, before])
    older = rows.count > Self.shown ? "\(base)/inbox/\(id)?before=\(rows[Self.shown - 1]["id"] as Int64)" : nil
    let open = try Row.fetchOne(
      db.cachedStatement(sql: "SELECT * FROM opt_out_reviews WHERE phone = ? AND decided_at IS NULL"),
      arguments: [person])
    let marks = try open.map { _ in DecidingWords(languages: Set(try TenantSettings.read(db).languages)) }
    let asked = open?["message_id"] as Int64?
    texts = try Self.texts(db, rows.prefix(Self.shown).reversed(), base, words) { body, message in
      message == asked ? marks?.marked(body) : nil
    }
    let isShown = rows.prefix(Self.shown).contains { ($0["id"] as Int64) == asked }
    review = open.map {
      Review(
        id: String($0["id"] as Int64), due: words.legalDay($0["due_at"]),
        quote: marks?.marked($0["text"]) ?? Drawing(""), hasQuote: !isShown)
    }
    let block = try Row.fetchOne(
      db.cachedStatement(sql: "SELECT * FROM do_not_contact WHERE phone = ?"), arguments: [person])
    optedOut = block.map { words("Opted out {0}, by {1}.", words.day($0["since"]), words.method($0["source"])) }
    let isErased = try ErasedNumbers.blocker(db)(person)
    canAnswer = sender == nil && block == nil && !isErased && visit.may(.writeMessages)
    whyNot =
      sender != nil
      ? words("Nobody can answer a short code or a name.")
      : isErased ? words("This person was erased, and is not texted any more.") : nil
    isOpen = (row["state"] as String) == "open"
    assignee = row["assignee"]
    mine = visit.call.caller.signIn?.email ?? ""
    isMine = assignee != nil && assignee == mine
    let known = try String.fetchAll(
      db,
      // Of the latest ones: all of them are too many to look through for a list of names.
      sql: """
        SELECT DISTINCT assignee FROM (SELECT assignee FROM conversations ORDER BY last_message_at DESC, id DESC LIMIT 500)
        WHERE assignee IS NOT NULL ORDER BY 1 LIMIT 50
        """)
    let whose = assignee
    members = Set(known + [mine]).filter { !$0.isEmpty }.sorted().map { Choice($0, $0, chosen: whose) }
    canned = try Row.fetchAll(
      db.cachedStatement(sql: "SELECT id, name, body FROM canned_replies ORDER BY name LIMIT 50")
    ).map {
      Canned(path: "\(base)/inbox/\(id)?canned=\($0["id"] as Int64)", name: $0["name"], body: $0["body"])
    }
    hasCanned = !canned.isEmpty
    let chosen = try visit.query("canned").flatMap(Int64.init).flatMap { id in
      try String.fetchOne(db.cachedStatement(sql: "SELECT body FROM canned_replies WHERE id = ?"), arguments: [id])
    }
    draft = visit.field("body", chosen)
    tags = row.document("tags").list?.compactMap(\.text) ?? []
    tagsField = tags.joined(separator: ", ")
    facts = try Self.facts(db, contact, words)
    hasUnread = (row["unread"] as Int64) > 0
    (mayWrite, mayDecide) = (visit.may(.writeMessages), visit.may(.editConsent))
  }

  private static func facts(_ db: Database, _ contact: Int64?, _ words: Words) throws -> [Fact] {
    guard let contact, let row = try Row.fetchOne(db, sql: "\(ContactJSON.select) WHERE c.id = ?", arguments: [contact])
    else { return [] }
    var facts: [Fact] = []
    if let email = row["email"] as String? { facts.append(Fact(name: words("E-mail"), value: email)) }
    let tags = row.document("tags").list?.compactMap(\.text) ?? []
    if !tags.isEmpty { facts.append(Fact(name: words("Tags"), value: tags.joined(separator: ", "))) }
    for (name, value) in ContactField.values(row["fields"]).sorted(by: { $0.key < $1.key }).prefix(12) {
      facts.append(Fact(name: name, value: value))
    }
    if let notes = row["notes"] as String? { facts.append(Fact(name: words("Notes"), value: notes)) }
    return facts
  }

  private static func texts(
    _ db: Database, _ rows: [Row], _ base: String, _ words: Words, marked: (String, Int64) -> Drawing?
  ) throws -> [Text] {
    let names = try Row.fetchAll(
      db.cachedStatement(sql: "SELECT id, name FROM campaigns WHERE id IN (SELECT value FROM json_each(?))"),
      arguments: [JSON.list(rows.compactMap { $0["campaign_id"] as Int64? }.map(JSON.int)).serialized])
    let campaigns = Dictionary(
      names.map { ($0["id"] as Int64, $0["name"] as String) }, uniquingKeysWith: { first, _ in first })
    var day = ""
    return rows.map { row in
      let at: Moment = row["at"]
      let today = words.day(at).capitalizedFirst
      defer { day = today }
      let isOurs = (row["direction"] as String) == "out"
      let state = row["job_state"] as String?
      let campaign = row["campaign_id"] as Int64?
      let isFailed = state == "failed" || state == "undelivered"
      var said = [words.clock(at)]
      if isOurs, let state { said.append(words.name(state)) }
      if isFailed, let reason = row["reason"] as String? { said.append(words.name(reason)) }
      return Text(
        day: today == day ? nil : today, id: String(row["id"] as Int64), isOurs: isOurs,
        body: marked(row["body"], row["id"]) ?? Drawing(Markup.escape(row["body"])),
        said: said.joined(separator: " · "),
        isFailed: isFailed,
        campaign: isOurs
          ? campaign.flatMap { id in campaigns[id].map { Origin(name: $0, path: "\(base)/campaigns/\(id)") } } : nil,
        pictures: pictures(row, base, words),
        isReaction: !isOurs && Reaction.isReaction(row["body"]))
    }
  }

  private static func pictures(_ row: Row, _ base: String, _ words: Words) -> [Picture] {
    let tenant = base.dropFirst("/t/".count)
    let message: Int64 = row["id"]
    return row.document("media").list?.map { media in
      let type = media["content_type"]?.text ?? ""
      let isThere = media["state"]?.text == "fetched"
      return Picture(
        path: isThere ? "/api/v1/tenants/\(tenant)/messages/\(message)/media/\(media["position"]?.int ?? 0)" : nil,
        name: isThere ? type : words("{0}, not fetched yet", type), isImage: isThere && type.hasPrefix("image/"))
    } ?? []
  }
}
