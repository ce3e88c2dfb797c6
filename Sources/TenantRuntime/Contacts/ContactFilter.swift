import GRDB
import Hummingbird
import HummingbirdCore

/// What `GET contacts` and `GET contacts.csv` are asked for.
struct ContactFilter: Sendable {
  private var phone: PhoneNumber?
  private var words: String?
  private var tag: String?
  private var email: String?
  private var fields: [(name: String, value: String)] = []
  private var audience: Int64?

  init(_ call: Call<Runtime>) throws {
    let given = call.request.queryForm
    if let text = call.request.query("phone") {
      // A plus that was not escaped in the query arrives as a space.
      guard let phone = PhoneNumber(person: "+" + text.drop { $0 == " " || $0 == "+" }) else {
        throw Refusal.invalid("phone", "must be an E.164 number like +14155550123")
      }
      self.phone = phone
    }
    if let typed = call.query("q") {
      guard typed.unicodeScalars.count <= 200, let expression = ContactSearch.expression(typed) else {
        throw Refusal.invalid("q", "must hold a word, and at most 200 characters")
      }
      words = expression
    }
    tag = call.query("tag")
    email = call.query("email")?.lowercased()
    for (name, value) in given where name.hasPrefix("field.") {
      guard fields.count < 10, value.unicodeScalars.count <= ContactField.longestValue else {
        throw Refusal.invalid(name, "is too long, or there are more than ten")
      }
      fields.append((String(name.dropFirst(6)), value))
    }
    if let text = call.query("audience") {
      guard let id = Int64(text), id > 0 else { throw Refusal.invalid("audience", "must be the id of an audience") }
      audience = id
    }
  }

  /// The same people as rules of an audience, all of which must hold; none: everybody; nil: no rule says it.
  var rules: [JSON]? {
    guard phone == nil, words == nil, email == nil, fields.isEmpty else { return nil }
    return (tag.map { [["tag": .text($0)]] } ?? []) + (audience.map { [["id": .int($0)]] } ?? [])
  }

  /// Whether the index of words is needed.
  var searches: Bool { words != nil || email != nil || !fields.isEmpty }

  /// The narrowest index drives: words, then a tag, else the ids. Everything comes in the order of ids, so that a page is a range.
  /// - Parameter through: the last id that is looked at.
  func statement(
    _ db: Database, after: Int64, through: Int64 = .max, limit: Int, now: Moment
  ) throws -> (sql: String, arguments: StatementArguments) {
    var conditions: [String] = []
    var arguments: StatementArguments = []
    func add(_ condition: String, _ values: StatementArguments) {
      conditions.append(condition)
      arguments += values
    }
    let terms = terms
    var source = "contacts c"
    var order = "c.id"
    if !terms.isEmpty {
      source = "contact_search CROSS JOIN contacts c ON c.id = contact_search.rowid"
      order = "contact_search.rowid"
      add("contact_search MATCH ?", [terms.joined(separator: " AND ")])
    } else if tag != nil, phone == nil {
      source = "contact_tags g CROSS JOIN contacts c ON c.id = g.contact_id"
      order = "g.contact_id"
    }
    add("\(order) > ?", [after])
    if through != .max { add("\(order) <= ?", [through]) }
    if let phone { add("c.phone = ?", [phone]) }
    // Words narrow, the columns themselves decide.
    if let email { add("c.email = ?", [email]) }
    for (name, value) in fields { add("json_extract(c.fields, '$.' || json_quote(?)) = ?", [name, value]) }
    if let tag {
      add(
        source.hasPrefix("contact_tags")
          ? "g.tag_id = \(Tag.id)"
          : "EXISTS (SELECT 1 FROM contact_tags x WHERE x.contact_id = c.id AND x.tag_id = \(Tag.id))",
        [Tag.folded(tag)])
    }
    if let audience {
      let rule = try AudienceRule.saved(audience).compiled(db, now: now)
      add("(\(rule.sql))", rule.arguments)
    }
    let select = ContactJSON.select(from: source)
    return ("\(select) WHERE \(conditions.joined(separator: " AND ")) ORDER BY \(order) LIMIT \(limit)", arguments)
  }

  private var terms: [String] {
    // A mail provider's name is in every second address: the part before it narrows.
    let mailbox = email.map { $0.split(separator: "@").first.map(String.init) ?? $0 }
    let whole = ([mailbox] + fields.map { Optional($0.value) }).compactMap { $0.flatMap(ContactSearch.wholeWords) }
    return [words].compactMap { $0 } + whole
  }
}
