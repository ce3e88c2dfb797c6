import GRDB
import TenantRuntime

extension Quotas {
  /// As the control file has them; no row is no limit.
  init(_ row: Row?) {
    self.init()
    guard let row else { return }
    for name in Name.allCases { limits[name] = row[name.rawValue] as Int64? }
  }

  static func granted(_ db: Database, to tenant: String) throws -> Quotas {
    Quotas(try Row.fetchOne(db, sql: "SELECT * FROM quotas WHERE tenant_key = ?", arguments: [tenant]))
  }

  static func users(_ db: Database, of tenant: String) throws -> Int64 {
    try Int64.fetchOne(db, sql: "SELECT count(*) FROM memberships WHERE tenant_key = ?", arguments: [tenant]) ?? 0
  }

  /// Within the transaction that makes a member.
  static func refuseMoreUsers(_ db: Database, of tenant: String) throws {
    try granted(db, to: tenant).check(.users, used: try users(db, of: tenant))
  }
}
