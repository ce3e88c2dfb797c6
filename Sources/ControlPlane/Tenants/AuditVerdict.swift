import Foundation
import GRDB
package import TenantRuntime

/// Whether an audit log is whole: what `roundhouse audit verify` says of it.
package struct AuditVerdict: Sendable {
  package var tenant: String?
  package var check: AuditChain.Check
  /// Why the file is known to be an older one, whose log may end earlier.
  package var restored: String?

  package var wrong: (id: Int64, what: String)? { check.wrong ?? (restored == nil ? check.departs : nil) }

  package var json: JSON {
    [
      "tenant": .optional(tenant), "whole": .bool(wrong == nil), "rows": .int(check.rows),
      "unchained": .int(check.unchained), "erased": .int(check.erased), "last_row": .int(check.head.id),
      "restored": .optional(restored),
      "wrong": wrong.map { ["row": .int($0.id), "what": .text($0.what)] } ?? .null,
    ]
  }
}

extension ControlReader {
  /// Beside a running server, too: nothing is changed. The noted head is read first, so that the log can only be ahead of it.
  package func verifyAudit(of tenant: String?, _ secret: SecretKey) throws -> AuditVerdict {
    guard let tenant else {
      let head = try PlatformAuditHead.read(data, secret)
      let check = try file.readNow { db in try AuditChain.check(db, remembered: head.map { ($0.id, $0.digest) }) }
      return AuditVerdict(check: check)
    }
    let head = try file.readNow { db in try AuditHeads.read(db, of: tenant, secret) }
    return try Self.tenantFile(tenant, data: data, oldest: 1) { db in
      let check = try AuditChain.check(db, remembered: head.map { ($0.id, $0.digest) })
      return AuditVerdict(tenant: tenant, check: check, restored: try Identity.read(db)?.fence)
    }
  }
}
