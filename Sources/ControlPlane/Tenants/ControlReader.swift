import Foundation
import GRDB
package import TenantRuntime

/// What commands read of a data folder beside its other users: no lock is taken and nothing changed.
package struct ControlReader {
  let data: String
  let file: SQLiteFile

  package init(data: String) throws {
    guard FileManager.default.fileExists(atPath: "\(data)/control.sqlite") else {
      throw ControlFailure("there is no Roundhouse data in \(data); name its folder with --data or ROUNDHOUSE_DATA")
    }
    (self.data, file) = (data, try SQLiteFile(reading: "\(data)/control.sqlite"))
  }

  /// Every tenant by its key, as `tenant list` and `tenant show` print it.
  package func tenants() throws -> [(key: String, json: JSON)] {
    try file.readNow { db in
      try Row.fetchAll(db, sql: "SELECT * FROM tenants WHERE deleted_at IS NULL ORDER BY key").map { row in
        let key: String = row["key"]
        let numbers = try PhoneNumber.fetchAll(
          db, sql: "SELECT number FROM number_routes WHERE tenant_key = ? ORDER BY number", arguments: [key])
        let hosts = try String.fetchAll(
          db, sql: "SELECT host FROM link_hosts WHERE tenant_key = ? AND verified_at IS NOT NULL ORDER BY host",
          arguments: [key])
        return (
          key,
          [
            "key": .text(key), "name": row.text("name"), "state": row.text("state"), "reason": row.text("reason"),
            "time_zone": row.text("time_zone"), "owner_email": row.text("owner_email"),
            "numbers": .list(numbers.map { .phone($0) }),
            "hosts": .list(hosts.map(JSON.text)), "created_at": row.moment("created_at"),
            "delete_after": row.moment("delete_after"),
          ]
        )
      }
    }
  }

  package func linkHosts(of key: String) throws -> [LinkHost] {
    try file.readNow { db in
      guard try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM tenants WHERE key = ?)", arguments: [key]) == true
      else { throw ControlFailure("there is no tenant \(key)") }
      return try LinkHost.all(db, of: key)
    }
  }

  /// The newest first; nil: the platform's.
  package func keys(of tenant: String?, at now: Moment) throws -> [JSON] {
    try file.readNow { db in
      try Row.fetchAll(
        db, sql: "SELECT * FROM api_keys WHERE tenant_key IS NOT DISTINCT FROM ? ORDER BY created_at DESC, id",
        arguments: [tenant]
      ).compactMap(APIKeyRecord.init).map { $0.json(at: now) }
    }
  }

  package static func newestRejudging(of key: String, data: String) throws -> JSON {
    try tenantFile(key, data: data) { db in try Rejudging.newest(db) }
  }

  package static func figures(of key: String, data: String) throws -> FiguresCheck {
    try tenantFile(key, data: data) { db in try FiguresCheck(db) }
  }

  /// Reads a tenant's file, in one transaction.
  /// - Parameter oldest: schema that the body understands.
  static func tenantFile<Value>(
    _ key: String, data: String, oldest: Int = TenantMigrations.all.count, _ body: (Database) throws -> Value
  ) throws -> Value {
    let path = "\(data)/tenants/\(key)/tenant.sqlite"
    guard key.wholeMatch(of: /[a-z0-9][a-z0-9-]{1,38}/) != nil, FileManager.default.fileExists(atPath: path) else {
      throw ControlFailure("there is no tenant \(key) in \(data)")
    }
    do {
      let file = try SQLiteFile(reading: path)
      defer { try? file.close() }
      return try file.readNow { db in
        let schema = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        guard (oldest...TenantMigrations.all.count).contains(schema) else {
          throw ControlFailure(
            "\(path) has schema \(schema), this program \(TenantMigrations.all.count): let the server open it first"
          )
        }
        guard try Identity.tenant(db) == key else {
          throw ControlFailure("\(path) is not the file of \(key)")
        }
        return try body(db)
      }
    } catch let error as DatabaseError {
      throw ControlFailure("\(path) cannot be read: \(error.message ?? "damaged")")
    }
  }
}
