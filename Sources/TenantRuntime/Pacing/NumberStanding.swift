package import GRDB

/// Where a sending number stands with carriers and provider, in any tenant: what it has sent on its last day, its place on the warm-up
/// ladder, and why it was stopped by what they answered. It goes along when the number moves to another tenant. A stop by a person does not:
/// that was the former tenant's business.
package struct NumberStanding: Sendable, Equatable, Codable {
  package var useDay: Int64
  package var usedToday: Int64
  package var useDays: Int64
  package var pausedReason: String?
  package var pausedBy: String?
  package var pausedAt: Moment?

  private static let carried: Set<String> = [CircuitBreaker.actor, "provider", "restore"]

  package static func read(_ db: Database, _ number: PhoneNumber) throws -> NumberStanding? {
    try Row.fetchOne(db.cachedStatement(sql: "SELECT * FROM sending_numbers WHERE number = ?"), arguments: [number]).map
    { row in
      let isCarried = (row["paused_by"] as String?).map(carried.contains) ?? false
      return NumberStanding(
        useDay: row["use_day"], usedToday: row["used_today"], useDays: row["use_days"],
        pausedReason: isCarried ? row["paused_reason"] : nil, pausedBy: isCarried ? row["paused_by"] : nil,
        pausedAt: isCarried ? row["paused_at"] : nil)
    }
  }
}
