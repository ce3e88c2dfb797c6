package import GRDB

/// Who changed what in this tenant, written in the transaction of the change.
package enum Audit {
  /// The caller's address, as far as proxies may be believed: set by the router around a handler, carried into its transactions
  /// (`SQLiteFile.write`), empty for commands and workers.
  @TaskLocal package static var caller = ""

  package static func append(
    _ db: Database, call actor: String, _ action: String, _ subject: String, before: String? = nil,
    after: String? = nil,
    at: Moment
  ) throws {
    try db.execute(
      sql: "INSERT INTO audit_log (at, actor, action, subject, before, after, address) VALUES (?, ?, ?, ?, ?, ?, ?)",
      arguments: [at, actor, action, subject, before, after, caller])
  }
}
