import GRDB
import Hummingbird

enum BudgetRoutes {
  static let all: [Route<Runtime>] = [
    Route(.get, "budget", needs: .readCampaigns, show),
    Route(.put, "budget", needs: .editBudgets, put),
  ]
  private static let most: Int64 = 1_000_000_000_000_000

  @Sendable private static func show(_ call: Call<Runtime>) async throws -> Response {
    let now = call.subject.outside.now()
    let zone = call.subject.lease.timeZone
    return try await call.subject.file.read { db in json(try Budget.read(db, zone: zone, now: now), zone) }.response()
  }

  /// Both limits are set whole: what is left out or null is no limit.
  @Sendable private static func put(_ call: Call<Runtime>) async throws -> Response {
    var fields = try await call.fields()
    let daily = fields.int("daily_micros", in: 0...most)
    let monthly = fields.int("monthly_micros", in: 0...most)
    try fields.finish()
    let runtime = call.subject
    let now = runtime.outside.now()
    let zone = runtime.lease.timeZone
    let actor = call.actor.name
    let answer = try await runtime.file.write { db in
      let before = json(try Budget.read(db, zone: zone, now: now), zone)
      try db.execute(
        sql: """
          INSERT INTO budgets (id, daily_micros, monthly_micros) VALUES (1, ?, ?)
          ON CONFLICT DO UPDATE SET daily_micros = excluded.daily_micros, monthly_micros = excluded.monthly_micros
          """, arguments: [daily, monthly])
      let budget = try Budget.read(db, zone: zone, now: now)
      let after = json(budget, zone)
      // On the file's own lane: a claim before it is cut, one behind it has seen the new limits.
      runtime.gate.cut(budget.excess, campaign: nil)
      try Audit.append(
        db, call: actor, "budget.edit", "tenant", before: before.serialized, after: after.serialized, at: now)
      return after
    }
    await runtime.afterPendingSends()
    runtime.nudge(.sending)
    return answer.response()
  }

  private static func json(_ budget: Budget, _ zone: String) -> JSON {
    let left = [
      budget.dailyMicros.map { $0 - budget.usedToday }, budget.monthlyMicros.map { $0 - budget.usedThisMonth },
    ].compactMap { $0 }.min()
    return [
      "daily_micros": .optional(budget.dailyMicros), "monthly_micros": .optional(budget.monthlyMicros),
      "used_micros": .int(budget.usedThisMonth), "used_today_micros": .int(budget.usedToday),
      "left_micros": .optional(left.map { max(0, $0) }), "time_zone": .text(zone),
    ]
  }
}
