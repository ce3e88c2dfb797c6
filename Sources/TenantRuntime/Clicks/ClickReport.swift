package import GRDB

/// A link in figures, read from the roll-ups alone, and the hits behind them. Bots are apart, and shown.
package enum ClickReport {
  /// A report shows so many hours that had hits, the latest ones.
  private static let mostHours = 1_000

  /// `{link, clicks: {human, bot, people}, unknown_clicks, by_hour: [{hour, human_clicks, bot_clicks, unknown_clicks, people}]}`.
  /// People are distinct: in all by their first click, in an hour within it.
  package static func whole(_ db: Database, link: Int64) throws -> JSON {
    guard
      let row = try Row.fetchOne(
        db, sql: "SELECT l.*, \(ShortLink.variantName) FROM short_links l WHERE l.id = ?", arguments: [link])
    else {
      throw Refusal.notFound("There is no such link.")
    }
    let sums = try Row.fetchOne(
      db, sql: "SELECT \(sums) FROM link_figures f WHERE short_link_id = ?", arguments: [link])
    let hours = try Row.fetchAll(
      db, sql: "SELECT * FROM link_figures WHERE short_link_id = ? ORDER BY hour DESC LIMIT \(mostHours)",
      arguments: [link])
    return .object(
      [
        (
          "link",
          [
            "id": row.int("id"), "campaign_id": row.int("campaign_id"), "number": row.int("number"),
            "variant": row.text("variant_name"), "target": row.text("target"), "created_at": row.moment("created_at"),
          ]
        )
      ] + (sums.map(clicks) ?? []) + [("by_hour", .list(hours.reversed().map(hour)))])
  }

  /// Each link of a campaign's text.
  package static func byLink(_ db: Database, campaign: Int64) throws -> JSON {
    .list(
      try Row.fetchAll(
        db,
        sql: """
          SELECT l.id, l.number, l.target, \(ShortLink.variantName), \(sums) FROM short_links l LEFT JOIN link_figures f ON f.short_link_id = l.id
          WHERE l.campaign_id = ? GROUP BY l.id ORDER BY l.number
          """, arguments: [campaign]
      ).map { row in
        .object(
          [
            ("link_id", row.int("id")), ("number", row.int("number")), ("variant", row.text("variant_name")),
            ("target", row.text("target")),
          ] + clicks(row))
      })
  }

  private static let sums = """
    ifnull(sum(f.human), 0) AS human, ifnull(sum(f.bot), 0) AS bot, ifnull(sum(f.unknown), 0) AS unknown,
    ifnull(sum(f.first_people), 0) AS people
    """

  private static func clicks(_ row: Row) -> [(String, JSON)] {
    [
      ("clicks", ["human": row.int("human"), "bot": row.int("bot"), "people": row.int("people")]),
      ("unknown_clicks", row.int("unknown")),
    ]
  }

  private static func hour(_ row: Row) -> JSON {
    [
      "hour": row.moment("hour"), "human_clicks": row.int("human"), "bot_clicks": row.int("bot"),
      "unknown_clicks": row.int("unknown"), "people": row.int("people"),
    ]
  }

  static func hit(_ row: Row) -> JSON {
    let reasons = (row["reasons"] as String).split(separator: ",").map { JSON.text(String($0)) }
    return [
      "id": row.int("id"), "at": row.moment("at"), "verdict": row.text("verdict"), "reasons": .list(reasons),
      "method": row.text("method"), "user_agent": .text(row["user_agent"] ?? ""), "address": row.text("address"),
      "send_job_id": row.int("send_job_id"),
    ]
  }
}
