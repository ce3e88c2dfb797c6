import Foundation
import GRDB
package import TenantRuntime

/// What a business is called. Its key is never changed.
package struct Naming: Sendable {
  let directory: TenantDirectory

  package func rename(_ key: String, to name: String, by caller: Caller) async throws -> JSON {
    try TenantDirectory.checkName(name)
    let before = try directory.tenant(key).name
    let now = directory.now()
    try await directory.change { db in
      try db.execute(
        sql: "UPDATE tenants SET name = ? WHERE key = ? AND deleted_at IS NULL", arguments: [name, key])
      guard db.changesCount > 0 else { throw Refusal.notFound("There is no tenant \(key).") }
      try Doing(caller: caller, action: "tenant.rename", at: now).note(db, key, before: before, detail: name)
    }
    return try directory.tenant(key).json
  }
}
