import GRDB

/// What a campaign is, as the log of claims keeps it: enough that a file put back from before the campaign was made can show it, count what it
/// has sent, and open its links.
enum CampaignRecord {
  private static let columns = ["name", "body", "variants", "purpose", "audience", "exclude", "numbers", "created_by"]

  static func read(_ db: Database, _ id: Int64) throws -> String {
    guard let row = try Row.fetchOne(db.cachedStatement(sql: "SELECT * FROM campaigns WHERE id = ?"), arguments: [id])
    else {
      return "{}"
    }
    let links = try Row.fetchAll(
      db.cachedStatement(
        sql: "SELECT number, variant, target, preview FROM short_links WHERE campaign_id = ? ORDER BY number"),
      arguments: [id]
    ).map { link -> JSON in
      [
        "number": link.int("number"), "variant": link.int("variant"), "target": link.text("target"),
        "preview": link.text("preview"),
      ]
    }
    return JSON.object(
      columns.map { ($0, row.text($0)) } + [("created_at", row.int("created_at")), ("links", .list(links))]
    ).serialized
  }

  /// Makes the campaign anew, ended: nothing more is texted from it.
  static func write(_ db: Database, _ id: Int64, _ record: String?, at: Moment) throws {
    let known = record.flatMap { try? JSON(parsing: $0) }
    func text(_ name: String, _ fallback: String) -> String { known?[name]?.text ?? fallback }
    try db.execute(
      sql: """
        INSERT INTO campaigns (id, name, body, variants, purpose, state, audience, exclude, numbers, created_by, created_at, started_at,
        completed_at, pause_reason, frozen) VALUES (?, ?, ?, ?, ?, 'cancelled', ?, ?, ?, ?, ?, ?, ?, ?, 1) ON CONFLICT DO NOTHING
        """,
      arguments: [
        id, text("name", "Campaign \(id)"), text("body", ""), known?["variants"]?.text, text("purpose", "marketing"),
        text("audience", #"{"all":true}"#), text("exclude", "[]"), text("numbers", "[]"), text("created_by", "restore"),
        known?["created_at"]?.int ?? at.milliseconds, at, at, "made after the copy that this file was restored from",
      ])
    for link in known?["links"]?.list ?? [] {
      try db.execute(
        sql: """
          INSERT INTO short_links (campaign_id, number, variant, target, preview, created_by, created_at, updated_at)
          VALUES (?1, ?2, ?3, ?4, ?5, 'restore', ?6, ?6) ON CONFLICT DO NOTHING
          """,
        arguments: [
          id, link["number"]?.int, link["variant"]?.int, link["target"]?.text, link["preview"]?.text, at,
        ])
    }
  }
}
