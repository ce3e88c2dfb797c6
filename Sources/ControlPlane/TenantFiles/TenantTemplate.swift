import Foundation
import GRDB
import Synchronization
import TenantRuntime

/// An empty tenant file of the current schema, made once per run: copying it costs a tenth of running the migrations.
final class TenantTemplate: Sendable {
  private let made = Mutex<String?>(nil)

  func path(in data: String) throws -> String {
    try made.withLock { made in
      if let made { return made }
      let path = "\(data)/tenants/.template.sqlite"
      try FileManager.default.createDirectory(atPath: "\(data)/tenants", withIntermediateDirectories: true)
      for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
      let file = try SQLiteFile(path: path, lanes: StorageLanes(label: "template"))
      try file.migrateNow(TenantMigrations.all, applicationID: TenantMigrations.applicationID)
      try file.outsideTransactionNow { db in _ = try db.checkpoint(.truncate) }
      try file.close()
      made = path
      return path
    }
  }
}
