import GRDB
package import TenantRuntime

/// Who works in a tenant: invited, given a role, suspended, removed. A tenant is never without an owner who can sign in.
package struct Members: Sendable {
  let directory: TenantDirectory
  let mailing: Mailing
  let signedIn: SignedIn
  let rates: any RateLimits

  /// Mails to people who have asked for none: few to each, and not many of one tenant.
  private func checkPace(_ email: String, of key: String) async throws {
    try await rates.check(key, RatePolicy("invitations-tenant", quota: 200, seconds: 3_600))
    try await rates.check(email, RatePolicy("invitations-address", quota: 5, seconds: 3_600))
  }

  package func all(of key: String) async throws -> [Membership] {
    try await directory.file.read { db in try Membership.all(db, in: key) }
  }

  /// - Parameter id: of the membership, here as below: what a tenant is told of a user tells nothing of other tenants.
  package func find(_ id: Int64, of key: String) async throws -> Membership {
    try await directory.file.read { db in try Self.find(db, id, of: key) }
  }

  private static func find(_ db: Database, _ id: Int64, of key: String) throws -> Membership {
    guard let found = try Membership.find(db, id: id, in: key) else {
      throw Refusal.notFound("There is no such user.")
    }
    return found
  }

  /// By command line, which prints a link of its own beside the mailed one; it has made its token and tells the digest alone.
  func invite(_ email: String, as role: Role, to key: String, linkHash: [UInt8], by caller: Caller) async throws -> JSON
  {
    guard let email = EmailAddress(email) else { throw Refusal.invalid("email", "is not an e-mail address") }
    let member = try await invite(email, as: role, to: key, by: caller)
    let now = directory.now()
    try await directory.file.write { db in
      try SignInLink.add(db, .invitation, digest: linkHash, user: member.user.id, accepts: key, at: now)
    }
    return member.json
  }

  /// Whoever has the address is a member once they come in by the link that is mailed to them.
  func invite(_ email: EmailAddress, as role: Role, to key: String, by caller: Caller) async throws -> Membership {
    guard Role.tenantRoles.contains(role) else { throw Refusal.invalid("role", "is no role of a tenant") }
    let tenant = try directory.tenant(key)
    guard tenant.state != .archived else { throw Refusal.locked("Tenant \(key) is archived.") }
    try checkMayGive(role, caller)
    try await checkPace(email.description, of: key)
    let (now, mailing) = (directory.now(), mailing)
    let made = try await directory.file.write { db in
      if let user = try User.find(db, email), let known = try Membership.find(db, user: user.id, in: key) {
        throw Refusal.conflict(
          known.state == .invited
            ? "\(email) has been invited already: send the invitation again, or withdraw it."
            : "\(email) is a member already: change the role instead.")
      }
      try Quotas.refuseMoreUsers(db, of: key)
      try Doing(caller: caller, action: "user.invite", at: now).note(db, key, detail: "\(email) \(role.rawValue)")
      return try Self.add(db, email, as: role, to: key, named: tenant.name, mailing, at: now)
    }
    mailing.wake()
    return made
  }

  /// In the caller's transaction: a place that waits for its user, and the mail about it.
  @discardableResult
  static func add(
    _ db: Database, _ email: EmailAddress, as role: Role, to key: String, named name: String, _ mailing: Mailing,
    at: Moment
  ) throws -> Membership {
    let user = try User.ensure(db, email, at: at)
    let id = try Membership.add(db, user, as: role, to: key, at: at)
    try mailInvitation(db, user, role, to: name, of: key, mailing, at: at)
    return try find(db, id, of: key)
  }

  /// Another link, in the place of those that were mailed before.
  package func resend(_ id: Int64, of key: String, by caller: Caller) async throws -> Membership {
    let tenant = try directory.tenant(key)
    let asked = try await find(id, of: key)
    try checkMayGive(asked.role, caller)
    try await checkPace(asked.user.email, of: key)
    let (now, mailing) = (directory.now(), mailing)
    let sent = try await directory.file.write { [self] db in
      let member = try Self.find(db, id, of: key)
      guard member.state == .invited else { throw Refusal.conflict("\(member.user.email) has accepted already.") }
      try checkMayGive(member.role, caller)
      try SignInLink.endInvitations(db, of: member.user.id, to: key)
      try Doing(caller: caller, action: "user.resend", at: now).note(db, key, detail: member.user.email)
      try Self.mailInvitation(db, member.user, member.role, to: tenant.name, of: key, mailing, at: now)
      return member
    }
    mailing.wake()
    return sent
  }

  @discardableResult
  private static func mailInvitation(
    _ db: Database, _ user: User, _ role: Role, to tenant: String, of key: String, _ mailing: Mailing, at: Moment
  ) throws -> String {
    try mailing.add(db, .invitation, to: user, accepts: key, at: at) { link, _ in
      Mail(
        to: user.email, subject: "You are invited to \(tenant)",
        sentences: ["You are invited to work on \(tenant) in Roundhouse, as \(role.rawValue)."],
        button: Mail.Button(label: "Accept and sign in", link: link), code: nil,
        footnote: "The link works once, for seven days. If you expected no invitation, there is nothing to do.")
    }
  }

  /// Sessions go on: what they may do is read with each request, and they are other tenants' and the user's own business, too.
  package func setRole(_ id: Int64, to role: Role, in key: String, by caller: Caller) async throws -> Membership {
    guard Role.tenantRoles.contains(role) else { throw Refusal.invalid("role", "is no role of a tenant") }
    return try await change(id, of: key, "user.role", by: caller) { [self] db, member in
      if member.role == role { return nil }
      try checkMayHandle(member.role, caller)
      try checkMayGive(role, caller)
      if member.role == .owner { try Self.checkIsNotLastOwner(db, member) }
      try Self.checkIsSomebodyElse(member, caller, "gives you another role")
      try db.execute(sql: "UPDATE memberships SET role = ? WHERE id = ?", arguments: [role.rawValue, id])
      return "\(member.user.email) \(member.role.rawValue) → \(role.rawValue)"
    }
  }

  /// A suspended member keeps the place and comes in nowhere in this tenant.
  package func setSuspended(
    _ isSuspended: Bool, _ id: Int64, in key: String, by caller: Caller
  ) async throws -> Membership {
    try await change(id, of: key, isSuspended ? "user.suspend" : "user.reinstate", by: caller) { [self] db, member in
      guard member.state != .invited else {
        throw Refusal.conflict("\(member.user.email) has not accepted yet: withdraw the invitation instead.")
      }
      if (member.state == .suspended) == isSuspended { return nil }
      if isSuspended {
        try checkMayHandle(member.role, caller)
        try Self.checkIsNotLastOwner(db, member)
        try Self.checkIsSomebodyElse(member, caller, "suspends you; or leave the tenant")
      } else {
        try checkMayGive(member.role, caller)
      }
      try db.execute(
        sql: "UPDATE memberships SET state = ? WHERE id = ?",
        arguments: [isSuspended ? "suspended" : "active", id])
      return member.user.email
    }
  }

  /// Also withdraws an invitation; whoever leaves by themselves needs nobody's leave.
  package func remove(_ id: Int64, from key: String, by caller: Caller) async throws {
    let now = directory.now()
    try await directory.file.write { [self] db in
      let member = try Self.find(db, id, of: key)
      if caller.signIn?.user != member.user.id { try checkMayHandle(member.role, caller) }
      try Self.checkIsNotLastOwner(db, member)
      try db.execute(sql: "DELETE FROM memberships WHERE id = ?", arguments: [id])
      try SignInLink.endInvitations(db, of: member.user.id, to: key)
      try Doing(caller: caller, action: "user.remove", at: now).note(
        db, key, detail: "\(member.user.email) \(member.role.rawValue)")
    }
    signedIn.forget()
  }

  /// The owner's place goes to another member, and the owner stays as an admin.
  package func transfer(to id: Int64, of key: String, by caller: Caller) async throws -> Membership {
    guard let owner = caller.signIn?.user else {
      throw Refusal.forbidden("An owner gives the ownership away, signed in; a key does not.")
    }
    try caller.checkConfirmed(at: directory.now())
    return try await change(id, of: key, "tenant.transfer", by: caller) { db, member in
      guard let giver = try Membership.find(db, user: owner, in: key), giver.role == .owner, giver.state == .active
      else {
        throw Refusal.forbidden("Only an owner may do this.")
      }
      guard member.user.id != owner else { throw Refusal.invalid("user_id", "is you") }
      guard member.state == .active, member.user.suspendedAt == nil else {
        throw Refusal.conflict("\(member.user.email) cannot sign in here: an owner must.")
      }
      try db.execute(sql: "UPDATE memberships SET role = 'owner' WHERE id = ?", arguments: [id])
      try db.execute(sql: "UPDATE memberships SET role = 'admin' WHERE id = ?", arguments: [giver.id])
      try db.execute(
        sql: "UPDATE tenants SET owner_email = ? WHERE key = ?", arguments: [member.user.email, key])
      return "\(giver.user.email) → \(member.user.email)"
    }
  }

  /// - Parameter body: answers what is noted of the change; nil: it was so already.
  private func change(
    _ id: Int64, of key: String, _ action: String, by caller: Caller,
    _ body: @escaping @Sendable (Database, Membership) throws -> String?
  ) async throws -> Membership {
    let now = directory.now()
    let changed = try await directory.file.write { db in
      let member = try Self.find(db, id, of: key)
      if let detail = try body(db, member) {
        try Doing(caller: caller, action: action, at: now).note(db, key, detail: detail)
      }
      return try Self.find(db, id, of: key)
    }
    signedIn.forget()
    return changed
  }

  /// Nobody gives, takes or touches a role that can do more than their own; an owner's place needs one who is there.
  private func checkMayHandle(_ role: Role, _ caller: Caller) throws {
    try caller.checkMayGive(role.permissions, named: role.rawValue, lasts: role == .owner)
    if role == .owner { try caller.checkConfirmed(at: directory.now()) }
  }

  /// A role that may give others roles is given by who is there.
  private func checkMayGive(_ role: Role, _ caller: Caller) throws {
    try checkMayHandle(role, caller)
    if role.permissions.contains(.editUsers) { try caller.checkConfirmed(at: directory.now()) }
  }

  /// Nobody takes their own power away by a slip.
  private static func checkIsSomebodyElse(_ member: Membership, _ caller: Caller, _ what: String) throws {
    guard caller.signIn?.user != member.user.id else { throw Refusal.conflict("This is you: somebody else \(what).") }
  }

  private static func checkIsNotLastOwner(_ db: Database, _ member: Membership) throws {
    guard member.role == .owner, member.state == .active, member.user.suspendedAt == nil else { return }
    let others = try Int.fetchOne(
      db,
      sql: """
        SELECT count(*) FROM memberships JOIN users ON users.id = memberships.user_id
        WHERE memberships.tenant_key = ? AND memberships.role = 'owner' AND memberships.state = 'active'
          AND users.suspended_at IS NULL AND users.id <> ?
        """, arguments: [member.tenant, member.user.id])
    guard others ?? 0 > 0 else {
      throw Refusal.conflict("\(member.user.email) is the last owner: make another member an owner first.")
    }
  }
}
