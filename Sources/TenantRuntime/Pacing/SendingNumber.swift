import Foundation
package import GRDB
import Hummingbird

/// A number this tenant sends from. Who owns it is the control plane's `number_routes`; here are its pace and counters.
package struct SendingNumber: Sendable, Equatable, Codable {
  package var number: PhoneNumber
  /// Segments a second.
  package var rate: Double
  package var dailyCap: Int64?
  package var warmUp: String
  package var messagingService: String?
  /// Registered brand (10DLC), and its segments a day over all its numbers, in any tenant.
  package var brand: String?
  package var brandDailyCap: Int64?
  /// From the tenant it was of before; this one's own row counts once there is one.
  package var standing: NumberStanding?

  package init(
    number: PhoneNumber, rate: Double, dailyCap: Int64? = nil, warmUp: String = "on", messagingService: String? = nil,
    brand: String? = nil, brandDailyCap: Int64? = nil, standing: NumberStanding? = nil
  ) {
    self.standing = standing
    self.brand = brand
    self.brandDailyCap = brandDailyCap
    self.number = number
    self.rate = rate
    self.dailyCap = dailyCap
    self.warmUp = warmUp
    self.messagingService = messagingService
  }

  /// Makes the table say what the control plane says; counters stay.
  package static func reconcile(_ db: Database, with numbers: [SendingNumber], at: Moment) throws {
    for number in numbers {
      try db.execute(
        sql: """
          INSERT INTO sending_numbers (number, rate, daily_cap, warm_up, messaging_service, brand, brand_daily_cap, added_at, use_day,
          used_today, use_days, paused_reason, paused_by, paused_at)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          ON CONFLICT (number) DO UPDATE SET rate = excluded.rate, daily_cap = excluded.daily_cap, warm_up = excluded.warm_up,
          messaging_service = excluded.messaging_service, brand = excluded.brand, brand_daily_cap = excluded.brand_daily_cap
          """,
        arguments: [
          number.number, number.rate, number.dailyCap, number.warmUp, number.messagingService, number.brand,
          number.brandDailyCap, at, number.standing?.useDay ?? 0, number.standing?.usedToday ?? 0,
          number.standing?.useDays ?? 0, number.standing?.pausedReason, number.standing?.pausedBy,
          number.standing?.pausedAt,
        ])
    }
    try db.execute(
      sql: "DELETE FROM sending_numbers WHERE number NOT IN (SELECT value FROM json_each(?))",
      arguments: [JSON.list(numbers.map { .int($0.number.digits) }).serialized])
  }

  private static let pausedField = Field<Bool>.bool(
    "paused", missing: "is required: true or false", about: "False lets it go on.")
  private static let reasonField = Field<String>.text(
    "reason", most: 500, about: "Why it is stopped.", example: "Carrier complaints")

  static let routes: [Route<Runtime>] = [
    Route(
      .get, "numbers", needs: .readCampaigns, about: "Sending numbers and what they may still send today", query: .page,
      answers: [.page(.sendingNumber)], list),
    Route(
      .patch, "numbers/:number", needs: .editNumbers, about: "Stop a number, or let it go on",
      body: .json([pausedField, reasonField]), answers: [.ok(.sendingNumber)], edit),
  ]

  @Sendable private static func list(_ call: Call<Runtime>) async throws -> Response {
    let page = try PageRequest(call)
    let now = call.subject.dependencies.now()
    let day = LocalDay(now, zone: call.subject.lease.timeZone)
    let gate = call.subject.gate
    let ladder = try await call.subject.file.read { db in try TenantSettings.read(db).warmUpLadder }
    return try await call.subject.file.page(
      page, "SELECT * FROM sending_numbers WHERE number > ? ORDER BY number", [page.after], id: "number"
    ) { json($0, day: day, ladder: ladder, gate, now: now) }
  }

  private static func json(_ row: Row, day: LocalDay, ladder: [Int64]?, _ gate: SendGate, now: Moment) -> JSON {
    let sender = NumberPool.sender(row, day: day, ladder: ladder, now: now)
    let inFlight = gate.inFlight(number: sender.phone)
    return [
      "number": row.phone("number"), "rate": .double(row["rate"]), "daily_cap": row.int("daily_cap"),
      "warm_up": row.text("warm_up"),
      "warm_up_day": .optional(WarmUp.step(sender.warmUp, day: sender.isNewDay ? sender.days + 1 : sender.days)),
      "cap_today": .optional(sender.cap), "used_today": .int(sender.usedToday),
      "left_today": .optional(sender.cap.map { max(0, $0 - sender.usedToday) }),
      "messaging_service": row.text("messaging_service"), "brand": row.text("brand"),
      "paused_reason": row.text("paused_reason"), "paused_by": row.text("paused_by"),
      "paused_at": row.moment("paused_at"), "probes_left": row.int("probe_left"), "calls_in_flight": .int(inFlight),
      "added_at": row.moment("added_at"),
    ]
  }

  /// Stops a number, with who and why, or lets it go on: also one that the provider's answers have stopped.
  @Sendable private static func edit(_ call: Call<Runtime>) async throws -> Response {
    let text = (call.parameters.get("number") ?? "").removingPercentEncoding ?? ""
    guard let number = PhoneNumber(e164: "+" + text.drop { $0 == "+" || $0 == " " }) else {
      throw Refusal.notFound("There is no such number.")
    }
    var fields = try await call.fields()
    let paused = fields.take(pausedField)
    let reason = fields.take(reasonField)
    try fields.finish()
    guard let paused else { throw Refusal.invalid("paused", "is required") }
    let runtime = call.subject
    let (caller, gate) = (call.caller, runtime.gate)
    let verb: @Sendable (Transaction) throws -> JSON = { change in
      let row = try paused ? pause(change, number, reason: reason) : resume(change, number)
      return json(
        row, day: LocalDay(change.now, zone: change.lease.timeZone),
        ladder: try TenantSettings.read(change.db).warmUpLadder, gate, now: change.now)
    }
    let answer =
      try await paused
      ? runtime.transact(caller, stopping: .number(number), verb)
      : runtime.transact(caller, resuming: .number(number), verb)
    return answer.response()
  }

  // MARK: Verbs

  /// Within `transact(stopping:)`.
  static func pause(_ change: Transaction, _ number: PhoneNumber, reason: String?) throws -> Row {
    let reason = reason ?? "paused by \(change.caller.name)"
    let before: String? = try find(change.db, number)["paused_reason"]
    try change.db.execute(
      sql: "UPDATE sending_numbers SET paused_reason = ?, paused_by = ?, paused_at = ? WHERE number = ?",
      arguments: [reason, change.caller.name, change.now, number])
    let row = try find(change.db, number)
    try change.audit("number.pause", "number:\(number)", before: before ?? "in use", after: reason)
    change.effects.notes.append(.number(number, isPaused: true, at: change.now))
    return row
  }

  /// Within `transact(resuming:)`.
  static func resume(_ change: Transaction, _ number: PhoneNumber) throws -> Row {
    let before: String? = try find(change.db, number)["paused_reason"]
    try release(change.db, number, at: change.now)
    let row = try find(change.db, number)
    try change.audit("number.resume", "number:\(number)", before: before, after: "in use")
    change.effects.wakes.insert(.sending)
    return row
  }

  private static func find(_ db: Database, _ number: PhoneNumber) throws -> Row {
    guard
      let row = try Row.fetchOne(
        db.cachedStatement(sql: "SELECT * FROM sending_numbers WHERE number = ?"), arguments: [number])
    else { throw Refusal.notFound("This tenant does not send from \(number).") }
    return row
  }

  /// After the circuit breaker a few texts go first.
  private static func release(_ db: Database, _ number: PhoneNumber, at: Moment) throws {
    let by = try String.fetchOne(
      db.cachedStatement(sql: "SELECT paused_by FROM sending_numbers WHERE number = ?"), arguments: [number])
    let probes = by == CircuitBreaker.actor ? try TenantSettings.read(db).breaker.probes : nil
    if probes != nil { try CircuitBreaker.forget(db, .number, number.digits) }
    try db.execute(
      sql: """
        UPDATE sending_numbers SET paused_reason = NULL, paused_by = NULL, paused_at = NULL, probe_left = ?, probe_since = ?
        WHERE number = ?
        """, arguments: [probes, probes.map { _ in at }, number])
  }

  /// Stops it from within a transaction, with who and why; a number that is stopped keeps its first reason.
  static func stop(
    _ db: Database, _ number: PhoneNumber, reason: String, actor: String, _ effects: inout Effects, at: Moment
  ) throws {
    try db.execute(
      sql:
        "UPDATE sending_numbers SET paused_reason = ?, paused_by = ?, paused_at = ? WHERE number = ? AND paused_reason IS NULL",
      arguments: [reason, actor, at, number])
    guard db.changesCount > 0 else { return }
    effects.pausedNumbers.insert(number)
    try Audit.append(db, call: actor, "number.pause", "number:\(number)", after: reason, at: at)
    try Event.append(
      db, &effects, .numberPaused, at: at, phone: nil, data: ["number": .phone(number), "reason": .text(reason)])
  }
}
