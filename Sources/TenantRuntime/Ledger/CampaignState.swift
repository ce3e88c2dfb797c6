import GRDB

package enum CampaignState: String, CaseIterable, Sendable {
  case draft, scheduled, starting, running, paused, completed, cancelled

  /// What goes with a pause: the reason, then who.
  static let pauseColumns = "waiting_reason = NULL, waiting_until = NULL, pause_reason = ?, paused_by = ?"

  /// Stops a running campaign from within a transaction; false when it is not running.
  static func pauseRunning(_ db: Database, campaign: Int64, reason: String, actor: String) throws -> Bool {
    try db.execute(
      sql: "UPDATE campaigns SET state = 'paused', \(pauseColumns) WHERE id = ? AND state = 'running'",
      arguments: [reason, actor, campaign])
    return db.changesCount > 0
  }
}

package enum CampaignPurpose: String, CaseIterable, Sendable, Codable { case marketing, informational }
