package import GRDB
import Hummingbird

/// Stops every text of the tenant, with who and why. A switch that is on is a row.
package enum KillSwitch {
  static func throwOn(_ db: Database, reason: String, actor: String, at: Moment) throws {
    try db.execute(
      sql:
        "INSERT INTO kill_switches (scope, reason, actor, since) VALUES ('tenant', ?, ?, ?) ON CONFLICT DO UPDATE SET reason = excluded.reason, actor = excluded.actor",
      arguments: [reason, actor, at])
  }

  /// One that is on.
  struct Thrown: Sendable {
    let reason: String
    let actor: String
    let since: Moment
  }

  static func thrown(_ db: Database) throws -> Thrown? {
    try Row.fetchOne(db.cachedStatement(sql: "SELECT * FROM kill_switches")).map {
      Thrown(reason: $0["reason"], actor: $0["actor"], since: $0["since"])
    }
  }

  package static func isOn(_ db: Database) throws -> Bool {
    try Bool.fetchOne(db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM kill_switches)")) ?? false
  }

  private static let on = Field<Bool>.bool("on", missing: "is required", about: "Whether every text is stopped.")
  private static let reason = Field<String>.text("reason", most: 500, about: "Why.", example: "A wrong text")

  static let routes: [Route<Runtime>] = [
    Route(
      .get, "kill-switch", needs: .readCampaigns, about: "Whether every text is stopped", answers: [.ok(.killSwitch)],
      show),
    Route(
      .put, "kill-switch", needs: .throwKillSwitch, about: "Stop every text, or let them go on",
      body: .json([on, reason]), answers: [.ok(.killSwitch)], put),
  ]

  @Sendable private static func show(_ call: Call<Runtime>) async throws -> Response {
    let runtime = call.subject
    return try await runtime.file.read { db in try json(db, runtime) }.response()
  }

  @Sendable private static func put(_ call: Call<Runtime>) async throws -> Response {
    var fields = try await call.fields()
    let (wanted, reason) = (fields.take(on), fields.take(reason) ?? "")
    try fields.finish()
    guard let on = wanted else { throw Refusal.invalid("on", "is required") }
    let (runtime, caller) = (call.subject, call.caller)
    let verb: @Sendable (Transaction) throws -> JSON = { change in
      try on ? throwOn(change, reason: reason) : takeOff(change, reason: reason)
      return try json(change.db, runtime)
    }
    let answer =
      try await on
      ? runtime.transact(caller, stopping: .tenant, verb) : runtime.transact(caller, resuming: .tenant, verb)
    return answer.response()
  }

  // MARK: Verbs

  /// Within `transact(stopping:)`.
  static func throwOn(_ change: Transaction, reason: String) throws {
    let before = try reasonNow(change.db)
    try throwOn(change.db, reason: reason, actor: change.caller.name, at: change.now)
    try change.audit("kill_switch.on", "tenant", before: before ?? "off", after: reason)
    change.effects.notes.append(.killSwitch(isOn: true, at: change.now))
  }

  /// Within `transact(resuming:)`.
  static func takeOff(_ change: Transaction, reason: String) throws {
    let before = try reasonNow(change.db)
    try change.db.execute(sql: "DELETE FROM kill_switches")
    try change.audit("kill_switch.off", "tenant", before: before ?? "off", after: reason)
    change.effects.wakes.insert(.sending)
  }

  private static func reasonNow(_ db: Database) throws -> String? {
    try thrown(db)?.reason
  }

  /// Whether calls that had begun before it are still under way: it has taken its full effect once none is.
  private static func json(_ db: Database, _ runtime: Runtime) throws -> JSON {
    let inFlight = runtime.gate.inFlight
    let drain: [(String, JSON)] = [("calls_in_flight", .int(inFlight)), ("drained", .bool(inFlight == 0))]
    guard let thrown = try thrown(db) else {
      let platform = runtime.lease.killed
      return .object(
        [
          ("on", .bool(platform != nil)), ("reason", .optional(platform)),
          ("scope", platform == nil ? .null : "platform"),
        ] + drain)
    }
    return .object(
      [
        ("on", true), ("reason", .text(thrown.reason)), ("scope", "tenant"), ("actor", .text(thrown.actor)),
        ("since", .moment(thrown.since)),
      ] + drain)
  }
}
