import Foundation
import GRDB
package import TenantRuntime

/// Whether an audit log is whole: what `roundhouse audit verify` says of it.
package struct AuditVerdict: Sendable {
  package var tenant: String?
  package var check: AuditChain.Check
  /// The newest row that was noted outside the log, which has it: what came behind may have been cut off unseen. Nil: none was.
  package var proved: (row: Int64, at: Moment)?
  /// Why the file is known to be an older one, whose log may end earlier.
  package var restored: String?

  package var wrong: (id: Int64, what: String)? { check.wrong ?? (restored == nil ? check.departs : nil) }

  package var json: JSON {
    [
      "tenant": .optional(tenant), "whole": .bool(wrong == nil), "rows": .int(check.rows),
      "unchained": .int(check.unchained), "erased": .int(check.erased), "last_row": .int(check.head.id),
      "proved_to_row": proved.map { .int($0.row) } ?? .null, "proved_at": .moment(proved?.at),
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
      let at = PlatformAuditHead.notedAt(data)
      let check = try file.readNow { db in try AuditChain.check(db, remembered: head.map { ($0.id, $0.digest) }) }
      return AuditVerdict(check: check, proved: Self.proved(check, head, at))
    }
    let (head, at) = try file.readNow { db in
      (try AuditHeads.read(db, of: tenant, secret), try AuditHeads.notedAt(db, of: tenant))
    }
    return try Self.tenantFile(tenant, data: data, oldest: 1) { db in
      let check = try AuditChain.check(db, remembered: head.map { ($0.id, $0.digest) })
      return AuditVerdict(
        tenant: tenant, check: check, proved: Self.proved(check, head, at), restored: try Identity.read(db)?.fence)
    }
  }

  private static func proved(
    _ check: AuditChain.Check, _ head: AuditHeads.Head?, _ at: Moment?
  ) -> (row: Int64, at: Moment)? {
    guard let head, let at, check.wrong == nil, check.departs == nil else { return nil }
    return (head.id, at)
  }
}
