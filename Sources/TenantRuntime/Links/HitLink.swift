import GRDB

/// The link of a hit, and the text it came in: what counting must know. Found in one statement.
struct HitLink {
  var id: Int64
  var jobID: Int64?
  var kind: SendJob.Kind?
  var campaignID: Int64?
  var phone: PhoneNumber?
  var number: PhoneNumber?
  /// The link's number in its text.
  var place: Int
  var variant: Int64?
  var clickedAt: Moment?
  var sentAt: Moment?
  var deliveredAt: Moment?
  var privacy = AddressPrivacy.truncated

  private static let ofJob = """
    l.id, j.id, j.kind, j.campaign_id, j.phone, j.number, l.number, j.clicked_at, j.claimed_at,
    CASE WHEN j.state = 'delivered' THEN j.finished_at END, j.variant
    """

  static func find(_ db: Database, _ hit: LinkHit) throws -> HitLink? {
    let privacy = "(SELECT value FROM settings WHERE name = 'link_addresses')"
    guard let job = hit.jobID else {
      let statement = try db.cachedStatement(sql: "SELECT id, \(privacy) FROM short_links WHERE code = ?")
      return try statement.fetchRow([hit.link]).map { row in
        HitLink(id: row[0], place: 0, privacy: Self.privacy(row[1]))
      }
    }
    let statement = try db.cachedStatement(
      sql: """
        SELECT \(ofJob), \(privacy) FROM send_jobs j
        JOIN short_links l ON l.campaign_id = ifnull(j.campaign_id, j.test_of) AND l.number = ?2 WHERE j.id = ?1
        """)
    return try statement.fetchRow([job, hit.link]).map { row in HitLink(ofJob: row, privacy: Self.privacy(row[11])) }
  }

  /// Of a stored hit.
  static func find(_ db: Database, link: Int64, job: Int64?) throws -> HitLink? {
    guard let job else { return HitLink(id: link, place: 0) }
    let statement = try db.cachedStatement(
      sql: "SELECT \(ofJob) FROM short_links l JOIN send_jobs j ON j.id = ?2 WHERE l.id = ?1")
    return try statement.fetchRow([link, job]).map { HitLink(ofJob: $0) }
  }

  private init(id: Int64, place: Int, privacy: AddressPrivacy = .truncated) {
    self.id = id
    self.place = place
    self.privacy = privacy
  }

  private init(ofJob row: Row, privacy: AddressPrivacy = .truncated) {
    id = row[0]
    jobID = row[1]
    kind = SendJob.Kind(rawValue: row[2])
    campaignID = row[3]
    phone = row[4]
    number = row[5]
    place = row[6]
    clickedAt = row[7]
    sentAt = row[8]
    deliveredAt = row[9]
    variant = row[10]
    self.privacy = privacy
  }

  /// The setting as stored: a JSON text.
  private static func privacy(_ stored: String?) -> AddressPrivacy {
    stored.flatMap { AddressPrivacy(rawValue: $0.filter { $0 != "\"" }) } ?? .truncated
  }
}
