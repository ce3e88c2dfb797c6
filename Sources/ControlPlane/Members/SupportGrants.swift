import GRDB
package import TenantRuntime

/// Lets platform staff into a tenant's data for a time, and ends it.
package struct SupportGrants: Sendable {
  let directory: TenantDirectory
  let signedIn: SignedIn

  func all(of key: String) async throws -> [SupportGrant] {
    try await directory.file.read { db in
      try Row.fetchAll(
        db, sql: "SELECT * FROM support_grants WHERE tenant_key = ? ORDER BY id DESC LIMIT 500", arguments: [key]
      ).map(SupportGrant.init)
    }
  }

  func grant(hours: Int64, isReadOnly: Bool, reason: String?, in key: String, by caller: Caller) async throws
    -> SupportGrant
  {
    let now = directory.now()
    try caller.checkConfirmed(at: now)
    guard !caller.isSupport else { throw Refusal.forbidden("Support does not let itself in.") }
    try caller.checkMayGive(
      SupportGrant.permissions(isReadOnly: isReadOnly), named: SupportGrant.role(isReadOnly: isReadOnly))
    let granted = try await directory.file.write { db in
      try db.execute(
        sql: """
          INSERT INTO support_grants (tenant_key, granted_by, read_only, reason, granted_at, until) VALUES (?, ?, ?, ?, ?, ?)
          """,
        arguments: [key, caller.name, isReadOnly ? 1 : 0, reason, now, now.advanced(bySeconds: hours * 3_600)])
      let id = db.lastInsertedRowID
      try Doing(caller: caller, action: "support.grant", at: now).note(
        db, key, detail: "\(hours) h\(isReadOnly ? ", to look" : "")")
      return try Self.find(db, id, in: key)
    }
    signedIn.forget()
    return granted
  }

  func end(_ id: Int64, in key: String, by caller: Caller) async throws {
    let now = directory.now()
    try await directory.file.write { db in
      let grant = try Self.find(db, id, in: key)
      guard grant.endedAt == nil, grant.until > now else { return }
      try db.execute(sql: "UPDATE support_grants SET ended_at = ? WHERE id = ?", arguments: [now, id])
      try Doing(caller: caller, action: "support.end", at: now).note(db, key)
    }
    signedIn.forget()
  }

  private static let accessSeconds: Int64 = 3_600

  /// That staff looked in, where the tenant's own file has no part in it: a row an hour.
  package func noteAccess(to key: String, by caller: Caller) async throws {
    let now = directory.now()
    let since = now.advanced(bySeconds: -Self.accessSeconds)
    try await directory.file.write { db in
      let isNoted = try Bool.fetchOne(
        db,
        sql: """
          SELECT EXISTS (SELECT 1 FROM audit_log WHERE actor = ? AND action = 'support.access' AND tenant_key = ? AND at > ?)
          """, arguments: [caller.name, key, since])
      if isNoted != true { try Doing(caller: caller, action: "support.access", at: now).note(db, key) }
    }
  }

  private static func find(_ db: Database, _ id: Int64, in key: String) throws -> SupportGrant {
    let row = try Row.fetchOne(
      db, sql: "SELECT * FROM support_grants WHERE id = ? AND tenant_key = ?", arguments: [id, key])
    guard let row else { throw Refusal.notFound("There is no such grant.") }
    return SupportGrant(row)
  }
}
