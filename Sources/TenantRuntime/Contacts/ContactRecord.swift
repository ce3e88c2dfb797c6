import GRDB

/// Everything the tenant holds about one person, for that person.
enum ContactRecord {
  /// One of its lists, oldest entries first.
  struct List: Sendable {
    let name: String
    /// Of one number of the person.
    fileprivate let sql: String
    fileprivate let bounds: @Sendable (PersonNumber) -> StatementArguments
    /// What its rows are ordered by, each by one of its own: as the statement says it, and as the row has it.
    fileprivate let order: (sql: String, column: String)
    fileprivate let json: @Sendable (Row) -> JSON
  }

  /// Where a list goes on: behind a row of one of the person's numbers, which follow each other.
  struct Place: Sendable {
    fileprivate var number = 0
    fileprivate var after = Int64.min
  }

  /// So many rows are in memory at once, of texts of 1,600 characters.
  static let rowsAtOnce = 1_000

  static let lists = [
    List(
      name: "consents", sql: "SELECT * FROM \(ConsentRoutes.statements) WHERE phone = ? AND no > ? AND no <= ?",
      bounds: { [$0.phone, $0.consentsAfter, $0.consentsThrough] }, order: ("no", "no"), json: ConsentRoutes.consent),
    List(
      name: "do_not_contact", sql: "SELECT * FROM do_not_contact WHERE phone = ? AND ?",
      bounds: { [$0.phone, !$0.isAnothers] }, order: ("phone", "phone"), json: ConsentRoutes.doNotContact),
    List(
      name: "messages", sql: "SELECT * FROM messages WHERE \(PersonNumber.during)", bounds: { $0.bounds },
      order: ("id", "id"), json: message),
    List(
      name: "clicks",
      sql: """
        SELECT h.id, h.at, l.target, h.verdict, ifnull(c.user_agent, '') AS user_agent, h.address
        FROM link_hits h JOIN short_links l ON l.id = h.short_link_id LEFT JOIN hit_clients c ON c.id = h.client_id
        WHERE h.id IN (SELECT hit_id FROM link_hits_of_jobs WHERE send_job_id IN (SELECT id FROM send_jobs WHERE \(SendJob.claimedDuring)))
        """, bounds: { $0.bounds }, order: ("h.id", "id"), json: click),
    List(
      name: "events", sql: "SELECT * FROM events WHERE \(PersonNumber.during)", bounds: { $0.bounds },
      order: ("id", "id"), json: event),
  ]

  /// What stands before the lists, and the numbers that they are of, the oldest first.
  static func head(_ db: Database, contact id: Int64) throws -> (members: [(String, JSON)], numbers: [PersonNumber]) {
    let row = try ContactJSON.find(db, id)
    let numbers = try PersonNumber.all(db, contact: id, phone: row["phone"])
    return (
      [
        ("contact", try ContactJSON.json(row, try ContactField.all(db))),
        ("former_numbers", .list(numbers.dropFirst().map { .phone($0.phone) })),
      ], numbers.reversed()
    )
  }

  /// The next entries of a list, and where it goes on; nil: they are its last. Who is erased meanwhile has no record: half of one would look
  /// whole.
  static func page(
    _ db: Database, _ list: List, contact id: Int64, of numbers: [PersonNumber], at place: Place,
    atMost: Int = rowsAtOnce
  ) throws -> (entries: [JSON], next: Place?) {
    _ = try ContactJSON.find(db, id)
    guard numbers.indices.contains(place.number) else { return ([], nil) }
    let rows = try Row.fetchAll(
      db, sql: "\(list.sql) AND \(list.order.sql) > ? ORDER BY \(list.order.sql) LIMIT \(atMost)",
      arguments: list.bounds(numbers[place.number]) + [place.after])
    var next = place
    if rows.count == atMost, let last = rows.last {
      next.after = last[list.order.column]
    } else {
      next = Place(number: place.number + 1)
    }
    return (rows.map(list.json), numbers.indices.contains(next.number) ? next : nil)
  }

  private static func message(_ row: Row) -> JSON {
    [
      "at": row.moment("at"), "direction": row.text("direction"), "number": row.phone("number"),
      "body": row.text("body"),
    ]
  }

  private static func click(_ row: Row) -> JSON {
    [
      "at": row.moment("at"), "target": row.text("target"), "verdict": row.text("verdict"),
      "user_agent": row.text("user_agent"), "address": row.text("address"),
    ]
  }

  /// What happened between the tenant and this person, oldest first.
  static func events(_ db: Database, contact: Row, after id: Int64, atMost: Int) throws -> [(id: Int64, json: JSON)] {
    let found = try PersonNumber.all(db, contact: contact["id"], phone: contact["phone"]).flatMap { number in
      try Row.fetchAll(
        db, sql: "SELECT * FROM events WHERE \(PersonNumber.during) AND id > ? ORDER BY id LIMIT ?",
        arguments: number.bounds + [id, atMost])
    }
    return found.map { (id: $0["id"] as Int64, json: event($0)) }.sorted { $0.id < $1.id }.prefix(atMost).map(\.self)
  }

  /// The same, newest first.
  static func latestEvents(_ db: Database, contact: Row, before id: Int64, atMost: Int) throws -> [(
    id: Int64, json: JSON
  )] {
    let found = try PersonNumber.all(db, contact: contact["id"], phone: contact["phone"]).flatMap { number in
      try Row.fetchAll(
        db, sql: "SELECT * FROM events WHERE \(PersonNumber.during) AND (?4 = 0 OR id < ?4) ORDER BY id DESC LIMIT ?5",
        arguments: number.bounds + [id, atMost])
    }
    return found.map { (id: $0["id"] as Int64, json: event($0)) }.sorted { $0.id > $1.id }.prefix(atMost).map(\.self)
  }

  /// What was stated about the numbers of a person, newest first.
  static func statements(_ db: Database, contact: Row, atMost: Int) throws -> [JSON] {
    let found = try PersonNumber.all(db, contact: contact["id"], phone: contact["phone"]).flatMap { number in
      try Row.fetchAll(
        db.cachedStatement(
          sql:
            "SELECT * FROM \(ConsentRoutes.statements) WHERE phone = ? AND no > ? AND no <= ? ORDER BY no DESC LIMIT ?"),
        arguments: [number.phone, number.consentsAfter, number.consentsThrough, atMost])
    }
    return found.sorted { ($0["at"] as Moment) > ($1["at"] as Moment) }.prefix(atMost).map(ConsentRoutes.consent)
  }

  static func event(_ row: Row) -> JSON {
    var members: [(String, JSON)] = [("at", row.moment("at")), ("type", row.text("type"))]
    if let campaign = row["campaign_id"] as Int64? { members.append(("campaign_id", .int(campaign))) }
    members += row.document("data").members ?? []
    return .object(members)
  }
}
