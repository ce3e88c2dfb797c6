import GRDB

/// What has a word or a number that somebody types, over all kinds of things: a few of each.
///
/// Contacts are found by their index. The others are few, as a tenant makes them by hand; they are looked through, newest first, for as long as
/// it is quick.
struct Finder {
  enum Kind: String, CaseIterable, Sendable {
    case contact, campaign, audience, link, number, template

    var needs: Permission {
      switch self {
      case .contact, .audience: .readContacts
      case .campaign, .number, .template: .readCampaigns
      case .link: .readLinks
      }
    }
  }

  static let most = 8
  static let longest = 200
  private static let mostMilliseconds = 5

  let typed: String
  private let words: [String]
  private let digits: String?

  /// Nil when there is no word in it.
  init?(_ typed: String) {
    self.typed = typed
    words = ContactSearch.words(typed: typed)
    digits = ContactSearch.digits(typed: typed)
    if words.isEmpty { return nil }
  }

  func find(_ db: Database, _ kind: Kind) throws -> [JSON] {
    switch kind {
    case .contact: try QuickSearch.contacts(db, typed, most: Self.most).map(Self.contact)
    case .number: try number(db)
    case .campaign:
      try lookThrough(db, "SELECT id, name, state FROM campaigns", ["name"]) { row in
        Self.entry(kind, row.int("id"), row["name"], row["state"])
      }
    case .audience:
      try lookThrough(db, "SELECT id, name, rule FROM audiences", ["name"]) { row in
        Self.entry(
          kind, row.int("id"), row["name"], try AudienceRule.read(stored: row["rule"]).map(AudienceExplanation.words))
      }
    case .link:
      try lookThrough(
        db, "SELECT id, name, slug, target FROM short_links", ["ifnull(name, '')", "ifnull(slug, '')", "target"]
      ) {
        row in Self.entry(kind, row.int("id"), row["name"] ?? row["slug"] ?? row["target"], row["target"])
      }
    case .template:
      try lookThrough(db, "SELECT id, name, body FROM message_templates", ["name", "body"]) { row in
        Self.entry(kind, row.int("id"), row["name"], String((row["body"] as String).prefix(100)))
      }
    }
  }

  private static func entry(_ kind: Kind, _ id: JSON, _ title: String, _ detail: String?) -> JSON {
    ["kind": .text(kind.rawValue), "id": id, "title": .text(title), "detail": .optional(detail)]
  }

  private static func contact(_ row: Row) -> JSON {
    let phone: PhoneNumber = row["phone"]
    let names = [row["first_name"] as String?, row["last_name"]].compactMap { $0 }.joined(separator: " ")
    let (email, number) = (row["email"] as String?, phone.description)
    return names.isEmpty
      ? entry(.contact, row.int("id"), email ?? number, email == nil ? nil : number)
      : entry(.contact, row.int("id"), names, [number, email].compactMap { $0 }.joined(separator: ", "))
  }

  private func number(_ db: Database) throws -> [JSON] {
    guard let digits else { return [] }
    return try Row.fetchAll(
      db,
      sql: """
        SELECT number, paused_reason FROM sending_numbers WHERE instr(CAST(number AS TEXT), ?) > 0 ORDER BY number
        LIMIT \(Self.most)
        """, arguments: [digits]
    ).map { row in
      Self.entry(
        .number, row.phone("number"), (row["number"] as PhoneNumber).description,
        (row["paused_reason"] as String?).map { "paused: \($0)" })
    }
  }

  /// Every word must stand somewhere in one of the texts.
  private func lookThrough(
    _ db: Database, _ select: String, _ texts: [String], _ json: (Row) throws -> JSON
  ) throws -> [JSON] {
    var arguments = StatementArguments()
    let conditions = words.map { word in
      "(" + texts.map { text in Self.condition(text, word, &arguments) }.joined(separator: " OR ") + ")"
    }
    var found: [JSON] = []
    _ = try Deadline.run(db, milliseconds: Self.mostMilliseconds) {
      let rows = try Row.fetchCursor(
        db, sql: "\(select) WHERE \(conditions.joined(separator: " AND ")) ORDER BY id DESC LIMIT \(Self.most)",
        arguments: arguments)
      while let row = try rows.next() { found.append(try json(row)) }
    }
    return found
  }

  /// SQLite knows the case of ASCII letters alone, and is much quicker with them.
  private static func condition(_ text: String, _ word: String, _ arguments: inout StatementArguments) -> String {
    arguments += [word.utf8.allSatisfy { $0 < 0x80 } ? "%\(word)%" : word]
    return word.utf8.allSatisfy { $0 < 0x80 } ? "\(text) LIKE ?" : "instr(swiftLowercaseString(\(text)), ?) > 0"
  }
}
