import GRDB
package import TenantRuntime

/// Who does what: the audit row of a change of the platform, written in the change's own transaction.
package struct Doing: Sendable {
  var caller: Caller
  /// As the audit log names it.
  var action: String
  var at: Moment

  package init(caller: Caller, action: String, at: Moment) {
    (self.caller, self.action, self.at) = (caller, action, at)
  }

  /// - Parameter tenant: whose log shows it; nil: the tenant that the subject is the key of, if it is one.
  /// - Parameter detail: what holds now, where something changed.
  func note(
    _ db: Database, _ subject: String, of tenant: String? = nil, before: String? = nil, detail: String? = nil
  ) throws {
    try caller.terms?.begin(db, at: at)
    let owner =
      try tenant
      ?? String.fetchOne(db, sql: "SELECT key FROM tenants WHERE key = ?", arguments: [subject])
    var entry = AuditEntry(
      at: at, actor: caller.name, action: action, subject: subject, tenant: owner, before: before, after: detail,
      address: caller.address, requestID: caller.requestID)
    let seal = try entry.chain(db)
    try db.execute(
      sql: """
        INSERT INTO audit_log (id, at, actor, action, subject, tenant_key, before, detail, address, request_id, salt, detail_digest, digest)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        entry.id, entry.at, entry.actor, entry.action, entry.subject, entry.tenant, entry.before, entry.after,
        entry.address, entry.requestID, seal.salt, seal.detailDigest, seal.digest,
      ])
  }
}
