package import GRDB

/// A request of one short link, taken at the door; stored before the answer, judged when applied.
package struct LinkHit: Sendable, Equatable {
  package var jobID: Int64
  package var link: Int
  package var facts: HitFacts
  package var context: HitContext

  package init(jobID: Int64, link: Int, facts: HitFacts, context: HitContext = HitContext()) {
    self.jobID = jobID
    self.link = link
    self.facts = facts
    self.context = context
  }

  /// Of a link of its own no text is known: `jobID` is the link's code then, and `link` says so.
  private var ownCode: Int64? { link == LinkToken.ownNumber ? jobID : nil }

  /// Stores the hit with its verdict. HEAD is answered but counts nothing.
  package func apply(_ db: Database) throws {
    if let code = ownCode {
      let id = try Int64.fetchOne(
        db.cachedStatement(sql: "SELECT id FROM short_links WHERE code = ?"), arguments: [code])
      if let id { try insert(db, link: id, job: nil, ClickVerdict.judge(facts, context)) }
      return
    }
    guard var job = try SendJob.find(db, id: jobID), let campaign = job.campaignID ?? job.testOf,
      let linkID = try Int64.fetchOne(
        db, sql: "SELECT id FROM short_links WHERE campaign_id = ? AND number = ?", arguments: [campaign, link])
    else { return }
    let judged = ClickVerdict.judge(facts, context)
    let (verdict, at) = (judged.verdict, facts.at)
    try insert(db, link: linkID, job: jobID, judged)
    if facts.method == "HEAD" || job.kind == .test { return }
    guard verdict == .human else {
      return try Figures.add(db, job, verdict == .unknown ? .unknownClicks : .botClicks, 1, at: at)
    }
    try Figures.add(db, job, .humanClicks, 1, at: at)
    if job.clickedAt == nil {
      job.clickedAt = at
      try db.execute(sql: "UPDATE send_jobs SET clicked_at = ? WHERE id = ?", arguments: [at, jobID])
      try Figures.add(db, job, .people, 1, at: at)
    }
    try Event.append(db, .clicked, at: at, phone: job.phone, campaign: campaign, job: jobID, data: ["link": .int(link)])
  }
}

extension LinkHit {
  private func insert(_ db: Database, link: Int64, job: Int64?, _ judged: Verdict) throws {
    try db.execute(
      sql: """
        INSERT INTO link_hits (at, short_link_id, send_job_id, verdict, reasons, method, user_agent, address, facts)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        facts.at, link, job, judged.verdict.rawValue, judged.reasons.joined(separator: ","), facts.method,
        facts.userAgent, facts.address, stored.serialized,
      ])
  }

  /// What `link_hits.facts` keeps beside its columns: all that is needed to judge again, but for the times of the text.
  private var stored: JSON {
    .object([
      ("rules", .int(ClickVerdict.rulesVersion)), ("secure", .bool(facts.isSecure)),
      ("complete", .bool(facts.isComplete)), ("recipients", .int(context.recipientsNearby)),
      ("listed", .optional(context.listed?.rawValue)),
      ("headers", .object(facts.headers.sorted { $0.key < $1.key }.map { ($0.key, .text($0.value)) })),
    ])
  }
}

extension LinkHit: Codable {
  private enum Key: String, CodingKey {
    case jobID, link, facts, context
    /// Of hits that an older version put into the intake: then the facts lay beside the job.
    case method, userAgent, address, hints, at
  }

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    jobID = try values.decode(Int64.self, forKey: .jobID)
    link = try values.decode(Int.self, forKey: .link)
    context = try values.decodeIfPresent(HitContext.self, forKey: .context) ?? HitContext()
    if let kept = try values.decodeIfPresent(HitFacts.self, forKey: .facts) {
      facts = kept
      return
    }
    facts = HitFacts(
      method: try values.decode(String.self, forKey: .method),
      userAgent: try values.decode(String.self, forKey: .userAgent),
      address: try values.decode(String.self, forKey: .address),
      headers: try values.decode([String: String].self, forKey: .hints), isComplete: false,
      at: try values.decode(Moment.self, forKey: .at))
  }

  package func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(jobID, forKey: .jobID)
    try values.encode(link, forKey: .link)
    try values.encode(facts, forKey: .facts)
    try values.encode(context, forKey: .context)
  }
}
