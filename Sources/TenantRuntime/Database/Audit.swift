package import GRDB

/// Who changed what in this tenant, written in the transaction of the change.
package enum Audit {
  package static func append(
    _ db: Database, call actor: String, _ action: String, _ subject: String, before: String? = nil,
    after: String? = nil, address: String = "", at: Moment
  ) throws {
    try db.execute(
      sql: "INSERT INTO audit_log (at, actor, action, subject, before, after, address) VALUES (?, ?, ?, ?, ?, ?, ?)",
      arguments: [at, actor, action, subject, before, after, address])
  }
}
