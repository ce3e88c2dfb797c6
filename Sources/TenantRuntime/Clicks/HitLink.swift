import GRDB

/// The link of a hit, and the text it came in: what counting must know.
struct HitLink {
  typealias Known = KnownHitLinks

  var id: Int64
  var jobID: Int64?
  var kind: SendJob.Kind?
  var campaignID: Int64?
  var phone: PhoneNumber?
  var number: PhoneNumber?
  /// The link's number in its text.
  var linkNumber: Int
  var variant: Int64?
  var clickedAt: Moment?
  var sentAt: Moment?
  var deliveredAt: Moment?
  var privacy = AddressPrivacy.truncated

  private static let ofJob = """
    j.kind, j.campaign_id, j.phone, j.number, j.clicked_at, j.claimed_at,
    CASE WHEN j.state = 'delivered' THEN j.finished_at END, j.variant
    """

  static func jobStatement(_ db: Database) throws -> RawStatement {
    try RawStatement(db, "SELECT \(ofJob), ifnull(j.campaign_id, j.test_of) FROM send_jobs j WHERE j.id = ?")
  }

  /// - Parameter statement: `jobStatement`.
  static func find(
    _ db: Database, _ hit: LinkHit, _ statement: RawStatement, _ known: inout Known
  ) throws -> HitLink? {
    let privacy = try known.privacy ?? Self.privacy(db)
    known.privacy = privacy
    guard let job = hit.jobID else {
      let statement = try db.cachedStatement(sql: "SELECT id FROM short_links WHERE code = ?")
      return try Int64.fetchOne(statement, arguments: [hit.link]).map {
        HitLink(id: $0, linkNumber: 0, privacy: privacy)
      }
    }
    statement.bind(1, job)
    defer { statement.reset() }
    guard try statement.step(), let campaign = statement.optionalInt(8),
      let id = try known.link(db, .init(campaign: campaign, number: Int64(hit.link)))
    else { return nil }
    return HitLink(id: id, linkNumber: hit.link, job: job, statement, privacy)
  }

  /// Of a stored hit.
  static func find(_ db: Database, link: Int64, job: Int64?) throws -> HitLink? {
    guard let job else { return HitLink(id: link, linkNumber: 0) }
    let statement = try RawStatement(
      db, "SELECT \(ofJob), l.number FROM short_links l JOIN send_jobs j ON j.id = ?2 WHERE l.id = ?1")
    statement.bind(1, link)
    statement.bind(2, job)
    defer { statement.reset() }
    return try statement.step() ? HitLink(id: link, linkNumber: Int(statement.int(8)), job: job, statement) : nil
  }

  private init(id: Int64, linkNumber: Int, privacy: AddressPrivacy = .truncated) {
    self.id = id
    self.linkNumber = linkNumber
    self.privacy = privacy
  }

  private init(id: Int64, linkNumber: Int, job: Int64, _ row: RawStatement, _ privacy: AddressPrivacy = .truncated) {
    self.init(id: id, linkNumber: linkNumber, privacy: privacy)
    jobID = job
    kind = row.text(0).flatMap(SendJob.Kind.init)
    campaignID = row.optionalInt(1)
    phone = row.optionalInt(2).flatMap(PhoneNumber.init(digits:))
    number = row.optionalInt(3).flatMap(PhoneNumber.init(digits:))
    clickedAt = row.optionalInt(4).map(Moment.init(milliseconds:))
    sentAt = row.optionalInt(5).map(Moment.init(milliseconds:))
    deliveredAt = row.optionalInt(6).map(Moment.init(milliseconds:))
    variant = row.optionalInt(7)
  }

  /// The setting, stored as a JSON text.
  private static func privacy(_ db: Database) throws -> AddressPrivacy {
    let stored = try String.fetchOne(
      db.cachedStatement(sql: "SELECT value FROM settings WHERE name = 'link_addresses'"))
    return stored.flatMap { AddressPrivacy(rawValue: $0.filter { $0 != "\"" }) } ?? .truncated
  }
}
