import GRDB

/// Freezes the audience of starting campaigns into send jobs, a slice a transaction, with its cursor in the same commit: a crash
/// goes on where it was. Everyone in the audience gets a job, the opted-out too; gates decide at the claim.
struct LaunchWorker {
  let runtime: Runtime
  /// Keeps a slice well under 100 ms, so that other work of the same file waits no longer.
  static let slice: Int64 = 10_000

  func takeTurn() async throws -> NextTurn {
    let now = runtime.dependencies.now()
    // With the cursor in the same commit, what a power cut takes back is planned again.
    var (worked, next): (Bool, Moment?) = (true, nil)
    let zone = runtime.lease.timeZone
    try await runtime.givingUpWhatRecurs("launch", id: nil) {
      (worked, next) = try await runtime.file.write(.replayable) { db in
        (
          try Campaign.cancelNext(db, at: now) || Self.freezeOne(db, zone: zone, at: now) || ResendSlice.plan(db),
          try Self.nextScheduled(db)
        )
      }
    } giveUp: { reference in
      try await runtime.file.write { db in try Self.giveUp(db, reference, at: now) }
    }
    if worked { return .now }
    // Nothing is texted before everybody is planned.
    runtime.nudge(.sending)
    return next.map { .at($0) } ?? .whenNudged
  }

  /// True if there was a starting campaign.
  static func freezeOne(_ db: Database, zone: String, at: Moment) throws -> Bool {
    try Campaign.beginDue(db, zone: zone, at: at)
    guard
      let row = try Row.fetchOne(
        db.cachedStatement(sql: "SELECT * FROM campaigns WHERE state = 'starting' ORDER BY id LIMIT 1"))
    else { return false }
    do { try freeze(db, try Campaign(row), at: at) } catch let refusal as Refusal {
      try Campaign.hold(db, row["id"], "cannot be launched: \(refusal.detail)", by: "launch", at: at)
    }
    return true
  }

  private static func freeze(_ db: Database, _ campaign: Campaign, at: Moment) throws {
    let last = try Int64.fetchOne(db.cachedStatement(sql: "SELECT max(id) FROM contacts")) ?? 0
    let upTo = min(campaign.freezeCursor + slice, last)
    let rule = try campaign.people().compiled(db, now: campaign.startedAt ?? at)
    let variant = campaign.variantSQL(phone: "c.phone")
    let before =
      try Int64.fetchOne(db.cachedStatement(sql: "SELECT seq FROM sqlite_sequence WHERE name = 'send_jobs'")) ?? 0
    try db.execute(
      sql: """
        INSERT INTO send_jobs (kind, campaign_id, contact_id, phone, variant, state)
        SELECT 'campaign', ?, c.id, c.phone, \(variant), 'queued' FROM contacts c WHERE c.id > ? AND c.id <= ? AND (\(rule.sql)) ORDER BY c.id
        ON CONFLICT DO NOTHING
        """, arguments: [campaign.id, campaign.freezeCursor, upTo] + rule.arguments)
    let (frozen, lastJob) = (db.changesCount, db.lastInsertedRowID)
    if frozen > 0 {
      try campaign.countFrozen(db, frozen, after: before)
      CrashPoint.pass(.freezing)
      try db.execute(
        sql: """
          UPDATE campaigns SET audience_size = audience_size + ?1, last_job_id = ?2,
          first_job_id = ifnull(first_job_id, (SELECT min(id) FROM send_jobs WHERE id > ?3)) WHERE id = ?4
          """,
        arguments: [frozen, lastJob, before, campaign.id])
    }
    try db.execute(
      sql: """
        UPDATE campaigns SET freeze_cursor = ?1, state = CASE WHEN ?2 THEN 'running' ELSE state END, frozen = ?2 WHERE id = ?3
        """, arguments: [upTo, upTo >= last, campaign.id])
  }

  /// Half an audience is not texted: a campaign that cannot be planned ends, and says why; of a resend, what is planned stays.
  private static func giveUp(_ db: Database, _ reference: String, at: Moment) throws {
    let next =
      "SELECT * FROM campaigns WHERE state = 'starting' OR state = 'scheduled' AND send_at <= ? ORDER BY id LIMIT 1"
    if let row = try Row.fetchOne(db, sql: next, arguments: [at]) {
      var campaign = try Campaign(row)
      try campaign.cancel(db, at: at)
      try db.execute(
        sql: "UPDATE campaigns SET pause_reason = ?, paused_by = 'system' WHERE id = ?",
        arguments: ["internal error, reference \(reference)", campaign.id])
    } else {
      try db.execute(
        sql: """
          UPDATE campaigns SET resend_cursor = NULL, resend_up_to = NULL WHERE id =
          (SELECT id FROM campaigns WHERE resend_up_to IS NOT NULL AND state IN ('running', 'paused') LIMIT 1)
          """)
    }
  }

  private static func nextScheduled(_ db: Database) throws -> Moment? {
    try Moment.fetchOne(db.cachedStatement(sql: "SELECT min(send_at) FROM campaigns WHERE state = 'scheduled'"))
  }
}
