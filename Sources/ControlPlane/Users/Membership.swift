import GRDB
package import TenantRuntime

/// A user's role in a tenant.
///
///     invited → active ⇄ suspended
///
/// `invited` becomes `active` when the user signs in by a link: that proves whose the address is.
package struct Membership: Sendable {
  package enum State: String, CaseIterable, Sendable { case invited, active, suspended }

  package let user: User
  package let tenant: String
  package var role: Role
  package var state: State
  package var addedAt: Moment

  init?(_ row: Row) {
    guard let role = Role(rawValue: row["role"]), let state = State(rawValue: row["state"]) else { return nil }
    user = User(row)
    tenant = row["tenant_key"]
    (self.role, self.state, addedAt) = (role, state, row["added_at"])
  }

  static func find(_ db: Database, user: Int64, in tenant: String) throws -> Membership? {
    try Row.fetchOne(
      db,
      sql: """
        SELECT users.*, memberships.tenant_key, memberships.role, memberships.state, memberships.added_at
        FROM memberships JOIN users ON users.id = memberships.user_id WHERE memberships.user_id = ? AND memberships.tenant_key = ?
        """, arguments: [user, tenant]
    ).flatMap(Membership.init)
  }

  static func all(_ db: Database, in tenant: String) throws -> [Membership] {
    try Row.fetchAll(
      db,
      sql: """
        SELECT users.*, memberships.tenant_key, memberships.role, memberships.state, memberships.added_at
        FROM memberships JOIN users ON users.id = memberships.user_id WHERE memberships.tenant_key = ? ORDER BY users.email
        """, arguments: [tenant]
    ).compactMap(Membership.init)
  }

  static func all(_ db: Database, of user: Int64) throws -> [Membership] {
    try Row.fetchAll(
      db,
      sql: """
        SELECT users.*, memberships.tenant_key, memberships.role, memberships.state, memberships.added_at
        FROM memberships JOIN users ON users.id = memberships.user_id WHERE memberships.user_id = ? ORDER BY memberships.tenant_key
        """, arguments: [user]
    ).compactMap(Membership.init)
  }

  /// The user has shown that its address is its own.
  static func acceptAll(_ db: Database, of user: Int64) throws {
    try db.execute(
      sql: "UPDATE memberships SET state = 'active' WHERE user_id = ? AND state = 'invited'", arguments: [user])
  }

  package var json: JSON {
    [
      "id": .int(user.id), "email": .text(user.email), "name": .optional(user.name), "role": .text(role.rawValue),
      "state": .text((user.suspendedAt == nil ? state : .suspended).rawValue), "added_at": .moment(addedAt),
      "signed_in_at": .moment(user.signedInAt), "second_factor": .bool(user.hasSecondFactor),
    ]
  }
}

extension Shape {
  package static let member = named(
    "Member",
    object([
      "id": id, "email": text(example: "ana@shop.example"), "name": text(example: "Ana").orNull,
      "role": choice(Role.tenantRoles.map(\.rawValue)), "state": choice(Membership.State.self), "added_at": moment,
      "signed_in_at": moment.orNull, "second_factor": bool,
    ]))
}
