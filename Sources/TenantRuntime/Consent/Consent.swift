package import GRDB

/// Evidence of what a person has allowed, append-only, and its projection `do_not_contact`. Keyed by phone: both survive the
/// contact's deletion and an import's undo.
package enum Consent {
  /// Applies one change. The same change again (a replay after a restore) adds no second event when nothing changes.
  package static func apply(_ db: Database, _ revocation: Revocation) throws {
    var effects = Effects()
    try apply(db, revocation, &effects)
  }

  static func apply(_ db: Database, _ revocation: Revocation, _ effects: inout Effects) throws {
    switch revocation.action {
    case .optOut:
      try record(db, revocation, action: "revoke")
      guard revocation.closesTheGate else { return }
      try decideReview(db, revocation, &effects)
      try db.execute(
        sql:
          "INSERT INTO do_not_contact (phone, reason, source, since) VALUES (?, 'opted_out', ?, ?) ON CONFLICT DO NOTHING",
        arguments: [revocation.phone, revocation.method, revocation.at])
      if db.changesCount > 0 {
        try Event.append(
          db, .optedOut, at: revocation.at, phone: revocation.phone, data: ["method": .text(revocation.method)])
        try tellInbox(db, revocation.phone, &effects)
        try creditLastCampaign(db, revocation, &effects)
      }
    case .optIn:
      try record(db, revocation, action: "grant")
      try decideReview(db, revocation, &effects)
      // What somebody agreed to before they opted out does not bring them back.
      try db.execute(
        sql: """
          DELETE FROM do_not_contact WHERE phone = ?1 AND NOT EXISTS (
            SELECT 1 FROM consents WHERE phone = ?1 AND action = 'revoke' AND purpose IS NULL AND at >= ?2)
          """, arguments: [revocation.phone, revocation.at])
      if db.changesCount > 0 {
        try Event.append(
          db, .optedIn, at: revocation.at, phone: revocation.phone, data: ["method": .text(revocation.method)])
        try tellInbox(db, revocation.phone, &effects)
      }
    }
  }

  /// Whoever has the conversation open sees that it may not be answered, or may again.
  private static func tellInbox(_ db: Database, _ phone: PhoneNumber, _ effects: inout Effects) throws {
    try db.cachedStatement(
      sql: "INSERT INTO inbox_log (kind, subject) SELECT 'conversation', id FROM conversations WHERE phone = ?"
    ).execute(arguments: [phone])
    if db.changesCount > 0 { effects.inbox = true }
  }

  private static func decideReview(_ db: Database, _ revocation: Revocation, _ effects: inout Effects) throws {
    try OptOutReview.settle(
      db, revocation.phone, optedOut: revocation.action == .optOut, by: revocation.actor ?? revocation.method,
      at: revocation.at)
    effects.endedReviews.insert(revocation.phone)
  }

  static func isBlocked(_ db: Database, _ phone: PhoneNumber) throws -> Bool {
    try Bool.fetchOne(
      db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM do_not_contact WHERE phone = ?)"), arguments: [phone])
      ?? false
  }

  /// The opt-out of a number holds for the one that takes its place.
  static func carryOver(_ db: Database, from old: PhoneNumber, to new: PhoneNumber, method: String, at: Moment) throws {
    guard try isBlocked(db, old), try !isBlocked(db, new) else { return }
    try apply(
      db,
      Revocation(
        phone: new, action: .optOut, method: method, evidence: "the person's other number had opted out", at: at))
  }

  private static func record(_ db: Database, _ revocation: Revocation, action: String) throws {
    try db.execute(
      sql: """
        INSERT INTO consents (phone, no, at, action, purpose, method, evidence, source, actor, address)
        SELECT ?1, (SELECT ifnull(max(no), 0) + 1 FROM consents WHERE phone = ?1), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9
        WHERE NOT EXISTS (SELECT 1 FROM consents WHERE phone = ?1 AND action = ?3 AND method = ?5 AND at = ?2)
        """,
      arguments: [
        revocation.phone, revocation.at, action, revocation.purpose, revocation.method, revocation.evidence,
        revocation.source, revocation.actor, revocation.address,
      ])
  }

  /// Ways to opt out that say nothing about a text.
  private static let notAnAnswer: Set<String> = ["erasure", "import", "merge", "number_change"]

  /// A report's opt-outs are those of people whose latest text was this campaign's, within a week.
  private static func creditLastCampaign(
    _ db: Database, _ revocation: Revocation, _ effects: inout Effects
  ) throws {
    guard !notAnAnswer.contains(revocation.method),
      let job = try SendJob.latestText(db, to: revocation.phone, since: revocation.at.advanced(bySeconds: -7 * 86_400))
    else { return }
    try Figures.add(db, job, .optOuts, 1, at: revocation.at)
    try CircuitBreaker.count(
      db, campaign: job.campaignID, number: job.number, .init(optOuts: 1), &effects, at: revocation.at)
  }
}
