import GRDB

/// Plans failures once more: for each person whose last try has failed, a new job with the next `try`; the old one no longer counts.
/// Never for a text that may still arrive (`unknown`, `accepted`, `sent`), nor for one that was skipped or cancelled.
enum ResendSlice {
  private static let size: Int64 = 2_000

  /// Plans one slice of one campaign; false when none waits.
  static func plan(_ db: Database) throws -> Bool {
    guard
      let row = try Row.fetchOne(
        db.cachedStatement(
          sql: "SELECT * FROM campaigns WHERE resend_up_to IS NOT NULL AND state IN ('running', 'paused') LIMIT 1"))
    else { return false }
    let campaign = try Campaign(row)
    guard let cursor = campaign.resendCursor, let end = campaign.resendUpTo else { return false }
    let upTo = min(cursor + size, end)
    let failed = try Row.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT \(SendJob.columns) FROM send_jobs WHERE id > ? AND id <= ? AND campaign_id = ? AND superseded = 0 AND state IN ('failed', 'undelivered')
          AND NOT EXISTS (SELECT 1 FROM contacts c WHERE c.id = contact_id AND c.phone <> send_jobs.phone) -- it is another number now
          """), arguments: [cursor, upTo, campaign.id])
    for row in failed { try again(db, try SendJob(row), tries: row["try"]) }
    try db.execute(
      sql:
        "UPDATE campaigns SET resend_cursor = ?1, resend_up_to = CASE WHEN ?1 >= resend_up_to THEN NULL ELSE resend_up_to END WHERE id = ?2",
      arguments: [upTo, campaign.id])
    return true
  }

  /// A new job takes the old one's place, of the same variant. Its id is the campaign's last one now.
  static func again(_ db: Database, _ job: SendJob, tries: Int64) throws {
    guard let campaign = job.campaignID else { return }
    try db.cachedStatement(sql: "UPDATE send_jobs SET superseded = 1, check_at = NULL WHERE id = ?").execute(
      arguments: [job.id])
    try db.cachedStatement(
      sql: """
        INSERT INTO send_jobs (kind, campaign_id, contact_id, phone, variant, try, state)
        VALUES ('campaign', ?, ?, ?, ?, ?, 'queued')
        """
    ).execute(arguments: [campaign, job.contactID, job.phone, job.variant, tries + 1])
    let last = db.lastInsertedRowID
    try SendJob.counted(db, campaign: campaign, variant: job.variant, 1)
    try db.cachedStatement(sql: "UPDATE campaigns SET last_job_id = ? WHERE id = ?").execute(arguments: [
      last, campaign,
    ])
  }
}
