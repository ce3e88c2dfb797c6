import GRDB
import Synchronization

/// Lists hits by their texts (`link_hits_listed`), many at once and in the order of texts, so that each page of the list is written once for
/// all of them. Until then a text's hits are found by looking through the last ones (`link_hits_of_jobs`), two hundred thousand at most,
/// some ten milliseconds.
///
/// While many clicks come the list waits.
enum HitListing {
  /// Fewer are not worth the while.
  static let many: Int64 = 20_000
  /// No more wait, however busy the tenant is.
  static let most: Int64 = 200_000
  /// Together, some thirty milliseconds.
  private static let slice: Int64 = 20_000
  private static let quietMilliseconds: Int64 = 2_000

  static func takeTurn(_ runtime: Runtime) async throws -> NextTurn {
    let now = runtime.dependencies.now()
    let count = try await runtime.file.read { db in try Self.waiting(db) }
    guard count >= many else { return .whenNudged }
    let quietAt = Moment(milliseconds: runtime.hitAt.load(ordering: .relaxed) + quietMilliseconds)
    if count < most, now < quietAt { return .at(quietAt) }
    try await runtime.file.write(.replayable) { db in try listSlice(db) }
    return .now
  }

  /// For those who look up text after text: lists a slice; false when few enough wait.
  static func listedSome(_ db: Database, leaving few: Int64) throws -> Bool {
    guard try waiting(db) > few else { return false }
    try listSlice(db)
    return true
  }

  private static func waiting(_ db: Database) throws -> Int64 {
    try Int64.fetchOne(
      db.cachedStatement(
        sql: """
          SELECT ifnull((SELECT max(id) FROM link_hits), 0) - listed_up_to FROM link_hits_mark WHERE id = 1
          """)) ?? 0
  }

  private static func listSlice(_ db: Database) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO link_hits_listed (send_job_id, hit_id) SELECT send_job_id, id FROM link_hits
        WHERE id > (SELECT listed_up_to FROM link_hits_mark WHERE id = 1)
        AND id <= (SELECT listed_up_to FROM link_hits_mark WHERE id = 1) + \(slice) AND send_job_id IS NOT NULL ORDER BY 1, 2
        """
    ).execute()
    // After a sweep the first ones may be far behind the mark.
    try db.cachedStatement(
      sql: """
        UPDATE link_hits_mark SET listed_up_to = max(
          ifnull((SELECT max(id) FROM link_hits WHERE id <= listed_up_to + \(slice)), 0),
          ifnull((SELECT min(id) - 1 FROM link_hits WHERE id > listed_up_to), 0)) WHERE id = 1
        """
    ).execute()
  }
}

extension Runtime {
  /// Hits have come.
  func listHitsIfMany(_ hits: Int) {
    hitAt.store(dependencies.now().milliseconds, ordering: .relaxed)
    let (before, after) = unlistedHits.add(hits, ordering: .relaxed)
    let many = Int(HitListing.many)
    if before / many != after / many { nudge(.listingHits) }
  }
}
