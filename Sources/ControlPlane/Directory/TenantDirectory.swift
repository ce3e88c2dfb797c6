import GRDB
package import TenantRuntime

/// Who exists, as the control file has it; what is changed here is in the snapshot when the change returns.
package struct TenantDirectory: Sendable {
  package let file: SQLiteFile
  package let secret: SecretKey
  package let routing: CurrentRouting
  let now: @Sendable () -> Moment

  package func tenant(_ key: String) throws -> Routing.Tenant { try routing.tenant(key) }

  /// The keys of a tenant's short links, of which its file has the first copy.
  func keep(_ keys: LinkKeys, of tenant: String) async throws {
    let sealed = try secret.seal(keys.stored)
    try await file.write { db in
      try db.execute(sql: "UPDATE tenants SET link_keys = ? WHERE key = ?", arguments: [sealed, tenant])
    }
  }
}
