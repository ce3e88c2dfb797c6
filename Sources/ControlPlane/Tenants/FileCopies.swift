import Foundation
import GRDB
import TenantRuntime

/// Backup and restore: whole files, checked before they are believed.
extension ControlPlane {
  func checkFile(_ path: String, belongsTo key: String) async throws {
    guard FileManager.default.fileExists(atPath: path) else { throw ControlFailure("there is no file \(path)") }
    do {
      let checked = try SQLiteFile(path: path, lane: DispatchQueue(label: "check"))
      defer { try? checked.close() }
      let (answer, id, identity) = try await checked.read { db in
        (
          try Self.verdict(db), try Int32.fetchOne(db, sql: "PRAGMA application_id"),
          try Identity.read(db)
        )
      }
      guard answer == "ok" else { throw ControlFailure("\(path) is damaged: \(answer ?? "no answer")") }
      guard id == TenantMigrations.applicationID else { throw ControlFailure("\(path) is not a tenant file") }
      guard identity?.tenant == key else {
        throw ControlFailure("\(path) belongs to tenant \(identity?.tenant ?? "nobody")")
      }
    } catch let error as DatabaseError {
      throw ControlFailure("\(path) cannot be read as a tenant file: \(error.message ?? "")")
    }
  }

  /// SQLite before 3.41 calls a sound table without rowids damaged where its key has another order than its columns ("NULL value in
  /// contact_tags.tag_id"). `integrity_check` does not, but reads every index too: it is asked when the quick one finds something.
  private static func verdict(_ db: Database) throws -> String? {
    let quick = try String.fetchOne(db, sql: "PRAGMA quick_check(1)")
    return quick == "ok" ? quick : try String.fetchOne(db, sql: "PRAGMA integrity_check(1)")
  }

  func readIdentity(_ path: String) async throws -> Identity {
    let file = try SQLiteFile(path: path, lane: DispatchQueue(label: "check"), checkpointsItself: false)
    defer { try? file.close() }
    guard let identity = try await file.read({ db in try Identity.read(db) }) else {
      throw ControlFailure("\(path) is not a tenant file")
    }
    return identity
  }

  func backup(_ key: String, to target: String) async throws -> JSON {
    let tenant = try tenant(key)
    guard !FileManager.default.fileExists(atPath: target) else { throw Refusal.conflict("\(target) exists already.") }
    try FileManager.default.createDirectory(
      atPath: URL(fileURLWithPath: target).deletingLastPathComponent().path, withIntermediateDirectories: true)
    if tenant.isOpenable {
      try await open.with(key) { runtime in try await runtime.file.copy(to: target) }
    } else {
      try FileManager.default.copyItem(atPath: tenantFile(key), toPath: target)
    }
    try await checkFile(target, belongsTo: key)
    try await markAsCopy(target)
    return ["tenant": .text(key), "file": .text(target)]
  }

  /// A backup texts nobody when it is put back, however fresh it is, until a person says so.
  private func markAsCopy(_ path: String) async throws {
    let copy = try SQLiteFile(path: path, lane: DispatchQueue(label: "backup"))
    let at = now().iso8601
    do {
      try await copy.write { db in try Identity.fence(db, reason: "restored from the backup of \(at)") }
      try await copy.checkpoint()
    } catch {
      try? copy.close()
      throw error
    }
    try copy.close()
  }

  func restore(_ key: String, from source: String) async throws -> JSON {
    try await checkFile(source, belongsTo: key)
    if try tenant(key).isOpenable { _ = try await pause(key, reason: "restoring") }
    for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: tenantFile(key) + suffix) }
    let staged = tenantFile(key) + ".restore"
    try? FileManager.default.removeItem(atPath: staged)
    try FileManager.default.copyItem(atPath: source, toPath: staged)
    guard rename(staged, tenantFile(key)) == 0 else {
      throw ControlFailure("the restored file could not be put in place")
    }
    return try await resume(key)
  }
}
