import GRDB

/// Everything the tenant holds about one person, for that person.
enum ContactRecord {
  /// A longer history than this is not one person's.
  private static let most = 5_000

  static func whole(_ db: Database, contact id: Int64) throws -> JSON {
    let row = try ContactJSON.find(db, id)
    let phone: PhoneNumber = row["phone"]
    func rows(_ sql: String, _ json: (Row) -> JSON) throws -> JSON {
      .list(try Row.fetchAll(db, sql: sql + " LIMIT \(most)", arguments: [phone]).map(json))
    }
    return [
      "contact": try ContactJSON.json(row, try ContactField.all(db)),
      "consents": try rows("SELECT * FROM consents WHERE phone = ? ORDER BY no", ConsentRoutes.consent),
      "do_not_contact": try rows("SELECT * FROM do_not_contact WHERE phone = ?", ConsentRoutes.doNotContact),
      "messages": try rows("SELECT * FROM messages WHERE phone = ? ORDER BY id") { row in
        [
          "at": row.moment("at"), "direction": row.text("direction"), "number": row.phone("number"),
          "body": row.text("body"),
        ]
      },
      "clicks": try rows(
        """
        SELECT h.at, l.target, h.verdict, ifnull(c.user_agent, '') AS user_agent, h.address
        FROM link_hits h JOIN short_links l ON l.id = h.short_link_id LEFT JOIN hit_clients c ON c.id = h.client_id
        WHERE h.id IN (
          SELECT hit_id FROM link_hits_of_jobs
          WHERE send_job_id IN (SELECT id FROM send_jobs WHERE phone = ? AND claimed_at IS NOT NULL)) ORDER BY h.id
        """
      ) { row in
        [
          "at": row.moment("at"), "target": row.text("target"), "verdict": row.text("verdict"),
          "user_agent": row.text("user_agent"), "address": row.text("address"),
        ]
      },
      "events": try rows("SELECT * FROM events WHERE phone = ? ORDER BY id", event),
    ]
  }

  static func event(_ row: Row) -> JSON {
    var members: [(String, JSON)] = [("at", row.moment("at")), ("type", row.text("type"))]
    if let campaign = row["campaign_id"] as Int64? { members.append(("campaign_id", .int(campaign))) }
    members += row.document("data").members ?? []
    return .object(members)
  }
}
