import GRDB
import Synchronization

/// Once a day, also of a tenant where nothing happens: deletes what is older than it is kept. Hits go whole hours at a time
/// (`link_hit_days`), audit rows from the first on (`audit_days`); figures and distinct people stay.
enum AgeSweep {
  private static let slice: Int64 = 1_000
  static let pause: Int64 = 86_400

  static func takeTurn(_ runtime: Runtime) async throws -> NextTurn {
    let now = runtime.dependencies.now()
    let more = try await runtime.file.write(.replayable) { db in
      try sweepLogs(db, now: now) || sweepAudit(db, now: now) || sweep(db, now: now)
    }
    if more { return .now }
    try await runtime.logWhatWaits()
    runtime.sweptAt.store(now.milliseconds, ordering: .relaxed)
    return .at(now.advanced(bySeconds: pause))
  }

  private static let deliveryDays: Int64 = 30

  /// Answers kept for repeated requests, and the log of outgoing webhooks.
  private static func sweepLogs(_ db: Database, now: Moment) throws -> Bool {
    try db.cachedStatement(
      sql: "DELETE FROM idempotency_keys WHERE id < (SELECT min(id) FROM idempotency_keys) + \(slice) AND at < ?"
    ).execute(arguments: [now.advanced(bySeconds: -pause)])
    let keys = db.changesCount
    try db.cachedStatement(
      sql: """
        DELETE FROM webhook_deliveries WHERE rowid IN (SELECT rowid FROM webhook_deliveries WHERE at < ? LIMIT \(slice))
        """
    ).execute(arguments: [now.advanced(bySeconds: -deliveryDays * pause)])
    return keys > 0 || db.changesCount == Int(slice)
  }

  private static func sweepAudit(_ db: Database, now: Moment) throws -> Bool {
    let days = try TenantSettings.read(db).auditDays
    return try AuditChain.sweep(db, before: now.advanced(bySeconds: -days * 86_400))
  }

  /// Hits are numbered as they came, so the old ones are the first. The mark goes with them: what is older may be gone.
  private static func sweep(_ db: Database, now: Moment) throws -> Bool {
    let days = try TenantSettings.read(db).linkHitDays
    let before = now.advanced(bySeconds: -days * 86_400).hour
    guard
      let first = try Row.fetchOne(
        db.cachedStatement(sql: "SELECT id FROM link_hits WHERE id = (SELECT min(id) FROM link_hits) AND at < ?"),
        arguments: [before])
    else { return false }
    try db.cachedStatement(sql: "UPDATE link_hits_mark SET swept_before = max(swept_before, ?) WHERE id = 1").execute(
      arguments: [
        before
      ])
    try db.cachedStatement(sql: "DELETE FROM link_hits WHERE id < ? AND at < ?")
      .execute(arguments: [(first[0] as Int64) + slice, before])
    return true
  }
}

extension Runtime {
  /// Hits have come: once a day that is when to look for old ones. A file that is opened is looked through in any case.
  func sweepIfDue() {
    let last = sweptAt.load(ordering: .relaxed)
    if dependencies.now().milliseconds - last > AgeSweep.pause * 1000 { nudge(.sweepingByAge) }
  }
}
