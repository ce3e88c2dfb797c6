import Foundation
import GRDB
import TenantRuntime

/// The head of the platform's audit log, beside the control file: `audit.head`, sealed.
enum PlatformAuditHead {
  private static func path(_ data: String) -> String { "\(data)/audit.head" }

  static func read(_ data: String, _ secret: SecretKey) throws -> AuditHeads.Head? {
    guard let sealed = FileManager.default.contents(atPath: path(data)) else { return nil }
    return try AuditHeads.Head(sealed: sealed, secret)
  }

  /// As the file system has it.
  static func notedAt(_ data: String) -> Moment? {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path(data))
    return (attributes?[.modificationDate] as? Date).map {
      Moment(milliseconds: Int64($0.timeIntervalSince1970 * 1000))
    }
  }

  /// Keeps what it has when the log does not continue that.
  static func note(_ file: SQLiteFile, _ data: String, _ secret: SecretKey) async throws {
    let known = try read(data, secret)
    let (last, continues) = try await file.read { db in
      (try AuditChain.last(db), try known.map { try AuditChain.has(db, $0.id, $0.digest) } ?? true)
    }
    let head = AuditHeads.Head(id: last.id, digest: last.digest)
    guard continues, head != known else { return }
    try head.sealed(secret).write(to: URL(fileURLWithPath: path(data)), options: .atomic)
  }
}
