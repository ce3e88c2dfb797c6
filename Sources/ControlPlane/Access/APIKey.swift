import Crypto
import Foundation
package import GRDB
package import TenantRuntime

/// `rh_` + id + `_` + secret. The secret is shown once; its SHA-256 is stored (256 random bits need no slow hash).
///
///     active → expired | revoked
///
/// A rotation makes a successor; the old key then expires when the overlap ends. A key that has ended stays in the list, and authenticates nobody.
package struct APIKey: Sendable, Codable {
  package var id: String
  package var hash: [UInt8]
  package var tenant: String?
  package var scope: KeyScope
  package var name: String
  package var expiresAt: Moment?

  package enum State: String, CaseIterable, Sendable { case active, expired, revoked }

  /// Makes a key and its text.
  package static func make(
    tenant: String?, scope: KeyScope, name: String, expiresAt: Moment? = nil
  ) -> (key: APIKey, text: String) {
    let id = hex(6)
    let secret = hex(32)
    let key = APIKey(id: id, hash: digest(secret), tenant: tenant, scope: scope, name: name, expiresAt: expiresAt)
    return (key, "rh_\(id)_\(secret)")
  }

  package static func make(tenant: String?, role: Role, name: String) -> (key: APIKey, text: String) {
    make(tenant: tenant, scope: .role(role), name: name)
  }

  package func isLive(at now: Moment) -> Bool { expiresAt.map { now < $0 } ?? true }

  package func insert(_ db: Database, at: Moment, by actor: String? = nil, successorOf: String? = nil) throws {
    try db.execute(
      sql: """
        INSERT INTO api_keys (id, hash, tenant_key, role, permissions, name, created_at, created_by, expires_at, successor_of)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING
        """,
      arguments: [
        id, Data(hash), tenant, scope.name, scope.written, name, at, actor, expiresAt, successorOf,
      ])
    guard db.changesCount > 0 else { throw Refusal.conflict("There is a key of this id already; make another one.") }
  }

  /// Whose text it is, whether or not the key has expired; nil: nobody's, or one that has been revoked.
  package static func find(_ db: Database, text: String) throws -> APIKey? {
    let parts = text.split(separator: "_", omittingEmptySubsequences: false)
    guard text.utf8.count <= 200, parts.count == 3, parts[0] == "rh",
      let row = try Row.fetchOne(
        db, sql: "SELECT * FROM api_keys WHERE id = ? AND revoked_at IS NULL", arguments: [String(parts[1])]),
      let key = APIKey(row), constantTimeEqual(key.hash, digest(String(parts[2])))
    else { return nil }
    return key
  }

  init?(_ row: Row) {
    guard let scope = KeyScope(role: row["role"], permissions: row["permissions"]) else { return nil }
    self.init(
      id: row["id"], hash: Array(row["hash"] as Data), tenant: row["tenant_key"], scope: scope, name: row["name"],
      expiresAt: row["expires_at"])
  }

  private init(
    id: String, hash: [UInt8], tenant: String?, scope: KeyScope, name: String, expiresAt: Moment?
  ) {
    (self.id, self.hash, self.tenant, self.scope) = (id, hash, tenant, scope)
    (self.name, self.expiresAt) = (name, expiresAt)
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
