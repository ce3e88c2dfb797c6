package import GRDB
package import TenantRuntime

/// A name where a tenant's short links live.
///
///     (none) → pending → verified → (none)
///
/// A tenant's own host is pending until its owner has shown the challenge (`verifyHost`); an operator's word verifies at once
/// (`vouchForHost`). Nothing is answered at a pending host. Several tenants may have one pending, the first that verifies it gets it: the
/// index `link_hosts_verified` holds that. A tenant with a verified host has exactly one default: where its new links live.
package struct LinkHost: Sendable, Equatable {
  package enum State: String, Sendable { case pending, verified }
  /// Of one tenant, pending ones included.
  package static let most = 20

  package let host: HostName
  let token: String
  let addedAt: Moment
  let verifiedAt: Moment?
  let checkedAt: Moment?
  let failure: String?
  package let isDefault: Bool

  package var state: State { verifiedAt == nil ? .pending : .verified }
  var challenge: HostChallenge { HostChallenge(host: host, token: token) }

  private init(_ row: Row) throws {
    host = try HostName(row["host"])
    token = row["token"]
    addedAt = row["added_at"]
    verifiedAt = row["verified_at"]
    checkedAt = row["checked_at"]
    failure = row["failure"]
    isDefault = row["is_default"]
  }

  package static func all(_ db: Database, of tenant: String) throws -> [LinkHost] {
    try Row.fetchAll(
      db, sql: "SELECT * FROM link_hosts WHERE tenant_key = ? ORDER BY added_at, host", arguments: [tenant]
    ).map(LinkHost.init)
  }

  static func find(_ db: Database, _ host: HostName, of tenant: String) throws -> LinkHost {
    let row = try Row.fetchOne(
      db, sql: "SELECT * FROM link_hosts WHERE tenant_key = ? AND host = ?", arguments: [tenant, host.description])
    guard let row else { throw Refusal.notFound("There is no such host.") }
    return try LinkHost(row)
  }

  package var json: JSON {
    [
      "host": .text(host.description), "state": .text(state.rawValue), "is_default": .bool(isDefault),
      "added_at": .moment(addedAt), "verified_at": .moment(verifiedAt),
      "last_check": checkedAt.map { ["at": .moment($0), "failure": .optional(failure)] } ?? .null,
      "challenge": state == .pending ? challenge.json : .null,
    ]
  }
}
