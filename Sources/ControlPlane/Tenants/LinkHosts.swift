import GRDB
package import TenantRuntime

/// Names where tenants' short links live (`LinkHost`): proposed by tenants, or vouched for by the operator.
package struct LinkHosts: Sendable {
  let directory: TenantDirectory
  let hostCheck: HostCheck
  let open: OpenTenants

  package func all(of key: String) async throws -> [LinkHost] {
    try await directory.file.read { db in try LinkHost.all(db, of: key) }
  }

  package func find(_ host: HostName, of key: String) async throws -> LinkHost {
    try await directory.file.read { db in try LinkHost.find(db, host, of: key) }
  }

  /// By the tenant: pending until it is verified. One that is there already is answered as it is.
  package func propose(_ host: HostName, for key: String, by caller: Caller) async throws -> (
    host: LinkHost, isNew: Bool
  ) {
    let now = directory.now()
    let isPublic = host.description == directory.routing.publicHost
    return try await directory.file.write { db in
      if let known = try? LinkHost.find(db, host, of: key) { return (known, false) }
      guard !isPublic, try Self.owner(db, of: host) == nil else { throw Self.cannotBeUsed(host) }
      try Self.insert(db, host, for: key, at: now)
      try Doing(caller: caller, action: "host.add", at: now).note(db, key, detail: host.description)
      return (try LinkHost.find(db, host, of: key), true)
    }
  }

  /// By the operator: verified at once.
  func vouch(for host: HostName, of key: String, by caller: Caller) async throws -> LinkHost {
    _ = try directory.tenant(key)
    guard host.description != directory.routing.publicHost else {
      throw Refusal.invalid("host", "is the public address of this server, which serves no links")
    }
    let now = directory.now()
    let made = try await directory.file.write { db in
      let owner = try Self.owner(db, of: host)
      if owner == key { return try LinkHost.find(db, host, of: key) }
      guard owner == nil else { throw Refusal.conflict("\(host) belongs to another tenant.") }
      if (try? LinkHost.find(db, host, of: key)) == nil { try Self.insert(db, host, for: key, at: now) }
      try Self.markVerified(db, host, of: key, at: now)
      // By this word, and no check (`ReleasedRoutes`).
      try db.execute(
        sql: "UPDATE link_hosts SET checked_at = NULL WHERE tenant_key = ? AND host = ?",
        arguments: [key, host.description])
      try Doing(caller: caller, action: "host.vouch", at: now).note(db, key, detail: host.description)
      return try LinkHost.find(db, host, of: key)
    }
    try await directory.routing.refresh()
    return made
  }

  /// Looks for the challenge now. Throws a conflict that says what was found instead; that is kept as the last check's failure.
  package func verify(_ host: HostName, of key: String, by caller: Caller) async throws -> LinkHost {
    let asked = try await find(host, of: key)
    if asked.state == .verified { return asked }
    let failure = try await hostCheck.failure(asked.challenge, for: key)
    let now = directory.now()
    let isPublic = host.description == directory.routing.publicHost
    let checked = try await directory.file.write { db in
      let found = try LinkHost.find(db, host, of: key)
      if found.state == .verified { return found }
      guard found.token == asked.token else { throw Refusal.conflict("\(host) was added anew meanwhile: check again.") }
      var failure = failure
      if failure == nil, try isPublic || Self.owner(db, of: host) != nil { failure = Self.cannotBeUsed(host).detail }
      try db.execute(
        sql: "UPDATE link_hosts SET checked_at = ?, failure = ? WHERE tenant_key = ? AND host = ?",
        arguments: [now, failure, key, host.description])
      if failure == nil { try Self.markVerified(db, host, of: key, at: now) }
      try Doing(caller: caller, action: failure == nil ? "host.verify" : "host.check_failed", at: now).note(
        db, key, detail: host.description)
      return try LinkHost.find(db, host, of: key)
    }
    if checked.state == .pending { throw Refusal.conflict(checked.failure ?? "\(host) is not verified.") }
    try await directory.routing.refresh()
    return checked
  }

  /// New links live there from now on; old ones stay where they are.
  package func makeDefault(_ host: HostName, of key: String, by caller: Caller) async throws -> LinkHost {
    let now = directory.now()
    let made = try await directory.file.write { db in
      let found = try LinkHost.find(db, host, of: key)
      guard found.state == .verified else { throw Refusal.conflict("\(host) is pending: verify it first.") }
      if found.isDefault { return found }
      try db.execute(
        sql: "UPDATE link_hosts SET is_default = 0 WHERE tenant_key = ? AND is_default = 1", arguments: [key])
      try db.execute(
        sql: "UPDATE link_hosts SET is_default = 1 WHERE tenant_key = ? AND host = ?",
        arguments: [key, host.description])
      try Doing(caller: caller, action: "host.default", at: now).note(db, key, detail: host.description)
      return try LinkHost.find(db, host, of: key)
    }
    try await directory.routing.refresh()
    return made
  }

  /// Its links lead nowhere from now on. The default goes last, and not under campaigns whose links live there.
  package func remove(_ host: HostName, of key: String, by caller: Caller) async throws {
    if try await find(host, of: key).isDefault { try await refuseWhileTexting(host, key) }
    let now = directory.now()
    try await directory.file.write { db in
      let found = try LinkHost.find(db, host, of: key)
      let others = try LinkHost.all(db, of: key).count { $0.state == .verified && $0.host != host }
      guard !found.isDefault || others == 0 else {
        throw Refusal.conflict("New links live at \(host): make another host the default first.")
      }
      try db.execute(
        sql: "DELETE FROM link_hosts WHERE tenant_key = ? AND host = ?", arguments: [key, host.description])
      try Doing(caller: caller, action: "host.remove", at: now).note(db, key, detail: host.description)
    }
    try await directory.routing.refresh()
  }

  private func refuseWhileTexting(_ host: HostName, _ key: String) async throws {
    let tenant = try directory.tenant(key)
    guard tenant.state != .archived else { return }
    guard tenant.isOpenable else {
      throw Refusal.locked("This tenant is \(tenant.state.rawValue): resume it, so that its campaigns can be asked.")
    }
    let count = try await open.with(key) { runtime in
      try await runtime.file.read { db in try ShortLink.campaignsUnderWay(db) }
    }
    guard count == 0 else {
      throw Refusal.conflict(
        "Campaigns under way (\(count)) have links at \(host): cancel them, let them end, or make another host the default."
      )
    }
  }

  // MARK: Rows

  /// Whose verified host it is.
  private static func owner(_ db: Database, of host: HostName) throws -> String? {
    try String.fetchOne(
      db, sql: "SELECT tenant_key FROM link_hosts WHERE host = ? AND verified_at IS NOT NULL",
      arguments: [host.description])
  }

  /// The same for the public address and for another tenant's host.
  private static func cannotBeUsed(_ host: HostName) -> Refusal {
    .conflict("\(host) cannot be used for links here. If it is yours, ask the operator of this server.")
  }

  private static func insert(_ db: Database, _ host: HostName, for key: String, at: Moment) throws {
    let count = try Int.fetchOne(db, sql: "SELECT count(*) FROM link_hosts WHERE tenant_key = ?", arguments: [key]) ?? 0
    guard count < LinkHost.most else {
      throw Refusal.conflict("A tenant may have \(LinkHost.most) hosts: remove one first.")
    }
    try db.execute(
      sql: "INSERT INTO link_hosts (tenant_key, host, token, added_at) VALUES (?, ?, ?, ?)",
      arguments: [key, host.description, HostChallenge.newToken(), at])
  }

  private static func markVerified(_ db: Database, _ host: HostName, of key: String, at: Moment) throws {
    try db.execute(
      sql: """
        UPDATE link_hosts SET verified_at = ?1, failure = NULL,
        is_default = CASE WHEN EXISTS (SELECT 1 FROM link_hosts WHERE tenant_key = ?2 AND is_default = 1) THEN 0 ELSE 1 END
        WHERE tenant_key = ?2 AND host = ?3
        """, arguments: [at, key, host.description])
  }
}
