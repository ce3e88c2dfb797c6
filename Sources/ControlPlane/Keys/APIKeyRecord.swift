import GRDB
package import TenantRuntime

/// A key as lists show it: never its secret, nor what that is known by.
package struct APIKeyRecord: Sendable {
  let key: APIKey
  let createdAt: Moment
  private let createdBy: String?
  private let revokedAt: Moment?
  private let lastUsedAt: Moment?
  private let lastUsedAddress: String?
  private let successorOf: String?

  init?(_ row: Row) {
    guard let key = APIKey(row) else { return nil }
    self.key = key
    (createdAt, createdBy, revokedAt) = (row["created_at"], row["created_by"], row["revoked_at"])
    (lastUsedAt, lastUsedAddress) = (row["last_used_at"], row["last_used_address"])
    successorOf = row["successor_of"]
  }

  func state(at now: Moment) -> APIKey.State {
    if revokedAt != nil { return .revoked }
    return key.isLive(at: now) ? .active : .expired
  }

  package func json(at now: Moment) -> JSON {
    let role: Role? = if case .role(let role) = key.scope { role } else { nil }
    return [
      "id": .text(key.id), "name": .text(key.name), "tenant": .optional(key.tenant), "role": .optional(role?.rawValue),
      "permissions": .list(key.scope.permissions.map(\.rawValue).sorted().map(JSON.text)),
      "state": .text(state(at: now).rawValue), "created_at": .moment(createdAt), "created_by": .optional(createdBy),
      "expires_at": .moment(key.expiresAt), "revoked_at": .moment(revokedAt), "last_used_at": .moment(lastUsedAt),
      "last_used_address": .optional(lastUsedAddress), "successor_of": .optional(successorOf),
    ]
  }

  static func find(_ db: Database, _ id: String) throws -> APIKeyRecord? {
    try Row.fetchOne(db, sql: "SELECT * FROM api_keys WHERE id = ?", arguments: [id]).flatMap(APIKeyRecord.init)
  }
}

extension Shape {
  private static let apiKeyMembers: [(String, Shape)] = [
    ("id", text(example: "0123456789ab")), ("name", text(example: "Shop")), ("tenant", text(example: "acme").orNull),
    ("role", choice(Role.self).orNull), ("permissions", list(choice(Permission.self))),
    ("state", choice(APIKey.State.self)), ("created_at", moment),
    ("created_by", text(example: "user:ada@acme.example").orNull),
    ("expires_at", moment.orNull), ("revoked_at", moment.orNull), ("last_used_at", moment.orNull),
    ("last_used_address", text(example: "192.0.2.7").orNull), ("successor_of", text(example: "0123456789ab").orNull),
  ]

  package static let apiKeyEntry = named("APIKey", object(apiKeyMembers, optional: []))
  /// With its text, this once.
  package static let newAPIKey = named(
    "NewAPIKey", object([("key", text(example: "rh_…"))] + apiKeyMembers, optional: []))
}
