import GRDB
package import TenantRuntime

/// Who exists, as the control file has it.
package struct TenantDirectory: Sendable {
  package let file: SQLiteFile
  package let secret: SecretKey
  package let routing: CurrentRouting
  package let keyChanges = KeyChanges()
  let now: @Sendable () -> Moment

  /// Opens the control file, or begins one.
  init(
    data: String, secretKey: String?, _ addresses: CurrentRouting.Addresses, retries: Retries,
    now: @escaping @Sendable () -> Moment
  ) throws {
    try ControlFile.refuseLost(data)
    secret = try SecretKey.of(data: data, given: secretKey)
    file = try ControlFile.naming("\(data)/control.sqlite") { try ControlFile.open(data) }
    try secret.enter(file)
    routing = try CurrentRouting(file, secret, addresses, retries: retries)
    self.now = now
  }

  /// What a tenant may be called: as names of users and keys are, one line that people see as it is written.
  static func checkName(_ name: String) throws {
    guard Name.read(name, most: 200) == name else {
      throw Refusal.invalid("name", "must be one line of 1 to 200 characters that are seen")
    }
  }

  package func tenant(_ key: String) throws -> Routing.Tenant { try routing.tenant(key) }

  /// What is changed is in the snapshot, and in the leases of open files, when this returns.
  func change<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
    let value = try await file.write { db in try body(db) }
    try await routing.refresh()
    return value
  }

  /// The audit row of what changes nothing in the control file.
  func note(_ doing: Doing, _ subject: String) async throws {
    try await file.write { db in try doing.note(db, subject) }
  }

  func setState(
    _ key: String, from: [Routing.State], to state: Routing.State, reason: String?, _ doing: Doing
  ) async throws -> JSON {
    let tenant = try tenant(key)
    guard from.contains(tenant.state) else { throw Refusal.conflict("Tenant \(key) is \(tenant.state.rawValue).") }
    try await change { db in
      try db.execute(
        sql: "UPDATE tenants SET state = ?, reason = ? WHERE key = ? AND state = ?",
        arguments: [state.rawValue, reason, key, tenant.state.rawValue])
      guard db.changesCount > 0 else { throw Refusal.conflict("Tenant \(key) has changed meanwhile; look again.") }
      try doing.note(db, key, before: tenant.state.rawValue, detail: reason ?? state.rawValue)
    }
    return try self.tenant(key).json
  }

  /// The keys of a tenant's short links, of which its file has the first copy. They are in the snapshot after its next reading.
  func keep(_ keys: LinkKeys, of tenant: String) async throws {
    let sealed = try secret.seal(keys.stored)
    try await file.write { db in
      try db.execute(sql: "UPDATE tenants SET link_keys = ? WHERE key = ?", arguments: [sealed, tenant])
    }
  }
}
