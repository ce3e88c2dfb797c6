package import GRDB

/// What stands around every page of a tenant: what waits for people, what is left of the budget, whether texts leave.
package struct TenantStanding: Sendable {
  package var unread: Int64
  package var reviews: Int64
  package var running: Int64
  package var leftMicros: Int64?
  package var usedShare: Double
  package var isStopped: Bool
  package var suspended: String?

  package static func read(_ db: Database, _ lease: Lease, now: Moment) throws -> TenantStanding {
    let budget = try Budget.read(db, zone: lease.timeZone, now: now)
    let month = budget.monthlyMicros
    func count(_ sql: String) throws -> Int64 { try Int64.fetchOne(db.cachedStatement(sql: sql)) ?? 0 }
    return TenantStanding(
      unread: try count("SELECT count(*) FROM conversations WHERE unread > 0"),
      reviews: try count("SELECT count(*) FROM opt_out_reviews WHERE decided_at IS NULL"),
      running: try count("SELECT count(*) FROM campaigns WHERE \(Campaign.isUnderWay)"),
      leftMicros: month.map { max(0, $0 - budget.usedThisMonth) },
      usedShare: month.map { $0 == 0 ? 1 : Double(budget.usedThisMonth) / Double($0) } ?? 0,
      isStopped: try KillSwitch.isOn(db), suspended: lease.suspended ?? lease.killed)
  }
}
