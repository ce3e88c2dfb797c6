package import GRDB

/// A copy of a tenant's file that becomes another tenant's, to look into an older state: fenced, with nothing left to send or deliver.
package enum SideCopy {
  /// - Parameter revocations: What the original's people have refused since the copy was made. Anyone who lifts the fence one day must not
  ///   text them.
  package static func take(
    _ db: Database, as tenant: String, of original: String, instance: String, linkKeys: LinkKeys,
    without revocations: [Revocation]
  ) throws {
    try Identity.rename(db, tenant: tenant, instance: instance, fence: "a copy of \(original), to look into")
    // Uploads and deliveries are the original's business.
    try db.execute(
      sql: """
        UPDATE import_batches SET file = '', failure = 'was not finished when this copy was made', state = 'failed'
        WHERE state = 'checking' OR state = 'applying'
        """)
    try db.execute(sql: "UPDATE import_batches SET file = ''")
    try db.execute(sql: "DELETE FROM outbox")
    try db.execute(
      sql: """
        UPDATE webhook_endpoints SET enabled = 0, disabled_reason = 'this is a copy of another tenant' WHERE enabled = 1
        """)
    // Its links are other people's: the original's lead nowhere here.
    try linkKeys.write(db)
    try Consent.applyForgotten(db, revocations)
  }
}
