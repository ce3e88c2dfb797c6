import GRDB

/// What the hits of one transaction have in common, asked once: most are of the same few links.
struct KnownHitLinks: Sendable {
  struct Key: Hashable {
    var campaign: Int64
    var number: Int64
  }
  private var links: [Key: Int64] = [:]
  var privacy: AddressPrivacy?

  mutating func link(_ db: Database, _ key: Key) throws -> Int64? {
    if let id = links[key] { return id }
    let statement = try db.cachedStatement(sql: "SELECT id FROM short_links WHERE campaign_id = ? AND number = ?")
    links[key] = try Int64.fetchOne(statement, arguments: [key.campaign, key.number])
    return links[key]
  }
}
