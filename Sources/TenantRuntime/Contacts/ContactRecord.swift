import GRDB

/// Everything the tenant holds about one person, for that person.
enum ContactRecord {
  /// A longer history than this is not one person's.
  private static let most = 5_000

  static func whole(_ db: Database, contact id: Int64) throws -> JSON {
    let row = try ContactJSON.find(db, id)
    let numbers = try PersonNumber.all(db, contact: id, phone: row["phone"])
    // Oldest first: numbers follow each other.
    func rows(
      _ sql: String, _ bounds: (PersonNumber) -> StatementArguments = { $0.bounds }, order: String,
      _ json: (Row) -> JSON
    ) throws -> JSON {
      let rows = try numbers.reversed().flatMap { number in
        try Row.fetchAll(db, sql: "\(sql) ORDER BY \(order) LIMIT \(most)", arguments: bounds(number))
      }
      return .list(rows.prefix(most).map(json))
    }
    return [
      "contact": try ContactJSON.json(row, try ContactField.all(db)),
      "former_numbers": .list(numbers.dropFirst().map { .phone($0.phone) }),
      "consents": try rows(
        "SELECT * FROM consents WHERE phone = ? AND no > ? AND no <= ?",
        { [$0.phone, $0.consentsAfter, $0.consentsThrough] }, order: "no", ConsentRoutes.consent),
      "do_not_contact": try rows(
        "SELECT * FROM do_not_contact WHERE phone = ? AND ?", { [$0.phone, !$0.isAnothers] }, order: "phone",
        ConsentRoutes.doNotContact),
      "messages": try rows("SELECT * FROM messages WHERE \(PersonNumber.during)", order: "id") { row in
        [
          "at": row.moment("at"), "direction": row.text("direction"), "number": row.phone("number"),
          "body": row.text("body"),
        ]
      },
      "clicks": try rows(
        """
        SELECT h.at, l.target, h.verdict, ifnull(c.user_agent, '') AS user_agent, h.address
        FROM link_hits h JOIN short_links l ON l.id = h.short_link_id LEFT JOIN hit_clients c ON c.id = h.client_id
        WHERE h.id IN (SELECT hit_id FROM link_hits_of_jobs WHERE send_job_id IN (SELECT id FROM send_jobs WHERE \(SendJob.claimedDuring)))
        """, order: "h.id"
      ) { row in
        [
          "at": row.moment("at"), "target": row.text("target"), "verdict": row.text("verdict"),
          "user_agent": row.text("user_agent"), "address": row.text("address"),
        ]
      },
      "events": try rows("SELECT * FROM events WHERE \(PersonNumber.during)", order: "id", event),
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
        db, sql: "SELECT * FROM consents WHERE phone = ? AND no > ? AND no <= ? ORDER BY no DESC LIMIT ?",
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
