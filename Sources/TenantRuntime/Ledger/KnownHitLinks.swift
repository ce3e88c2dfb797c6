import GRDB

/// What the hits of one transaction have in common, asked once: most are of the same few links.
struct KnownHitLinks: Sendable {
  struct Place: Hashable {
    var campaign: Int64
    var number: Int64
  }
  private var links: [Place: Int64] = [:]
  var privacy: AddressPrivacy?

  mutating func link(_ db: Database, _ place: Place) throws -> Int64? {
    if let id = links[place] { return id }
    let statement = try db.cachedStatement(sql: "SELECT id FROM short_links WHERE campaign_id = ? AND number = ?")
    links[place] = try Int64.fetchOne(statement, arguments: [place.campaign, place.number])
    return links[place]
  }
}
