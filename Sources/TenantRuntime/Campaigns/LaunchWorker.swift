import GRDB

/// Freezes the audience of starting campaigns into send jobs, a slice a transaction, with its cursor in the same commit: a crash
/// goes on where it was. Everyone in the audience gets a job, the opted-out too; gates decide at the claim.
struct LaunchWorker {
  let runtime: Runtime
  /// Keeps a slice well under 100 ms, so that other work of the same file waits no longer.
  static let slice = 2_000

  func takeTurn() async throws -> NextTurn {
    let now = runtime.outside.now()
    let (frozen, next) = try await runtime.file.write { db in
      (try Self.freezeOne(db, at: now), try Self.nextScheduled(db))
    }
    if frozen {
      runtime.nudge(.sending)
      return .now
    }
    return next.map { .at($0) } ?? .whenNudged
  }

  /// True if there was a starting campaign.
  private static func freezeOne(_ db: Database, at: Moment) throws -> Bool {
    try db.execute(
      sql: "UPDATE campaigns SET state = 'starting', started_at = ?1 WHERE state = 'scheduled' AND send_at <= ?1",
      arguments: [at])
    guard
      let row = try Row.fetchOne(db, sql: "SELECT * FROM campaigns WHERE state = 'starting' ORDER BY id LIMIT 1")
    else { return false }
    let campaign = try Campaign(row)
    let ids = try audienceSlice(db, campaign)
    for id in ids {
      try db.cachedStatement(
        sql: """
          INSERT INTO send_jobs (kind, campaign_id, contact_id, phone, state)
          SELECT 'campaign', ?, id, phone, 'queued' FROM contacts WHERE id = ? ON CONFLICT DO NOTHING
          """
      ).execute(arguments: [campaign.id, id])
    }
    if let last = ids.last {
      try db.execute(
        sql: """
          UPDATE campaigns SET freeze_cursor = ?1, audience_size = audience_size + ?2, last_job_id = ?3,
          first_job_id = ifnull(first_job_id, (SELECT min(id) FROM send_jobs WHERE campaign_id = ?4 AND state = 'queued'))
          WHERE id = ?4
          """,
        arguments: [last, ids.count, db.lastInsertedRowID, campaign.id])
    }
    if ids.count < slice {
      try db.execute(sql: "UPDATE campaigns SET state = 'running' WHERE id = ?", arguments: [campaign.id])
    }
    return true
  }

  private static func audienceSlice(_ db: Database, _ campaign: Campaign) throws -> [Int64] {
    switch campaign.audience {
    case .all:
      try Int64.fetchAll(
        db, sql: "SELECT id FROM contacts WHERE id > ? ORDER BY id LIMIT ?", arguments: [campaign.freezeCursor, slice])
    case .tag(let name):
      try Int64.fetchAll(
        db,
        sql: """
          SELECT contact_id FROM contact_tags WHERE tag_id = (SELECT id FROM tags WHERE name = ?) AND contact_id > ?
          ORDER BY contact_id LIMIT ?
          """,
        arguments: [name, campaign.freezeCursor, slice])
    }
  }

  private static func nextScheduled(_ db: Database) throws -> Moment? {
    try Moment.fetchOne(db, sql: "SELECT min(send_at) FROM campaigns WHERE state = 'scheduled'")
  }
}
