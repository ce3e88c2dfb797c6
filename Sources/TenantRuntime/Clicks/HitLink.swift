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

  private static let storedPrivacy = "(SELECT value FROM settings WHERE name = 'link_addresses')"

  static func find(_ db: Database, _ hit: LinkHit) throws -> HitLink? {
    guard let job = hit.jobID else {
      let statement = try db.cachedStatement(sql: "SELECT id, \(storedPrivacy) FROM short_links WHERE code = ?")
      return try statement.fetchRow([hit.link]).map { row in
        HitLink(id: row[0], place: 0, privacy: Self.privacy(row[1]))
      }
    }
    let statement = try RawStatement(db, Self.byJob)
    statement.bind(1, job)
    statement.bind(2, Int64(hit.link))
    defer { statement.reset() }
    return try statement.step() ? HitLink(ofJob: statement) : nil
  }

  private static let byJob = """
    SELECT \(ofJob), \(storedPrivacy) FROM send_jobs j
    JOIN short_links l ON l.campaign_id = ifnull(j.campaign_id, j.test_of) AND l.number = ?2 WHERE j.id = ?1
    """

  /// Of a stored hit.
  static func find(_ db: Database, link: Int64, job: Int64?) throws -> HitLink? {
    guard let job else { return HitLink(id: link, place: 0) }
    let statement = try RawStatement(
      db, "SELECT \(ofJob), NULL FROM short_links l JOIN send_jobs j ON j.id = ?2 WHERE l.id = ?1")
    statement.bind(1, link)
    statement.bind(2, job)
    defer { statement.reset() }
    return try statement.step() ? HitLink(ofJob: statement) : nil
  }

  private init(id: Int64, place: Int, privacy: AddressPrivacy = .truncated) {
    self.id = id
    self.place = place
    self.privacy = privacy
  }

  private init(ofJob row: RawStatement) {
    id = row.int(0)
    jobID = row.int(1)
    kind = row.text(2).flatMap(SendJob.Kind.init)
    campaignID = row.optionalInt(3)
    phone = row.optionalInt(4).flatMap(PhoneNumber.init(digits:))
    number = row.optionalInt(5).flatMap(PhoneNumber.init(digits:))
    place = Int(row.int(6))
    clickedAt = row.optionalInt(7).map(Moment.init(milliseconds:))
    sentAt = row.optionalInt(8).map(Moment.init(milliseconds:))
    deliveredAt = row.optionalInt(9).map(Moment.init(milliseconds:))
    variant = row.optionalInt(10)
    privacy = Self.privacy(row.text(11))
  }

  /// The setting as stored: a JSON text.
  private static func privacy(_ stored: String?) -> AddressPrivacy {
    stored.flatMap { AddressPrivacy(rawValue: $0.filter { $0 != "\"" }) } ?? .truncated
  }
}
