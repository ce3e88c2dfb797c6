import GRDB
package import TenantRuntime

/// A user's role in a tenant.
///
///     invited → active ⇄ suspended
///
/// `invited` becomes `active` by the invitation's link, by a word of the user who has signed in, or by a link that an operator prints.
package struct Membership: Sendable {
  package enum State: String, CaseIterable, Sendable { case invited, active, suspended }

  /// Random: neither which it is nor its order tells whether the user was there before.
  package let id: Int64
  package let user: User
  package let tenant: String
  package var role: Role
  package var state: State
  package var addedAt: Moment

  init?(_ row: Row) {
    guard let role = Role(rawValue: row["role"]), let state = State(rawValue: row["state"]) else { return nil }
    (id, tenant) = (row["membership_id"], row["tenant_key"])
    user = User(row)
    (self.role, self.state, addedAt) = (role, state, row["added_at"])
  }

  static func find(_ db: Database, user: Int64, in tenant: String) throws -> Membership? {
    try Row.fetchOne(
      db,
      sql: """
        SELECT users.*, memberships.id AS membership_id, memberships.tenant_key, memberships.role, memberships.state, memberships.added_at
        FROM memberships JOIN users ON users.id = memberships.user_id WHERE memberships.user_id = ? AND memberships.tenant_key = ?
        """, arguments: [user, tenant]
    ).flatMap(Membership.init)
  }

  static func find(_ db: Database, id: Int64, in tenant: String) throws -> Membership? {
    try Row.fetchOne(
      db,
      sql: """
        SELECT users.*, memberships.id AS membership_id, memberships.tenant_key, memberships.role, memberships.state, memberships.added_at
        FROM memberships JOIN users ON users.id = memberships.user_id WHERE memberships.id = ? AND memberships.tenant_key = ?
        """, arguments: [id, tenant]
    ).flatMap(Membership.init)
  }

  static func all(_ db: Database, in tenant: String) throws -> [Membership] {
    try Row.fetchAll(
      db,
      sql: """
        SELECT users.*, memberships.id AS membership_id, memberships.tenant_key, memberships.role, memberships.state, memberships.added_at
        FROM memberships JOIN users ON users.id = memberships.user_id WHERE memberships.tenant_key = ? ORDER BY users.email
        """, arguments: [tenant]
    ).compactMap(Membership.init)
  }

  static func all(_ db: Database, of user: Int64) throws -> [Membership] {
    try Row.fetchAll(
      db,
      sql: """
        SELECT users.*, memberships.id AS membership_id, memberships.tenant_key, memberships.role, memberships.state, memberships.added_at
        FROM memberships JOIN users ON users.id = memberships.user_id WHERE memberships.user_id = ? ORDER BY memberships.tenant_key
        """, arguments: [user]
    ).compactMap(Membership.init)
  }

  /// An invitation, of whom there is none yet in the tenant. Answers its id.
  static func add(_ db: Database, _ user: User, as role: Role, to tenant: String, at: Moment) throws -> Int64 {
    // Whole in the numbers of JavaScript.
    let id = Int64.random(in: 1..<1 << 53)
    try db.execute(
      sql: "INSERT INTO memberships (id, user_id, tenant_key, role, state, added_at) VALUES (?, ?, ?, ?, 'invited', ?)",
      arguments: [id, user.id, tenant, role.rawValue, at])
    return id
  }

  /// - Parameter tenant: nil: all.
  static func accept(_ db: Database, of user: Int64, in tenant: String?) throws {
    try db.execute(
      sql: """
        UPDATE memberships SET state = 'active' WHERE user_id = ? AND state = 'invited' AND tenant_key = coalesce(?, tenant_key)
        """, arguments: [user, tenant])
  }

  package var json: JSON {
    // Of who has not accepted nothing is told that another tenant knows.
    let isIn = state != .invited
    return [
      "id": .int(id), "email": .text(user.email), "name": isIn ? .optional(user.name) : .null,
      "role": .text(role.rawValue),
      "state": .text((user.suspendedAt == nil || !isIn ? state : .suspended).rawValue), "added_at": .moment(addedAt),
      "signed_in_at": isIn ? .moment(user.signedInAt) : .null,
      "second_factor": isIn ? .bool(user.hasSecondFactor) : .null,
    ]
  }
}

extension Shape {
  package static let member = named(
    "Member",
    object([
      "id": id, "email": text(example: "ana@shop.example"), "name": text(example: "Ana").orNull,
      "role": choice(Role.tenantRoles.map(\.rawValue)), "state": choice(Membership.State.self), "added_at": moment,
      "signed_in_at": moment.orNull, "second_factor": bool.orNull,
    ]))
}
