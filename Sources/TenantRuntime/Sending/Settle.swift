import GRDB

/// What one call came to, written back in one transaction with others.
struct Settlement: Sendable {
  var job: ClaimedJob
  var answer: TwilioMessage.Answer
  /// Why the person may not have it any more, who has said so between claim and call.
  var heldBack: String?
}

extension Settlement {
  /// What the whole tenant must do because of what the provider said.
  struct Consequences: Sendable {
    /// Held back at the last moment, or no connection: the next claim would only meet the same.
    var rest = false
    /// The account rests for a while after too many requests at once.
    var overload = false
    /// Some outcome is unknown: the reconciler has work.
    var hasUnknown = false
    /// Segments that were reserved of a brand's day and are not sent.
    var brands: [BrandDay: Int64] = [:]
    var effects = Effects()
    fileprivate var counts: [Window: CircuitBreaker.Counts] = [:]
  }

  fileprivate struct Window: Hashable {
    var campaign: Int64?
    var number: PhoneNumber
  }

  static func settle(_ db: Database, _ settlements: [Settlement], now: Moment) throws -> Consequences {
    var consequences = Consequences()
    // Most texts of a block add to the same few rows.
    consequences.effects.tally = FigureTally()
    for settlement in settlements { try settlement.apply(db, &consequences, now: now) }
    for (window, counts) in consequences.counts {
      try CircuitBreaker.count(
        db, campaign: window.campaign, number: window.number, counts, &consequences.effects, at: now)
    }
    try consequences.effects.write(db)
    return consequences
  }

  private func count(_ consequences: inout Consequences, _ counts: CircuitBreaker.Counts) {
    let window = Window(campaign: job.campaignID, number: job.number)
    consequences.counts[window, default: .init()].texts += counts.texts
    consequences.counts[window, default: .init()].errors += counts.errors
    consequences.counts[window, default: .init()].optOuts += counts.optOuts
  }

  private func apply(_ db: Database, _ consequences: inout Consequences, now: Moment) throws {
    guard var row = try SendJob.find(db, id: job.id) else { return }
    guard row.attempt == job.attempt else { return }
    if job.kind == .reply || job.kind == .auto { consequences.effects.inbox = true }
    // A report may have been applied before our own answer: then only the SID can be news.
    if case .accepted(let sid, _) = answer, row.sid == nil { try note(db, &row, sid: sid) }
    guard row.state == .sending else { return }
    switch answer {
    case .accepted:
      count(&consequences, .init(texts: 1))
      try row.move(db, to: .accepted, reason: nil, at: now, &consequences.effects)
      try Figures.add(db, &consequences.effects, row, .accepted, 1, at: now)
      try Figures.add(db, &consequences.effects, row, .segments, row.segments, at: now)
    case .unknown(let reason):
      consequences.hasUnknown = true
      try row.move(db, to: .unknown, reason: "no_answer", at: now, &consequences.effects)
      try Event.append(
        db, &consequences.effects, .unknown, at: now, phone: row.phone, campaign: row.campaignID, job: row.id,
        data: ["detail": .text(reason)])
    case .notTaken:
      // Held back at the last moment, or no connection: the next claim would only meet the same.
      // Not so where the person's hours have ended meanwhile: that text is put off, and others go on.
      if heldBack == nil, now < job.until { consequences.rest = true }
      try release(db, &row, &consequences, now: now)
    case .refused(let code, let status):
      try refuse(db, &row, code: code, status: status, &consequences, now: now)
    }
  }

  private func note(_ db: Database, _ row: inout SendJob, sid: String) throws {
    row.sid = sid
    try db.cachedStatement(sql: "UPDATE send_jobs SET sid = ? WHERE id = ?").execute(arguments: [sid, row.id])
    try db.cachedStatement(sql: "UPDATE messages SET sid = ? WHERE id = ?").execute(arguments: [sid, row.messageID])
  }

  /// The one way back: nothing left this machine (or the provider says it took nothing), so the text may be claimed again.
  private func release(
    _ db: Database, _ row: inout SendJob, _ consequences: inout Consequences, now: Moment
  ) throws {
    try giveBack(db, &row, &consequences, now: now)
    try giveBackProbe(db, row)
    // What was written to one person stays in the conversation; a campaign's text is rendered anew.
    let keepsMessage = job.kind != .campaign
    if !keepsMessage { try db.execute(sql: "DELETE FROM messages WHERE id = ?", arguments: [row.messageID]) }
    try db.execute(
      sql: """
        UPDATE send_jobs SET attempt = NULL, message_id = CASE WHEN ? THEN message_id END, claimed_at = NULL, segments = 0,
        state = 'queued' WHERE id = ?
        """,
      arguments: [keepsMessage, row.id])
    if let heldBack {
      row.state = .queued
      try row.move(db, to: .skipped, reason: heldBack, at: now)
      try Event.append(
        db, &consequences.effects, .skipped, at: now, phone: row.phone, campaign: row.campaignID, job: row.id,
        data: ["reason": .text(heldBack)])
    } else if let campaign = row.campaignID, try Campaign.find(db, id: campaign).state == .cancelled {
      row.state = .queued
      try row.move(db, to: .cancelled, reason: "campaign_cancelled", at: now)
    }
  }

  /// What has not left says nothing of its campaign and number: another text is their probe.
  private func giveBackProbe(_ db: Database, _ row: SendJob) throws {
    try db.cachedStatement(
      sql: "UPDATE campaigns SET probe_left = probe_left + 1 WHERE id = ? AND probe_left IS NOT NULL"
    ).execute(arguments: [row.campaignID])
    try db.cachedStatement(
      sql: "UPDATE sending_numbers SET probe_left = probe_left + 1 WHERE number = ? AND probe_left IS NOT NULL"
    ).execute(arguments: [row.number])
  }

  private func giveBack(
    _ db: Database, _ row: inout SendJob, _ consequences: inout Consequences, now: Moment
  ) throws {
    if let brand = job.brand { consequences.brands[brand, default: 0] += Int64(job.segments) }
    try row.releaseReservation(db, at: now)
  }

  private func refuse(
    _ db: Database, _ row: inout SendJob, code: Int, status: Int, _ consequences: inout Consequences, now: Moment
  ) throws {
    let meaning = ProviderCode.meaning(code, status: status)
    guard try ProviderCode.learn(db, meaning, code: code, from: row, &consequences.effects, at: now) else {
      if meaning == .tryLater { consequences.overload = true }
      return try release(db, &row, &consequences, now: now)
    }
    count(&consequences, .init(texts: 1, errors: meaning == .optedOut ? 0 : 1))
    try giveBack(db, &row, &consequences, now: now)
    try row.move(db, to: .failed, reason: "error_\(code)", at: now, &consequences.effects)
    try Figures.add(db, &consequences.effects, row, .failed, 1, at: now)
    if row.isReported {
      try DayFigures.add(
        db, &consequences.effects, .error(row.reason ?? "", number: row.number?.digits ?? 0), at: now)
    }
    try Event.append(
      db, &consequences.effects, .failed, at: now, phone: row.phone, campaign: row.campaignID, job: row.id,
      data: ["error_code": .int(code)])
  }
}
