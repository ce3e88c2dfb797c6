package import GRDB

/// Who changed what in this tenant, written in the transaction of the change.
package enum Audit {
  /// The address of whoever changes the platform: set by the router around a handler, carried into its transactions (`SQLiteFile.write`),
  /// empty for commands. A tenant's own changes have it from their `Caller`.
  @TaskLocal package static var caller = ""

  package static func append(
    _ db: Database, call actor: String, _ action: String, _ subject: String, before: String? = nil,
    after: String? = nil, address: String = "", at: Moment
  ) throws {
    try db.execute(
      sql: "INSERT INTO audit_log (at, actor, action, subject, before, after, address) VALUES (?, ?, ?, ?, ?, ?, ?)",
      arguments: [at, actor, action, subject, before, after, address])
  }
}
