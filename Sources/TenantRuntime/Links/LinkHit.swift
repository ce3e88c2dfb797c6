package import GRDB

/// Raw facts of one request of a short link, taken at the door; stored before the answer, judged when applied.
package struct LinkHit: Sendable, Equatable, Codable {
  package var jobID: Int64
  package var link: Int
  package var method: String
  package var userAgent: String
  package var address: String
  /// Headers that tell previews and prefetches from people: `purpose`, `sec-purpose`, `sec-fetch-mode`, `x-moz`.
  package var hints: [String: String]
  package var at: Moment

  package init(
    jobID: Int64, link: Int, method: String, userAgent: String, address: String, hints: [String: String], at: Moment
  ) {
    self.jobID = jobID
    self.link = link
    self.method = method
    self.userAgent = String(userAgent.prefix(500))
    self.address = address
    self.hints = hints
    self.at = at
  }

  package static let hintNames = ["purpose", "sec-purpose", "sec-fetch-mode", "x-moz", "x-purpose"]

  /// Stores the hit with its verdict. HEAD is answered but counts nothing.
  package func apply(_ db: Database) throws {
    guard var job = try SendJob.find(db, id: jobID), let campaign = job.campaignID ?? job.testOf,
      let linkID = try Int64.fetchOne(
        db, sql: "SELECT id FROM short_links WHERE campaign_id = ? AND number = ?", arguments: [campaign, link])
    else { return }
    let (verdict, reasons) = ClickVerdict.judge(self)
    try db.execute(
      sql: """
        INSERT INTO link_hits (at, short_link_id, send_job_id, verdict, reasons, method, user_agent, address, facts)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        at, linkID, jobID, verdict.rawValue, reasons.joined(separator: ","), method, userAgent, address,
        JSON.object(hints.sorted { $0.key < $1.key }.map { ($0.key, .text($0.value)) }).serialized,
      ])
    if method == "HEAD" || job.kind == .test { return }
    guard verdict == .human else { return try Figures.add(db, job, .botClicks, 1, at: at) }
    try Figures.add(db, job, .humanClicks, 1, at: at)
    if job.clickedAt == nil {
      job.clickedAt = at
      try db.execute(sql: "UPDATE send_jobs SET clicked_at = ? WHERE id = ?", arguments: [at, jobID])
      try Figures.add(db, job, .people, 1, at: at)
    }
    try Event.append(db, .clicked, at: at, phone: job.phone, campaign: campaign, job: jobID, data: ["link": .int(link)])
  }
}

/// Where a token leads: read once, then kept by the router.
package enum ShortLink {
  package static func target(_ db: Database, _ token: LinkToken) throws -> String? {
    try String.fetchOne(
      db,
      sql: """
        SELECT l.target FROM send_jobs j JOIN short_links l ON l.campaign_id = ifnull(j.campaign_id, j.test_of) AND l.number = ?
        WHERE j.id = ? AND j.claimed_at IS NOT NULL
        """,
      arguments: [token.link, token.jobID])
  }
}
