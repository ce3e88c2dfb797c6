import GRDB
package import TenantRuntime

/// A tenant lets platform staff into its data, until a time; to look, or to work as an admin of its own would.
package struct SupportGrant: Sendable {
  package let id: Int64
  package let grantedBy: String
  package let isReadOnly: Bool
  package let reason: String?
  package let grantedAt: Moment
  package let until: Moment
  package let endedAt: Moment?

  /// A grant ends by itself at the latest after so many hours.
  package static let longestHours: Int64 = 24 * 14

  init(_ row: Row) {
    id = row["id"]
    grantedBy = row["granted_by"]
    isReadOnly = row["read_only"]
    reason = row["reason"]
    grantedAt = row["granted_at"]
    until = row["until"]
    endedAt = row["ended_at"]
  }

  /// What staff may do meanwhile: never more than an admin, and nothing about keys, users and grants.
  static func permissions(isReadOnly: Bool) -> Set<Permission> {
    if isReadOnly { return Role.viewer.permissions.union([.readAuditLog, .readUsers]) }
    // Nothing through which data leaves once the grant has ended.
    return Role.admin.permissions.subtracting([.editUsers, .editAPIKeys, .readAPIKeys, .editWebhooks])
  }
  static func role(isReadOnly: Bool) -> String { isReadOnly ? "support (to look)" : "support" }

  var permissions: Set<Permission> { Self.permissions(isReadOnly: isReadOnly) }
  var role: String { Self.role(isReadOnly: isReadOnly) }

  /// The grant that holds now; of several the one that allows most.
  static func current(_ db: Database, in tenant: String, at now: Moment) throws -> SupportGrant? {
    try Row.fetchOne(
      db,
      sql: """
        SELECT * FROM support_grants WHERE tenant_key = ? AND until > ? AND ended_at IS NULL ORDER BY read_only, until DESC LIMIT 1
        """, arguments: [tenant, now]
    ).map(SupportGrant.init)
  }

  func json(at now: Moment) -> JSON {
    [
      "id": .int(id), "granted_by": .text(grantedBy), "read_only": .bool(isReadOnly), "reason": .optional(reason),
      "granted_at": .moment(grantedAt), "until": .moment(until), "ended_at": .moment(endedAt),
      "is_open": .bool(endedAt == nil && until > now),
    ]
  }
}

extension Shape {
  static let supportGrant = named(
    "SupportGrant",
    object([
      "id": id, "granted_by": text(example: "user:ana@shop.example"), "read_only": bool,
      "reason": text(example: "the import of Tuesday").orNull, "granted_at": moment, "until": moment,
      "ended_at": moment.orNull, "is_open": bool,
    ]))
}
