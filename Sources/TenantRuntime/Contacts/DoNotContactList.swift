import GRDB
import Hummingbird

/// Numbers that may not be texted, newest first: for people who look for one, or for what came from somewhere.
struct DoNotContactList: Sendable {
  struct Entry: Sendable {
    let phone: PhoneNumber
    let source: String
    let since: Moment
    /// Who has the number, where that is a contact.
    let contact: Int64?
    let firstName: String?
    let lastName: String?
  }

  /// Digits of the number, in the order in which they stand in it.
  var digits: String?
  var source: String?
  var since: Moment?

  static let shown = 50
  /// Of a list of many hundred thousand.
  private static let mostMilliseconds = 1_000

  func page(_ db: Database, _ call: Call<Runtime>) throws -> (entries: [Entry], next: String?) {
    let cursor = Cursor(of: call)
    let seen = try call.query("cursor").map { try cursor.values($0, count: 2) }
    var conditions = ["1"]
    var arguments: StatementArguments = []
    if let digits, !digits.isEmpty {
      conditions.append("instr(CAST(d.phone AS TEXT), ?) > 0")
      arguments += [digits]
    }
    if let source {
      conditions.append("d.source = ?")
      arguments += [source]
    }
    if let since {
      conditions.append("d.since >= ?")
      arguments += [since]
    }
    if let seen {
      conditions.append("(d.since, d.phone) < (?, ?)")
      arguments += [seen[0], seen[1]]
    }
    let sql = """
      SELECT d.phone, d.source, d.since, c.id, c.first_name, c.last_name FROM do_not_contact d
      LEFT JOIN contacts c ON c.phone = d.phone WHERE \(conditions.joined(separator: " AND "))
      ORDER BY d.since DESC, d.phone DESC LIMIT \(Self.shown + 1)
      """
    let found = try Deadline.run(db, milliseconds: Self.mostMilliseconds) {
      try Row.fetchAll(db, sql: sql, arguments: arguments)
    }
    guard let rows = found else {
      throw Refusal.invalid("phone", "takes too long to look for; type more of the number")
    }
    let entries = rows.prefix(Self.shown).map { row in
      Entry(
        phone: row["phone"], source: row["source"], since: row["since"], contact: row["id"],
        firstName: row["first_name"], lastName: row["last_name"])
    }
    let last = rows.count > Self.shown ? entries.last : nil
    return (entries, last.map { cursor.text([$0.since.milliseconds, $0.phone.digits]) })
  }

  static func count(_ db: Database) throws -> Int64 {
    try Int64.fetchOne(db.cachedStatement(sql: "SELECT count(*) FROM do_not_contact")) ?? 0
  }

  /// How opt-outs came, as far as there are any.
  static func sources(_ db: Database) throws -> [String] {
    try String.fetchAll(db.cachedStatement(sql: "SELECT DISTINCT source FROM do_not_contact ORDER BY source LIMIT 50"))
  }
}
