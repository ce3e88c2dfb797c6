import GRDB

/// A request of one short link, taken on the fast path; stored before the answer, judged when applied.
package struct LinkHit: Sendable, Equatable, Codable {
  /// The text whose link it is; nil: a link that went out in no text.
  package var jobID: Int64?
  /// The link's number within its text; without a text its code.
  package var link: Int
  package var facts: HitFacts
  package var context: HitContext

  package init(jobID: Int64?, link: Int, facts: HitFacts, context: HitContext = HitContext()) {
    self.jobID = jobID
    self.link = link
    self.facts = facts
    self.context = context
  }

  /// Compiled once for all hits that came together.
  private struct Statements {
    let job: RawStatement
    let insertion: RawStatement

    init(_ db: Database) throws {
      job = try HitLink.jobStatement(db)
      insertion = try RawStatement(
        db,
        """
        INSERT INTO link_hits (at, short_link_id, send_job_id, verdict, reasons, method, address, client_id, is_secure, is_complete,
        recipients, listed, rules) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """)
    }
  }

  static func apply(_ hits: [LinkHit], _ db: Database, _ networks: Networks, _ effects: inout Effects) throws {
    let statements = try Statements(db)
    for hit in hits { try hit.apply(db, statements, networks, &effects) }
  }

  /// Stores the hit with its verdict and counts it. Nothing of a link that is gone.
  private func apply(
    _ db: Database, _ statements: Statements, _ networks: Networks, _ effects: inout Effects
  ) throws {
    guard let link = try HitLink.find(db, self, statements.job, &effects.hitLinks) else { return }
    var context = context
    let address = IPAddress(withZone: facts.address)
    context.listed = networks.listed(address)
    context.sentAt = link.sentAt
    context.deliveredAt = link.deliveredAt
    let judged = ClickVerdict.judge(facts, context)
    let kept = try link.privacy.kept(address, key: link.privacy == .hashed ? Self.key(db) : [])
    let client = try effects.clients.id(db, facts.client)
    let statement = statements.insertion
    statement.bind(1, facts.at.milliseconds)
    statement.bind(2, link.id)
    statement.bind(3, jobID)
    statement.bind(4, judged.verdict.rawValue)
    statement.bind(5, judged.reasons.joined(separator: ","))
    statement.bind(6, facts.method)
    statement.bind(7, kept)
    statement.bind(8, client)
    statement.bind(9, facts.isSecure ? 1 : 0)
    statement.bind(10, facts.isComplete ? 1 : 0)
    statement.bind(11, Int64(context.recipientsNearby))
    statement.bind(12, context.listed?.rawValue)
    statement.bind(13, Int64(ClickVerdict.rulesVersion))
    try statement.run()
    let hit = HitFigures(
      id: statement.lastInsertedID, link: link, method: facts.method, at: facts.at,
      visitor: jobID ?? HitFigures.visitor(address: kept, userAgent: facts.userAgent))
    try hit.move(db, from: nil, to: judged.verdict, &effects)
    if hit.counts, judged.verdict == .human, link.campaignID != nil {
      try hit.publish(db, &effects, .clicked, at: facts.at)
    }
  }

  private static func key(_ db: Database) throws -> [UInt8] { try Identity.hashKey(db) }
}
