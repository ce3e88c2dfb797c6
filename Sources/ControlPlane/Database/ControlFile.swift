import Foundation
import GRDB
import Glibc
package import TenantRuntime

/// The file `control.sqlite`: how it is opened, and what holds for its lock and for bytes that must be on disk.
package enum ControlFile {
  /// What SQLite cannot read is reported with the file's name and what to do.
  static func naming<Value>(_ path: String, _ body: () throws -> Value) throws -> Value {
    do { return try body() } catch let error as DatabaseError {
      throw ControlFailure(
        "\(path) cannot be used: \(error.message ?? "SQLite error \(error.resultCode.rawValue)"). If its disk and rights are in order, put it back from a copy"
      )
    }
  }

  /// Commands beside the server commit what they ask to this file, so nobody checkpoints it by himself (`checkpointControlFile`).
  package static func open(_ data: String, asCommand: Bool = false) throws -> SQLiteFile {
    let file = try SQLiteFile(
      path: "\(data)/control.sqlite", lanes: StorageLanes(label: "control"), checkpointsItself: false)
    if !asCommand { try file.migrateNow(ControlMigrations.all, applicationID: ControlMigrations.applicationID) }
    return file
  }

  /// Held by a command while it commits and by the server while it checkpoints: with SQLite before 3.51.3 the two together can
  /// corrupt a WAL file (the WAL-reset race). A file lock, so that it ends with its process.
  package static func withCommitLock<Value>(_ data: String, _ body: () throws -> Value) throws -> Value {
    let descriptor = Glibc.open("\(data)/control.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0, flock(descriptor, LOCK_EX) == 0 else {
      throw ControlFailure("\(data)/control.lock cannot be locked; check the folder's rights")
    }
    defer { Glibc.close(descriptor) }
    return try body()
  }

  /// Brings the WAL back into the file once it has grown; true when it did.
  static func checkpoint(_ file: SQLiteFile, in data: String, beyond bytes: Int) async throws -> Bool {
    let size = try? FileManager.default.attributesOfItem(atPath: "\(data)/control.sqlite-wal")[.size] as? Int
    guard size ?? 0 > bytes else { return false }
    try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
      DispatchQueue.global().async {
        done.resume(
          with: Result {
            try withCommitLock(data) { try file.outsideTransactionNow { db in _ = try db.checkpoint(.truncate) } }
          })
      }
    }
    return true
  }

  /// Without it every number and key would be unknown, and people who write STOP would get a 404.
  static func refuseLost(_ data: String) throws {
    let (files, tenants) = (FileManager.default, "\(data)/tenants")
    guard !files.fileExists(atPath: "\(data)/control.sqlite"),
      let key = try? files.contentsOfDirectory(atPath: tenants).first(where: { key in
        files.fileExists(atPath: "\(tenants)/\(key)/tenant.sqlite")
      })
    else { return }
    throw ControlFailure(
      "\(data)/control.sqlite is missing, yet there are tenants (\(key)): put it back from your copy of this folder; to begin anew, move \(tenants) away"
    )
  }

  /// A file's bytes, or a folder's names, are on disk when this returns.
  static func sync(_ path: String) throws {
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw ControlFailure("\(path) cannot be opened") }
    defer { Glibc.close(descriptor) }
    guard fsync(descriptor) == 0 else { throw ControlFailure("\(path) cannot be written to the disk; is it full?") }
  }
}

extension SQLiteFile {
  package func migrateNow(_ migrations: [String], applicationID: Int32) throws {
    try outsideTransactionNow { db in try Migrator.migrate(db, migrations, applicationID: applicationID) }
  }
}
