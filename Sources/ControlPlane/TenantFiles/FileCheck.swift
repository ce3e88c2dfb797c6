import Dispatch
import Foundation
import GRDB
import Glibc
import TenantRuntime

/// Whether a file may be used as a tenant's: read as it lies, with nothing written into it or beside it.
extension TenantFiles {
  /// Refuses what is damaged, incomplete, somebody else's, newer than this program, or of another schema than its migrations make.
  @discardableResult
  func check(_ path: String, belongsTo key: String?) throws -> Identity {
    guard FileManager.default.fileExists(atPath: path) else { throw ControlFailure("there is no file \(path)") }
    if Self.size("\(path)-wal") > 0 {
      throw ControlFailure(
        "\(path) is not complete: a -wal file lies beside it, so somebody has it open or it was copied in use")
    }
    do {
      let file = try SQLiteFile(immutable: path)
      defer { try? file.close() }
      return try file.readNow { db in try Self.check(db, path, key) }
    } catch let error as DatabaseError {
      throw ControlFailure("\(path) cannot be read as a tenant file: \(error.message ?? "")")
    }
  }

  private static func check(_ db: Database, _ path: String, _ key: String?) throws -> Identity {
    let id = try Int32.fetchOne(db, sql: "PRAGMA application_id")
    guard id == TenantMigrations.applicationID else { throw ControlFailure("\(path) is not a tenant file") }
    let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    guard version <= TenantMigrations.all.count else {
      throw ControlFailure(
        "\(path) has schema \(version), this program knows up to \(TenantMigrations.all.count): use the program that made it"
      )
    }
    let answer = try verdict(db)
    guard answer == "ok" else { throw ControlFailure("\(path) is damaged: \(answer ?? "no answer")") }
    let (found, wanted) = (try TenantMigrations.schema(db), try TenantMigrations.schema(version: version))
    if let strange = Set(found).symmetricDifference(wanted).min() {
      throw ControlFailure("\(path) has another schema than this program makes: \(strange.prefix(120))")
    }
    guard let identity = try Identity.read(db) else { throw ControlFailure("\(path) has no identity") }
    if let key, identity.tenant != key {
      throw ControlFailure("\(path) belongs to tenant \(identity.tenant)")
    }
    return identity
  }

  /// SQLite before 3.41 calls a sound table without rowids damaged where its key has another order than its columns ("NULL value in
  /// contact_tags.tag_id"). `integrity_check` does not, but reads every index too: it is asked when the quick one finds something.
  private static func verdict(_ db: Database) throws -> String? {
    let quick = try String.fetchOne(db, sql: "PRAGMA quick_check(1)")
    return quick == "ok" ? quick : try String.fetchOne(db, sql: "PRAGMA integrity_check(1)")
  }

  static func size(_ path: String) -> Int {
    (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
  }

  /// A restore takes no file that this installation has in use.
  func refuseLiveSource(_ path: String, _ routing: Routing) throws {
    let real = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    for tenant in routing.tenants.values where tenant.state != .paused {
      guard real != URL(fileURLWithPath: self.path(of: tenant.key)).resolvingSymlinksInPath().path else {
        throw ControlFailure(
          "\(path) is the file of tenant \(tenant.key), in use: make a backup of it, or pause it first")
      }
    }
  }

  /// A whole copy with its bytes on disk, for nobody else on this machine to read.
  static func install(_ source: String, at target: String) throws {
    try? FileManager.default.removeItem(atPath: target)
    do {
      try FileManager.default.copyItem(atPath: source, toPath: target)
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: target)
      try ControlFile.sync(target)
    } catch {
      try? FileManager.default.removeItem(atPath: target)
      throw ControlFailure("\(source) cannot be copied to \(target): \(error.localizedDescription)")
    }
  }
}
