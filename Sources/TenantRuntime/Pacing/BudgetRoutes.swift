import GRDB
import Hummingbird

enum BudgetRoutes {
  static let all: [Route<Runtime>] = [
    Route(
      .get, "budget", needs: .readCampaigns, about: "Limits and what is used of them", answers: [.ok(.budget)],
      whole: whole
    ) { call in try await call.answer(try whole(call)) },
    Route(
      .put, "budget", needs: .editBudgets, about: "Set limits; null is none, what is left out stays",
      body: .json([dailyField, monthlyField]), answers: [.ok(.budget)], whole: whole, put),
  ]
  private static let most: Int64 = 1_000_000_000_000_000
  private static let dailyField = Field<Int64>.int(
    "daily_micros", 0...most, about: "Of a day in the tenant's zone; null is no limit.", example: 5_000_000)
  private static let monthlyField = Field<Int64>.int(
    "monthly_micros", 0...most, about: "Of a month; null is no limit.", example: 100_000_000)

  @Sendable private static func whole(_ call: Call<Runtime>) throws -> (@Sendable (Database) throws -> JSON) {
    let (now, zone) = (call.subject.dependencies.now(), call.subject.lease.timeZone)
    return { db in try Budget.read(db, zone: zone, now: now).json(zone) }
  }

  /// Null is no limit; what is left out stays as it is, for a limit must not go by an oversight.
  @Sendable private static func put(_ call: Call<Runtime>) async throws -> Response {
    var fields = try await call.fields()
    let daily = fields.take(dailyField)
    let monthly = fields.take(monthlyField)
    let (hasDaily, hasMonthly) = (fields.has("daily_micros"), fields.has("monthly_micros"))
    if !hasDaily, !hasMonthly { fields.fail("daily_micros", "or monthly_micros is required; null is no limit") }
    try fields.finish()
    let edit = Budget.Edit(daily: hasDaily ? .some(daily) : nil, monthly: hasMonthly ? .some(monthly) : nil)
    let (zone, now) = (call.subject.lease.timeZone, call.subject.dependencies.now())
    let raised = try await call.subject.file.read { db in try Budget.raised(db, by: edit, zone, now: now) }
    return try await call.subject.transact(call.caller, allowing: raised) { change in
      try Budget.edit(change, edit).json(change.lease.timeZone)
    }.response()
  }
}
