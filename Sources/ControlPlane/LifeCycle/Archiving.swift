import Foundation
import GRDB
import TenantRuntime

/// Puts a tenant away: its file is folded and stays, its numbers and hosts are free for others, and nobody gets in.
///
///     active | suspended | paused → archived → (what it was)
///
/// Whose a number was stays known (`former_number_routes`), so that late reports of its texts still find the file when it is back.
struct Archiving: Sendable {
  let directory: TenantDirectory
  let pausing: Pausing

  func archive(_ key: String, reason: String, _ doing: Doing) async throws -> JSON {
    try await pausing.files.alone(with: key, .archived) {
      guard try directory.tenant(key).state != .archived else { throw Refusal.conflict("Tenant \(key) is archived.") }
      return try await putAway(key, reason: reason, doing) { _ in }
    }
  }

  /// The caller is alone with the file.
  /// - Parameter also: in the transaction that archives it.
  func putAway(
    _ key: String, reason: String, _ doing: Doing, also: @escaping @Sendable (Database) throws -> Void
  ) async throws -> JSON {
    try await pausing.goOn(key)
    let former = try directory.tenant(key)
    let before = former.state
    if try directory.tenant(key).isOpenable {
      var parking = doing
      parking.action = "tenant.pause"
      _ = try await pausing.park(key, reason: reason, parking)
    }
    guard try directory.tenant(key).state == .paused else {
      throw Refusal.conflict("Tenant \(key) is \(try directory.tenant(key).state.rawValue).")
    }
    do { try await writeDown(key, former, reason: reason, doing, also: also) } catch {
      // What was parked for this alone goes on.
      if before != .paused {
        var resuming = doing
        resuming.action = "tenant.resume"
        _ = try? await pausing.takeIntoUse(key, resuming)
      }
      throw error
    }
    return try directory.tenant(key).json
  }

  private func writeDown(
    _ key: String, _ former: Routing.Tenant, reason: String, _ doing: Doing,
    also: @escaping @Sendable (Database) throws -> Void
  ) async throws {
    let (state, pauseReason) = (former.state, former.reason)
    try await directory.change { db in
      var routes = try ReleasedRoutes.take(db, from: key, at: doing.at)
      if state == .paused { (routes.wasPaused, routes.pauseReason) = (true, pauseReason) }
      try db.execute(
        sql:
          "UPDATE tenants SET state = 'archived', reason = ?, released_routes = ? WHERE key = ? AND state = 'paused'",
        arguments: [reason, routes.stored, key])
      guard db.changesCount > 0 else { throw Refusal.conflict("Tenant \(key) has changed meanwhile; look again.") }
      try also(db)
      try doing.note(db, key, before: state.rawValue, detail: "archived: \(reason)")
    }
  }

  func unarchive(_ key: String, _ doing: Doing) async throws -> JSON {
    try await pausing.files.alone(with: key, .unarchived) {
      guard try directory.tenant(key).deleteAfter == nil else {
        throw Refusal.conflict("Tenant \(key) is to be deleted: keep it first.")
      }
      return try await takeBack(key, doing) { _ in }
    }
  }

  /// The caller is alone with the file. What others have taken meanwhile is not given back, and named in the answer.
  func takeBack(
    _ key: String, _ doing: Doing, also: @escaping @Sendable (Database) throws -> Void
  ) async throws -> JSON {
    guard try directory.tenant(key).state == .archived else { throw Refusal.conflict("Tenant \(key) is not archived.") }
    try pausing.files.check(pausing.files.path(of: key), belongsTo: key)
    let publicHost = directory.routing.publicHost
    let (taken, staysPaused) = try await directory.change { db in
      let stored = try String.fetchOne(db, sql: "SELECT released_routes FROM tenants WHERE key = ?", arguments: [key])
      let routes = try ReleasedRoutes(stored: stored)
      let taken = try routes.giveBack(db, to: key, except: publicHost, at: doing.at)
      try db.execute(
        sql: """
          UPDATE tenants SET state = 'paused', reason = ?, released_routes = NULL WHERE key = ? AND state = 'archived'
          """, arguments: [routes.pauseReason, key])
      guard db.changesCount > 0 else { throw Refusal.conflict("Tenant \(key) has changed meanwhile; look again.") }
      try also(db)
      try doing.note(db, key, before: "archived", detail: "in use again")
      return (taken, routes.wasPaused == true)
    }
    // No word of anybody's but the operator's ends a pause.
    if staysPaused {
      let json = try directory.tenant(key).json
      return .object((json.members ?? []) + [("not_given_back", .list(taken.map(JSON.text)))])
    }
    var resuming = doing
    resuming.action = "tenant.resume"
    let answer = try await pausing.takeIntoUse(key, resuming)
    return .object((answer.members ?? []) + [("not_given_back", .list(taken.map(JSON.text)))])
  }
}
