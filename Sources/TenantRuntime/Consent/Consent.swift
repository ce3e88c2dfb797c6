package import GRDB

/// Evidence of what a person has allowed, append-only, and its projection `do_not_contact`. Keyed by phone: both survive the
/// contact's deletion and an import's undo.
///
/// A statement is known by its event (`Revocation.id`): the same one again, from a repeated webhook, the intake, or the log that a restored
/// file is distinguished by, changes nothing, however much has been said since.
package enum Consent {
  package static func apply(_ db: Database, _ revocation: Revocation) throws {
    var effects = Effects()
    try apply(db, revocation, &effects)
  }

  /// - Parameter message: the row of the text that said it, where it was one.
  static func apply(
    _ db: Database, _ revocation: Revocation, message: Int64? = nil, _ effects: inout Effects
  ) throws {
    switch revocation.action {
    case .review:
      if try !isBlocked(db, revocation.phone), try OptOutReview.begin(db, revocation, message: message) {
        try followPerson(db, revocation, &effects)
      }
    case .optOut:
      guard try record(db, revocation, action: "revoke") else { return }
      try followPerson(db, revocation, &effects)
      guard revocation.isOfEverything else { return }
      try decideReview(db, revocation, &effects)
      try db.execute(
        sql:
          "INSERT INTO do_not_contact (phone, reason, source, since) VALUES (?, 'opted_out', ?, ?) ON CONFLICT DO NOTHING",
        arguments: [revocation.phone, revocation.method, revocation.at])
      if db.changesCount > 0 {
        try DayFigures.add(db, &effects, .people(.optOut(by: revocation.method)), at: revocation.at)
        try Event.append(
          db, .optedOut, at: revocation.at, phone: revocation.phone, data: ["method": .text(revocation.method)])
        try notifyInbox(db, revocation.phone, &effects)
        try creditLastCampaign(db, revocation, &effects)
      }
    case .optIn:
      guard try record(db, revocation, action: "grant") else { return }
      try decideReview(db, revocation, &effects)
      // What somebody agreed to before they opted out does not bring them back.
      try db.execute(
        sql: """
          DELETE FROM do_not_contact WHERE phone = ?1 AND since < ?2 AND NOT EXISTS (
            SELECT 1 FROM consents WHERE phone = ?1 AND action = 'revoke' AND purpose IS NULL AND at >= ?2)
          """, arguments: [revocation.phone, revocation.at])
      let isBack = db.changesCount > 0
      if try ErasedNumbers.lift(db, revocation.phone, grantedAt: revocation.at) || isBack {
        try DayFigures.add(db, &effects, .people(.optedIn), at: revocation.at)
        try Event.append(
          db, .optedIn, at: revocation.at, phone: revocation.phone, data: ["method": .text(revocation.method)])
        try notifyInbox(db, revocation.phone, &effects)
      }
    }
  }

  /// Anyone who has the conversation open sees that it may not be answered, or may again.
  private static func notifyInbox(_ db: Database, _ phone: PhoneNumber, _ effects: inout Effects) throws {
    try db.cachedStatement(
      sql: "INSERT INTO inbox_log (kind, subject) SELECT 'conversation', id FROM conversations WHERE phone = ?"
    ).execute(arguments: [phone])
    if db.changesCount > 0 { effects.inbox = true }
  }

  private static func decideReview(_ db: Database, _ revocation: Revocation, _ effects: inout Effects) throws {
    try OptOutReview.settle(
      db, revocation.phone, optedOut: revocation.action == .optOut, by: revocation.actor ?? revocation.method,
      at: revocation.at)
    try effects.endReview(db, revocation.phone)
  }

  package static func isBlocked(_ db: Database, _ phone: PhoneNumber) throws -> Bool {
    try Bool.fetchOne(
      db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM do_not_contact WHERE phone = ?)"), arguments: [phone])
      ?? false
  }

  /// What the file lets go to a person, beyond what memory has held back.
  static func allowed(_ db: Database, _ phone: PhoneNumber) throws -> SendGate.Scopes {
    if try isBlocked(db, phone) { return [] }
    var scopes: SendGate.Scopes = [.direct]
    for purpose in CampaignPurpose.allCases
    where try ConsentStanding.judge(db, phone, purpose: purpose, on: .end).verdict != .revoked {
      scopes.formUnion(SendGate.Scopes(purpose))
    }
    return scopes
  }

  static func isRecorded(_ db: Database, _ phone: PhoneNumber, _ events: [String]) throws -> Bool {
    try events.contains { event in
      try Bool.fetchOne(
        db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM consents WHERE phone = ? AND event = ?)"),
        arguments: [phone, event]) ?? false
    }
  }

  /// When a statement is made that gives no time: behind all that were made before it, also when the clock was set back since. An import's
  /// time is its list's, and lifts nothing.
  static func saidNow(_ db: Database, _ phone: PhoneNumber, now: Moment) throws -> Moment {
    let last = try Moment.fetchOne(
      db.cachedStatement(sql: "SELECT max(at) FROM consents WHERE phone = ? AND method <> 'import'"), arguments: [phone]
    )
    return max(now, last?.advanced(byMilliseconds: 1) ?? now)
  }

  /// False when the statement is known already.
  private static func record(_ db: Database, _ revocation: Revocation, action: String) throws -> Bool {
    try db.execute(
      sql: """
        INSERT INTO consents (phone, no, at, action, purpose, method, evidence, source, actor, address, event)
        SELECT ?1, (SELECT ifnull(max(no), 0) + 1 FROM consents WHERE phone = ?1), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10
        WHERE NOT EXISTS (SELECT 1 FROM consents WHERE phone = ?1 AND event = ?10)
        """,
      arguments: [
        revocation.phone, revocation.at, action, revocation.purpose?.rawValue, revocation.method, revocation.evidence,
        revocation.source, revocation.actor, revocation.address, revocation.id,
      ])
    return db.changesCount > 0
  }

  /// Where a decided review's opt-out says that it comes from.
  static func decisionSource(_ review: Int64) -> String { "opt_out_review:\(review)" }

  /// Whether a person has said it in answer to a text; lists, staff and merges say nothing about one.
  private static func isAnswer(_ revocation: Revocation) -> Bool {
    if revocation.actor == nil { return revocation.method == "keyword" || revocation.method == "page" }
    return revocation.method == "free_text" && revocation.source?.hasPrefix("opt_out_review:") == true
  }

  /// A report's opt-outs are those of people whose latest text was this campaign's, within a week.
  private static func creditLastCampaign(
    _ db: Database, _ revocation: Revocation, _ effects: inout Effects
  ) throws {
    guard isAnswer(revocation),
      let job = try SendJob.latestText(db, to: revocation.phone, since: revocation.at.advanced(bySeconds: -7 * 86_400))
    else { return }
    try Figures.add(db, job, .optOuts, 1, at: revocation.at)
    try CircuitBreaker.count(
      db, campaign: job.campaignID, number: job.number, .init(optOuts: 1), &effects, at: revocation.at)
  }
}
