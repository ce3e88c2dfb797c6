import GRDB
import Synchronization

/// Deletes hits older than the tenant keeps them (`link_hit_days`), whole hours at a time; figures and distinct people stay.
enum HitSweep {
  private static let slice: Int64 = 1_000
  static let pause: Int64 = 86_400

  static func takeTurn(_ runtime: Runtime) async throws -> NextTurn {
    let now = runtime.outside.now()
    let more = try await runtime.file.write(.replayable) { db in try sweep(db, now: now) }
    if !more { runtime.sweptHitsAt.store(now.milliseconds, ordering: .relaxed) }
    return more ? .now : .whenNudged
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
  func sweepHitsIfDue() {
    let last = sweptHitsAt.load(ordering: .relaxed)
    if outside.now().milliseconds - last > HitSweep.pause * 1000 { nudge(.sweepingHits) }
  }
}
