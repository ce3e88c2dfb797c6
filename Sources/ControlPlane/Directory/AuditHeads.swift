package import Foundation
import GRDB
import Logging
import TenantRuntime

/// The newest row of each tenant's audit log, as of the last time its file was closed, and once a minute while it is open: kept outside the file and
/// sealed, so that a log that has lost its end shows (`roundhouse audit verify`).
///
/// What does not continue the head that is known leaves it as it is: the alarm stays until a person has looked, and lifts the fence of a file that was
/// put back.
package struct AuditHeads: Sendable {
  let directory: TenantDirectory

  package struct Head: Sendable, Equatable {
    package var id: Int64
    package var digest: Data

    init(id: Int64, digest: Data) { (self.id, self.digest) = (id, digest) }

    init(sealed: Data, _ secret: SecretKey) throws {
      let bytes = try secret.open(sealed)
      guard bytes.count >= 8 else { throw ControlFailure("a noted head of an audit log is damaged") }
      id = bytes.prefix(8).reduce(Int64(0)) { $0 << 8 | Int64($1) }
      digest = Data(bytes.dropFirst(8))
    }

    func sealed(_ secret: SecretKey) throws -> Data {
      try secret.seal((0..<8).map { UInt8(truncatingIfNeeded: id >> (56 - 8 * Int64($0))) } + Array(digest))
    }
  }

  static func read(_ db: Database, of tenant: String, _ secret: SecretKey) throws -> Head? {
    try Data.fetchOne(db, sql: "SELECT head FROM audit_heads WHERE tenant_key = ?", arguments: [tenant])
      .map { try Head(sealed: $0, secret) }
  }

  static func notedAt(_ db: Database, of tenant: String) throws -> Moment? {
    try Moment.fetchOne(db, sql: "SELECT noted_at FROM audit_heads WHERE tenant_key = ?", arguments: [tenant])
  }

  /// - Parameter isTrusted: a person has said that the file as it is counts.
  func note(_ runtime: Runtime, isTrusted: Bool = false) async throws {
    let (tenant, secret, now) = (runtime.lease.tenant, directory.secret, directory.now())
    let known = try await directory.file.read { db in try Self.read(db, of: tenant, secret) }
    let (last, continues) = try await runtime.file.read { db in
      (try AuditChain.last(db), try known.map { try AuditChain.has(db, $0.id, $0.digest) } ?? true)
    }
    guard continues || isTrusted else {
      return runtime.logger.error(
        "The audit log of this file is not the one that was noted; run `roundhouse audit verify`")
    }
    let head = Head(id: last.id, digest: last.digest)
    guard head != known else { return }
    let sealed = try head.sealed(secret)
    try await directory.file.write(.replayable) { db in
      try db.execute(
        sql: """
          INSERT INTO audit_heads (tenant_key, head, noted_at) VALUES (?, ?, ?)
          ON CONFLICT (tenant_key) DO UPDATE SET head = excluded.head, noted_at = excluded.noted_at
          """, arguments: [tenant, sealed, now])
    }
  }
}
