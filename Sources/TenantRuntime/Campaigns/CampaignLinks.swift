import GRDB

/// The links of a campaign's texts: made with it, and made anew when a draft's text changes.
extension ShortLink {
  static func create(
    _ db: Database, _ links: some Sequence<CampaignTexts.Link>, campaign: Int64, actor: String, at: Moment
  ) throws {
    for link in links {
      try db.execute(
        sql: """
          INSERT INTO short_links (campaign_id, number, variant, target, created_by, created_at, updated_at)
          VALUES (?, ?, ?, ?, ?, ?, ?)
          """, arguments: [campaign, link.number, link.variant, link.target.written, actor, at, at])
    }
  }

  /// Makes the links of a draft what its texts ask for now. One that is as it must be stays; another goes, and with it what tests have
  /// left of it: nobody else can have opened it.
  static func replace(
    _ db: Database, campaign: Int64, with links: [CampaignTexts.Link], actor: String, at: Moment,
    _ effects: inout Effects
  ) throws {
    var kept: Set<Int> = []
    for row in try Row.fetchAll(
      db.cachedStatement(sql: "SELECT id, number, variant, target FROM short_links WHERE campaign_id = ?"),
      arguments: [campaign])
    {
      let (number, variant, target): (Int, Int64?, String) = (row["number"], row["variant"], row["target"])
      if links.contains(where: { $0.number == number && $0.variant == variant && $0.target.written == target }) {
        kept.insert(number)
      } else {
        try remove(db, row["id"])
      }
    }
    try create(db, links.filter { !kept.contains($0.number) }, campaign: campaign, actor: actor, at: at)
    effects.linksChanged = true
  }

  private static func remove(_ db: Database, _ id: Int64) throws {
    for table in ["link_hits", "short_link_changes"] {
      try db.execute(sql: "DELETE FROM \(table) WHERE short_link_id = ?", arguments: [id])
    }
    try db.execute(sql: "DELETE FROM short_links WHERE id = ?", arguments: [id])
  }

  /// The name of a link's variant, for a statement in which `l` is the link.
  static let variantName = """
    CASE WHEN l.variant IS NOT NULL THEN
      (SELECT json_extract(v.variants, '$[' || (l.variant - 1) || '].name') FROM campaigns v WHERE v.id = l.campaign_id)
    END AS variant_name
    """
}
