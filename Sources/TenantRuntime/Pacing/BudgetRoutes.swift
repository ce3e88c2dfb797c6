import GRDB
import Hummingbird

enum BudgetRoutes {
  static let all: [Route<Runtime>] = [
    Route(
      .get, "budget", needs: .readCampaigns, about: "Limits and what is used of them", answers: [.ok(.budget)], show),
    Route(
      .put, "budget", needs: .editBudgets, about: "Set limits; null is none, what is left out stays",
      body: .json([dailyField, monthlyField]), answers: [.ok(.budget)], put),
  ]
  private static let most: Int64 = 1_000_000_000_000_000
  private static let dailyField = Field<Int64>.int(
    "daily_micros", 0...most, about: "Of a day in the tenant's zone; null is no limit.", example: 5_000_000)
  private static let monthlyField = Field<Int64>.int(
    "monthly_micros", 0...most, about: "Of a month; null is no limit.", example: 100_000_000)

  @Sendable private static func show(_ call: Call<Runtime>) async throws -> Response {
    let now = call.subject.dependencies.now()
    let zone = call.subject.lease.timeZone
    return try await call.subject.file.read { db in json(try Budget.read(db, zone: zone, now: now), zone) }.response()
  }

  /// Null is no limit; what is left out stays as it is, for a limit must not go by an oversight.
  @Sendable private static func put(_ call: Call<Runtime>) async throws -> Response {
    var fields = try await call.fields()
    let daily = fields.take(dailyField)
    let monthly = fields.take(monthlyField)
    let (hasDaily, hasMonthly) = (fields.has("daily_micros"), fields.has("monthly_micros"))
    if !hasDaily, !hasMonthly { fields.fail("daily_micros", "or monthly_micros is required; null is no limit") }
    try fields.finish()
    let runtime = call.subject
    let now = runtime.dependencies.now()
    let zone = runtime.lease.timeZone
    let actor = call.actor.name
    let answer = try await runtime.file.write { db in
      let known = try Budget.read(db, zone: zone, now: now)
      let before = json(known, zone)
      try db.execute(
        sql: """
          INSERT INTO budgets (id, daily_micros, monthly_micros) VALUES (1, ?, ?)
          ON CONFLICT DO UPDATE SET daily_micros = excluded.daily_micros, monthly_micros = excluded.monthly_micros
          """, arguments: [hasDaily ? daily : known.dailyMicros, hasMonthly ? monthly : known.monthlyMicros])
      let budget = try Budget.read(db, zone: zone, now: now)
      let after = json(budget, zone)
      // On the file's own lane: a claim before it is cut, one behind it has seen the new limits.
      runtime.gate.cut(budget.excess, campaign: nil)
      try Audit.append(
        db, call: actor, "budget.edit", "tenant", before: before.serialized, after: after.serialized, at: now)
      return after
    }
    // So that a file put back from before does not spend more than what holds now.
    for (id, isSet, micros) in [
      (CampaignNote.dailyBudget, hasDaily, daily), (CampaignNote.monthlyBudget, hasMonthly, monthly),
    ] where isSet {
      await runtime.note(CampaignNote(id: id, budget: micros ?? CampaignNote.noBudget, at: now))
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
