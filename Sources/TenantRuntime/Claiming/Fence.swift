package import GRDB

/// Lifts what keeps a restored file from texting: a person has looked at it. What went on after the copy stays stopped, each campaign until
/// somebody resumes it.
package enum Fence {
  static let pauseReason = "went on after the copy that this tenant was restored from; look at it, then resume it"

  package static func lift(_ db: Database, at: Moment) throws {
    try pauseMoved(db, at: at)
    try Identity.fence(db, reason: nil)
  }

  /// Campaigns that have gone on, or were stopped, since the copy wait for a person.
  package static func pauseMoved(_ db: Database, at: Moment) throws {
    let moved = try Int64.fetchAll(
      db,
      sql:
        "SELECT id FROM campaigns WHERE moved_on = 1 AND state IN ('draft', 'scheduled', 'starting', 'running', 'completed')"
    )
    for id in moved {
      let open = try Int64.fetchOne(
        db.cachedStatement(
          sql:
            "SELECT ifnull(sum(n), 0) FROM campaign_counts WHERE campaign_id = ? AND state IN ('queued', 'sending', 'deferred')"
        ),
        arguments: [id])
      try db.execute(
        sql: """
          UPDATE campaigns SET state = 'paused', pause_reason = ?1, paused_by = 'restore', waiting_reason = NULL, waiting_until = NULL,
          completed_at = NULL WHERE id = ?2 AND (state <> 'completed' OR ?3 > 0)
          """, arguments: [pauseReason, id, open])
      guard db.changesCount > 0 else { continue }
      try Event.append(
        db, .campaignPaused, at: at, phone: nil, campaign: id, data: ["reason": .text(pauseReason)])
      try Audit.append(db, call: "restore", "campaign.pause", "campaign:\(id)", after: pauseReason, at: at)
    }
    if !moved.isEmpty { try db.execute(sql: "UPDATE campaigns SET moved_on = 0 WHERE moved_on = 1") }
  }
}
