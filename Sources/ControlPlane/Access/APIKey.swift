import Crypto
import Foundation
package import GRDB
package import TenantRuntime

/// `rh_` + id + `_` + secret. The secret is shown once; its SHA-256 is stored (256 random bits need no slow hash).
package struct APIKey: Sendable, Codable {
  package var id: String
  package var hash: [UInt8]
  package var tenant: String?
  package var role: Role
  package var name: String

  /// Makes a key and its text.
  package static func make(tenant: String?, role: Role, name: String) -> (key: APIKey, text: String) {
    let id = hex(6)
    let secret = hex(32)
    return (APIKey(id: id, hash: digest(secret), tenant: tenant, role: role, name: name), "rh_\(id)_\(secret)")
  }

  package func insert(_ db: Database, at: Moment) throws {
    try db.execute(
      sql: """
        INSERT INTO api_keys (id, hash, tenant_key, role, name, created_at) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (id) DO NOTHING
        """,
      arguments: [id, Data(hash), tenant, role.rawValue, name, at])
    guard db.changesCount > 0 else { throw Refusal.conflict("There is a key of this id already; make another one.") }
  }

  package static func find(_ db: Database, text: String) throws -> APIKey? {
    let parts = text.split(separator: "_", omittingEmptySubsequences: false)
    guard text.utf8.count <= 200, parts.count == 3, parts[0] == "rh",
      let row = try Row.fetchOne(
        db, sql: "SELECT * FROM api_keys WHERE id = ? AND revoked_at IS NULL", arguments: [String(parts[1])]),
      let role = Role(rawValue: row["role"])
    else { return nil }
    let stored: Data = row["hash"]
    guard constantTimeEqual(Array(stored), digest(String(parts[2]))) else { return nil }
    return APIKey(id: row["id"], hash: Array(stored), tenant: row["tenant_key"], role: role, name: row["name"])
  }

  package static func digest(_ text: String) -> [UInt8] { Array(SHA256.hash(data: Array(text.utf8))) }

  package static func hex(_ bytes: Int) -> String {
    hex((0..<bytes).map { _ in UInt8.random(in: .min ... .max) })
  }

  package static func hex(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}

/// Compares without telling by its time where the first difference is.
package func constantTimeEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
  guard left.count == right.count else { return false }
  return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
}
