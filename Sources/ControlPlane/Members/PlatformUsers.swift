import GRDB
package import TenantRuntime

/// Everybody who signs in, as the platform's admins see and keep them; and its own staff.
package struct PlatformUsers: Sendable {
  let directory: TenantDirectory
  let mailing: Mailing
  let signedIn: SignedIn

  package struct Entry: Sendable {
    package var user: User
    package var memberships: [Membership]

    package var json: JSON {
      [
        "id": .int(user.id), "email": .text(user.email), "name": .optional(user.name),
        "platform_role": .optional(user.platformRole?.rawValue),
        "state": .text(user.suspendedAt == nil ? "active" : "suspended"),
        "signed_in_at": .moment(user.signedInAt), "second_factor": .bool(user.hasSecondFactor),
        "created_at": .moment(user.createdAt),
        "tenants": .list(
          memberships.map {
            ["key": .text($0.tenant), "role": .text($0.role.rawValue), "state": .text($0.state.rawValue)]
          }),
      ]
    }
  }

  /// By id, behind one.
  package func all(after: Int64, limit: Int) async throws -> [Entry] {
    try await directory.file.read { db in
      try Row.fetchAll(
        db, sql: "SELECT * FROM users WHERE id > ? ORDER BY id LIMIT ?", arguments: [after, limit]
      ).map { row in
        let user = User(row)
        return Entry(user: user, memberships: try Membership.all(db, of: user.id))
      }
    }
  }

  package func find(_ id: Int64) async throws -> Entry { try await directory.file.read { db in try Self.find(db, id) } }

  private static func find(_ db: Database, _ id: Int64) throws -> Entry {
    guard let user = try User.find(db, id: id) else { throw Refusal.notFound("There is no such user.") }
    return Entry(user: user, memberships: try Membership.all(db, of: id))
  }

  /// By command line, with a link that it prints: the first way in, and the way back in.
  func addAdmin(_ email: String, linkHash: [UInt8], _ doing: Doing) async throws -> JSON {
    guard let email = EmailAddress(email) else { throw Refusal.invalid("email", "is not an e-mail address") }
    let now = directory.now()
    try await directory.file.write { db in
      let user = try User.ensure(db, email, at: now)
      try db.execute(sql: "UPDATE users SET platform_role = 'admin' WHERE id = ?", arguments: [user.id])
      try SignInLink.add(db, .signIn, digest: linkHash, user: user.id, at: now)
      try doing.note(db, email.description)
    }
    signedIn.forget()
    return ["email": .text(email.description)]
  }

  /// By command line: a way in, which is no word of the user's about invitations unless the operator says so.
  /// - Parameter accepts: the invitations that wait, too.
  func addLink(_ email: String, linkHash: [UInt8], accepts: Bool, _ doing: Doing) async throws -> JSON {
    guard let email = EmailAddress(email) else { throw Refusal.invalid("email", "is not an e-mail address") }
    let now = directory.now()
    let invitations = try await directory.file.write { db in
      guard let user = try User.find(db, email) else { throw Refusal.notFound("There is no user \(email).") }
      guard user.suspendedAt == nil else { throw Refusal.conflict("\(email) is suspended.") }
      try SignInLink.add(
        db, .signIn, digest: linkHash, user: user.id, accepts: accepts ? SignInLink.acceptsAll : nil, at: now)
      let invitations = try Membership.all(db, of: user.id).filter { $0.state == .invited }.map(\.tenant)
      let accepted = accepts && !invitations.isEmpty ? ", accepts \(invitations.joined(separator: ", "))" : ""
      try doing.note(db, email.description + accepted)
      return invitations
    }
    return [
      "email": .text(email.description), "invitations": .list(invitations.map(JSON.text)), "accepts": .bool(accepts),
    ]
  }

  /// Somebody new of the platform's staff, invited by mail.
  package func invite(_ email: EmailAddress, as role: User.PlatformRole, by caller: Caller) async throws -> Entry {
    let (now, mailing) = (directory.now(), mailing)
    try checkMayGive(role, caller)
    try caller.checkConfirmed(at: now)
    let made = try await directory.file.write { db in
      let user = try User.ensure(db, email, at: now)
      guard user.platformRole == nil else { throw Refusal.conflict("\(email) is of the platform's staff already.") }
      try db.execute(sql: "UPDATE users SET platform_role = ? WHERE id = ?", arguments: [role.rawValue, user.id])
      try Doing(caller: caller, action: "staff.invite", at: now).note(
        db, "platform", detail: "\(email) \(role.rawValue)")
      try mailing.add(db, .invitation, to: user, at: now) { link, _ in
        Mail(
          to: user.email, subject: "You are invited to Roundhouse",
          sentences: ["You are invited to the staff of Roundhouse at \(mailing.publicURL), as \(role.rawValue)."],
          button: Mail.Button(label: "Accept and sign in", link: link), code: nil,
          footnote: "The link works once, for seven days. If you expected no invitation, there is nothing to do.")
      }
      return try Self.find(db, user.id)
    }
    mailing.wake()
    signedIn.forget()
    return made
  }

  /// - Parameter role: nil: no more of the staff.
  package func setRole(_ id: Int64, to role: User.PlatformRole?, by caller: Caller) async throws -> Entry {
    try await change(id, "staff.role", by: caller) { [self] db, user in
      if user.platformRole == role { return nil }
      for role in [user.platformRole, role].compactMap({ $0 }) { try checkMayGive(role, caller) }
      if user.platformRole == .admin { try Self.checkIsNotLastAdmin(db, user) }
      try Self.checkIsSomebodyElse(user, caller)
      if role == .admin { try User.endSessions(db, of: id) }
      try db.execute(sql: "UPDATE users SET platform_role = ? WHERE id = ?", arguments: [role?.rawValue, id])
      if role == nil { try SignInLink.endInvitations(db, of: id, to: nil) }
      return "\(user.email) \(role?.rawValue ?? "none")"
    }
  }

  /// Everywhere: all sessions and links end.
  package func setSuspended(_ isSuspended: Bool, _ id: Int64, by caller: Caller) async throws -> Entry {
    let now = directory.now()
    return try await change(id, isSuspended ? "user.suspend" : "user.reinstate", by: caller) { db, user in
      if (user.suspendedAt != nil) == isSuspended { return nil }
      if isSuspended {
        try Self.checkIsNotLastAdmin(db, user)
        try Self.checkLeavesOwners(db, user)
        try Self.checkIsSomebodyElse(user, caller)
      }
      try db.execute(
        sql: "UPDATE users SET suspended_at = ? WHERE id = ?", arguments: [isSuspended ? now : nil, id])
      if isSuspended {
        try User.endSessions(db, of: id)
        try User.endLinks(db, of: id)
      }
      return user.email
    }
  }

  package func endSessions(_ id: Int64, by caller: Caller) async throws -> Entry {
    try await change(id, "user.sign_out", by: caller) { db, user in
      try User.endSessions(db, of: id)
      return user.email
    }
  }

  /// For somebody who has lost it: they come in by mail or password alone then, and set up another one.
  package func removeSecondFactor(_ id: Int64, by caller: Caller) async throws -> Entry {
    let (secret, now, mailing) = (directory.secret, directory.now(), mailing)
    let changed = try await change(id, "user.second_factor_off", by: caller) { db, user in
      guard user.hasSecondFactor else { return nil }
      try SecondFactor.set(nil, step: nil, db, of: id, secret)
      try User.endSessions(db, of: id)
      try mailing.notify(
        db, user.email, "The second factor was taken off", "An admin has taken the second factor off your account.",
        at: now)
      return user.email
    }
    mailing.wake()
    return changed
  }

  private func checkMayGive(_ role: User.PlatformRole, _ caller: Caller) throws {
    let given: Role = role == .admin ? .platform : .support
    try caller.checkMayGive(given.permissions, named: "\(role.rawValue) of the platform", lasts: true)
  }

  /// - Parameter body: answers what is noted of the change; nil: it was so already.
  private func change(
    _ id: Int64, _ action: String, by caller: Caller, _ body: @escaping @Sendable (Database, User) throws -> String?
  ) async throws -> Entry {
    let now = directory.now()
    try caller.checkConfirmed(at: now)
    let changed = try await directory.file.write { db in
      let entry = try Self.find(db, id)
      if let detail = try body(db, entry.user) {
        try Doing(caller: caller, action: action, at: now).note(db, "user \(id)", detail: detail)
      }
      return try Self.find(db, id)
    }
    signedIn.forget()
    return changed
  }

  /// Nobody takes their own power away by a slip.
  private static func checkIsSomebodyElse(_ user: User, _ caller: Caller) throws {
    guard caller.signIn?.user != user.id else { throw Refusal.conflict("This is you: another admin does it.") }
  }

  private static func checkLeavesOwners(_ db: Database, _ user: User) throws {
    let alone = try String.fetchAll(
      db,
      sql: """
        SELECT tenant_key FROM memberships WHERE user_id = ?1 AND role = 'owner' AND state = 'active' AND NOT EXISTS (
          SELECT 1 FROM memberships AS other JOIN users ON users.id = other.user_id
          WHERE other.tenant_key = memberships.tenant_key AND other.role = 'owner' AND other.state = 'active'
            AND users.suspended_at IS NULL AND other.user_id <> ?1) ORDER BY tenant_key
        """, arguments: [user.id])
    guard alone.isEmpty else {
      throw Refusal.conflict(
        "\(user.email) is the last owner of \(alone.joined(separator: ", ")): give it another owner first, or suspend the tenant."
      )
    }
  }

  private static func checkIsNotLastAdmin(_ db: Database, _ user: User) throws {
    guard user.platformRole == .admin else { return }
    let others = try Int.fetchOne(
      db,
      sql: "SELECT count(*) FROM users WHERE platform_role = 'admin' AND suspended_at IS NULL AND id <> ?",
      arguments: [user.id])
    guard others ?? 0 > 0 else {
      throw Refusal.conflict("\(user.email) is the platform's last admin: make another one first.")
    }
  }
}

extension Shape {
  package static let user = named(
    "User",
    object([
      "id": id, "email": text(example: "ana@shop.example"), "name": text(example: "Ana").orNull,
      "platform_role": choice(User.PlatformRole.self).orNull, "state": choice(["active", "suspended"]),
      "signed_in_at": moment.orNull, "second_factor": bool, "created_at": moment,
      "tenants": list(
        object([
          "key": text(example: "acme"), "role": choice(Role.tenantRoles.map(\.rawValue)),
          "state": choice(Membership.State.self),
        ])),
    ]))
}
