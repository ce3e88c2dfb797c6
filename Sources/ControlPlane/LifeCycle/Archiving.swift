import Foundation
import GRDB
import TenantRuntime

/// Puts a tenant away: its file is folded and stays, its numbers and hosts are free for others, and nobody gets in.
///
///     active | suspended | paused → archived → (what it was)
///
/// Parked and put away in one transaction: a server that ends before leaves the tenant as it was.
///
/// Whose a number was stays known (`former_number_routes`), so that late reports of its texts still find the file when it is back.
struct Archiving: Sendable {
  let directory: TenantDirectory
  let pausing: Pausing
  let hosts: LinkHosts

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
    guard former.isOpenable || former.state == .paused else {
      throw Refusal.conflict("Tenant \(key) is \(former.state.rawValue).")
    }
    let write: @Sendable (Database) throws -> Void = { db in
      try Self.writeDown(db, former, reason: reason, doing)
      try also(db)
    }
    guard former.isOpenable else {
      try await directory.change(write)
      return try directory.tenant(key).json
    }
    var parking = doing
    parking.action = "tenant.pause"
    return try await pausing.park(key, reason: reason, parking, also: write)
  }

  private static func writeDown(
    _ db: Database, _ former: Routing.Tenant, reason: String, _ doing: Doing
  ) throws {
    let key = former.key
    var routes = try ReleasedRoutes.take(db, from: key, at: doing.at)
    if former.state == .paused { (routes.wasPaused, routes.pauseReason) = (true, former.reason) }
    try db.execute(
      sql: "UPDATE tenants SET state = 'archived', reason = ?, released_routes = ? WHERE key = ? AND state = 'paused'",
      arguments: [reason, routes.stored, key])
    guard db.changesCount > 0 else { throw Refusal.conflict("Tenant \(key) has changed meanwhile; look again.") }
    try doing.note(db, key, before: former.state.rawValue, detail: "archived: \(reason)")
  }

  func unarchive(_ key: String, _ doing: Doing) async throws -> JSON {
    try await pausing.files.alone(with: key, .unarchived) {
      guard try directory.tenant(key).deleteAfter == nil else {
        throw Refusal.conflict("Tenant \(key) is to be deleted: keep it first.")
      }
      return try await takeBack(key, doing) { _ in }
    }
  }

  /// The caller is alone with the file. What others have taken meanwhile is not given back, and named in the answer; so are hosts whose owner does not
  /// show any more that they are the tenant's: those are pending.
  func takeBack(
    _ key: String, _ doing: Doing, also: @escaping @Sendable (Database) throws -> Void
  ) async throws -> JSON {
    guard try directory.tenant(key).state == .archived else { throw Refusal.conflict("Tenant \(key) is not archived.") }
    try pausing.files.check(pausing.files.path(of: key), belongsTo: key)
    let publicHost = directory.routing.publicHost
    let (taken, pending, staysPaused) = try await directory.change { db in
      let stored = try String.fetchOne(db, sql: "SELECT released_routes FROM tenants WHERE key = ?", arguments: [key])
      let routes = try ReleasedRoutes(stored: stored)
      let (taken, pending) = try routes.giveBack(db, to: key, except: publicHost, at: doing.at)
      try db.execute(
        sql: """
          UPDATE tenants SET state = 'paused', reason = ?, released_routes = NULL WHERE key = ? AND state = 'archived'
          """, arguments: [routes.pauseReason, key])
      guard db.changesCount > 0 else { throw Refusal.conflict("Tenant \(key) has changed meanwhile; look again.") }
      try also(db)
      try doing.note(db, key, before: "archived", detail: "in use again")
      return (taken, pending, routes.wasPaused == true)
    }
    // No word of anybody's but the operator's ends a pause.
    if !staysPaused {
      var resuming = doing
      resuming.action = "tenant.resume"
      _ = try await pausing.takeIntoUse(key, resuming)
    }
    let unproved = await checkAgain(pending, of: key, doing)
    return .object(
      (try directory.tenant(key).json.members ?? []) + [("not_given_back", .list((taken + unproved).map(JSON.text)))])
  }

  /// One after the other, the former default first, which is the default again if it is still the tenant's. Answers those that stay pending.
  private func checkAgain(_ names: [String], of key: String, _ doing: Doing) async -> [String] {
    let begun = ContinuousClock.now
    var unproved: [String] = []
    for name in names {
      // Somebody waits for the answer: the rest can be verified as any host.
      guard ContinuousClock.now - begun < .seconds(30) else {
        unproved.append(name)
        continue
      }
      do { _ = try await hosts.verify(try HostName(name), of: key, by: doing.caller) } catch { unproved.append(name) }
    }
    return unproved
  }
}
