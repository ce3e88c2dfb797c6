import GRDB
import TenantRuntime

/// Who does what: the audit row of a change of the platform, written in the change's own transaction.
package struct Doing: Sendable {
  var caller: Caller
  /// As the audit log names it.
  var action: String
  var at: Moment

  func note(_ db: Database, _ subject: String, detail: String? = nil) throws {
    try db.execute(
      sql: "INSERT INTO audit_log (at, actor, action, subject, detail, address) VALUES (?, ?, ?, ?, ?, ?)",
      arguments: [at, caller.name, action, subject, detail, caller.address])
  }
}
