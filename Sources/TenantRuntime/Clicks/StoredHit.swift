import GRDB

/// A hit with what its client said, as `link_hits` and `hit_clients` keep it.
enum StoredHit {
  /// For a statement whose conditions and order follow; the columns of `link_hits`, and `user_agent` and `headers`: null for an erased person's.
  static let select =
    "SELECT h.*, c.user_agent, c.headers FROM link_hits h LEFT JOIN hit_clients c ON c.id = h.client_id"

  /// What it was judged by, but for the times of the text; nil for an erased person's, of which nothing is left.
  static func read(_ row: Row) throws -> (facts: HitFacts, context: HitContext)? {
    guard let userAgent: String = row["user_agent"] else { return nil }
    let facts = HitFacts(
      method: row["method"], userAgent: userAgent, address: row["address"],
      headers: try ClientDictionary.headers(row["headers"]), isSecure: row["is_secure"], isComplete: row["is_complete"],
      at: row["at"])
    let listed: String? = row["listed"]
    return (
      facts, HitContext(recipientsNearby: row["recipients"], listed: listed.flatMap(ListedNetwork.init(rawValue:)))
    )
  }
}
