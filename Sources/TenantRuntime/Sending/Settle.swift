import GRDB

/// What one call came to, written back in one transaction with others.
struct Settlement: Sendable {
  var job: ClaimedJob
  var answer: TwilioMessage.Answer
  /// The person opted out between claim and call.
  var optedOut = false
}

extension Settlement {
  /// What the whole tenant must do because of what the provider said.
  struct Consequences: Sendable {
    var optOuts: [PhoneNumber] = []
    var pauseTenant: Int?
    /// Offered too fast, or no connection: rest before the next claim.
    var rest = false
  }

  static func settle(_ db: Database, _ settlements: [Settlement], now: Moment) throws -> Consequences {
    var consequences = Consequences()
    for settlement in settlements { try settlement.apply(db, &consequences, now: now) }
    return consequences
  }

  private func apply(_ db: Database, _ consequences: inout Consequences, now: Moment) throws {
    guard var row = try SendJob.find(db, id: job.id) else { return }
    guard row.attempt == job.attempt else { return }
    // A report may have been applied before our own answer: then only the SID can be news.
    if case .accepted(let sid, _) = answer, row.sid == nil { try note(db, &row, sid: sid) }
    guard row.state == .sending else { return }
    switch answer {
    case .accepted:
      try row.move(db, to: .accepted, at: now)
      try Figures.add(db, row, .accepted, 1, at: now)
      try Figures.add(db, row, .segments, row.segments, at: now)
    case .unknown(let reason):
      try row.move(db, to: .unknown, reason: "no_answer", at: now)
      try Event.append(
        db, .unknown, at: now, phone: row.phone, campaign: row.campaignID, job: row.id, data: ["detail": .text(reason)])
    case .notTaken:
      // Held back at the last moment, or no connection: the next claim would only meet the same.
      if !optedOut { consequences.rest = true }
      try release(db, &row, now: now)
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
  private func release(_ db: Database, _ row: inout SendJob, now: Moment) throws {
    try row.releaseReservation(db, at: now)
    try db.execute(sql: "DELETE FROM messages WHERE id = ?", arguments: [row.messageID])
    try db.execute(
      sql:
        "UPDATE send_jobs SET attempt = NULL, message_id = NULL, claimed_at = NULL, segments = 0, state = 'queued' WHERE id = ?",
      arguments: [row.id])
    if optedOut {
      row.state = .queued
      try row.move(db, to: .skipped, reason: "opted_out", at: now)
      try Event.append(
        db, .skipped, at: now, phone: row.phone, campaign: row.campaignID, job: row.id, data: ["reason": "opted_out"])
    } else if let campaign = row.campaignID, try Campaign.find(db, id: campaign).state == .cancelled {
      row.state = .queued
      try row.move(db, to: .cancelled, reason: "campaign_cancelled", at: now)
    }
  }

  private func refuse(
    _ db: Database, _ row: inout SendJob, code: Int, status: Int, _ consequences: inout Consequences, now: Moment
  ) throws {
    switch ProviderCode.meaning(code, status: status) {
    case .tryLater:
      consequences.rest = true
      return try release(db, &row, now: now)
    case .pauseTenant:
      consequences.pauseTenant = code
      return try release(db, &row, now: now)
    case .pauseNumber:
      try db.execute(
        sql: "UPDATE sending_numbers SET paused_reason = ? WHERE number = ?", arguments: ["error_\(code)", job.number])
      return try release(db, &row, now: now)
    case .optedOut: consequences.optOuts.append(row.phone)
    case .badNumber:
      try db.execute(
        sql: "INSERT INTO bad_numbers (phone, code, since) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        arguments: [row.phone, code, now])
    case .permanent: break
    }
    try row.releaseReservation(db, at: now)
    try row.move(db, to: .failed, reason: "error_\(code)", at: now)
    try Figures.add(db, row, .failed, 1, at: now)
    try Event.append(
      db, .failed, at: now, phone: row.phone, campaign: row.campaignID, job: row.id, data: ["error_code": .int(code)])
  }
}
