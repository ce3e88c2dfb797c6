import ControlPlane
import Hummingbird
import TenantRuntime

/// `/api/v1/admin/users`: everybody who signs in, and the platform's own staff.
enum UserAdminRoutes {
  private static let email = Field<EmailAddress>.email("email", missing: "is required", about: "Whom to invite.")
  private static let role = Field<User.PlatformRole>.choice(
    "platform_role", missing: "is required: admin or support", about: "What the person may do.")
  private static let newRole = Field<User.PlatformRole>.choice(
    "platform_role", about: "Null: no more of the platform's staff.")

  static let all: [Route<ControlPlane>] = [
    Route(.get, "users", needs: .readPlatformUsers, about: "Users", query: .page, answers: [.page(.user)]) { call in
      let page = try PageRequest(call)
      let users = try await call.subject.commands.platformUsers.all(after: page.after, limit: page.limit + 1)
      return page.answer(users.map { (id: $0.user.id, json: $0.json) })
    },
    Route(
      .post, "users", needs: .editPlatformUsers, about: "Invite somebody to the platform's staff",
      body: .json([email, role]),
      answers: [.created(.user)]
    ) { call in
      var fields = try await call.fields()
      let (email, role) = (fields.take(email), fields.take(role))
      try fields.finish()
      guard let email, let role else { throw Refusal.invalid("email", "is required") }
      return try await call.subject.commands.platformUsers.invite(email, as: role, by: call.caller)
        .json.response(status: .created)
    },
    Route(.get, "users/:id", needs: .readPlatformUsers, about: "One user", answers: [.ok(.user)]) { call in
      try await call.subject.commands.platformUsers.find(try call.id(of: "user")).json.response()
    },
    Route(
      .patch, "users/:id", needs: .editPlatformUsers, about: "Give a user another role on the platform",
      body: .json([newRole]),
      answers: [.ok(.user)]
    ) { call in
      let id = try call.id(of: "user")
      var fields = try await call.fields()
      let isGiven = fields.has("platform_role")
      let role = fields.take(newRole)
      if !isGiven { fields.fail("platform_role", "is required: admin, support or null") }
      try fields.finish()
      return try await call.subject.commands.platformUsers.setRole(id, to: role, by: call.caller).json.response()
    },
    change("suspend", "Keep a user out, everywhere") { users, id, caller in
      try await users.setSuspended(true, id, by: caller)
    },
    change("reinstate", "Let a suspended user in again") { users, id, caller in
      try await users.setSuspended(false, id, by: caller)
    },
    change("sign-out", "End all sessions of a user") { users, id, caller in
      try await users.endSessions(id, by: caller)
    },
    change("remove-second-factor", "Take the second factor off, for somebody who has lost it") { users, id, caller in
      try await users.removeSecondFactor(id, by: caller)
    },
  ]

  private static func change(
    _ name: String, _ about: String,
    _ verb: @escaping @Sendable (PlatformUsers, Int64, Caller) async throws -> PlatformUsers.Entry
  ) -> Route<ControlPlane> {
    Route(.post, "users/:id/\(name)", needs: .editPlatformUsers, about: about, answers: [.ok(.user)]) { call in
      try await verb(call.subject.commands.platformUsers, try call.id(of: "user"), call.caller).json.response()
    }
  }
}
