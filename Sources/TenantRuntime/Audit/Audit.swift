package import GRDB

/// Who changed what in this tenant, written in the transaction of the change.
package enum Audit {
  package static func append(
    _ db: Database, call actor: String, _ action: String, _ subject: String, before: String? = nil,
    after: String? = nil, address: String = "", requestID: String? = nil, at: Moment
  ) throws {
    var entry = AuditEntry(
      at: at, actor: actor, action: action, subject: subject, before: before, after: after, address: address,
      requestID: requestID)
    let seal = try entry.chain(db)
    try db.cachedStatement(
      sql: """
        INSERT INTO audit_log (id, at, actor, action, subject, before, after, address, request_id, salt, detail_digest, digest)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(arguments: [
      entry.id, entry.at, actor, action, subject, before, after, address, requestID, seal.salt, seal.detailDigest,
      seal.digest,
    ])
  }
}
