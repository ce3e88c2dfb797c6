import Dispatch
import Foundation
package import TenantRuntime

/// A folder of a test's own, gone with it.
package final class TestFolder: Sendable {
  package let path: String

  package init() throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("roundhouse-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// A migrated, empty tenant file.
  package func tenantFile(_ tenant: String = "acme", timeZone: String = "UTC") throws -> SQLiteFile {
    let file = try SQLiteFile(path: "\(path)/\(tenant).sqlite", lanes: StorageLanes(label: "test"))
    try file.outsideTransactionNow { db in
      try Migrator.migrate(db, TenantMigrations.all, applicationID: TenantMigrations.applicationID)
    }
    try file.writeNow { db in
      try Identity.begin(db, tenant: tenant, instance: "one", linkKeys: TestKeys.one, timeZone: timeZone)
    }
    return file
  }
}
