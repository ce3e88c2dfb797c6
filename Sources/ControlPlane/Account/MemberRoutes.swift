import Hummingbird
import TenantRuntime

/// `users` among a tenant's addresses: its members.
enum MemberRoutes {
  private static let email = Field<EmailAddress>.email("email", missing: "is required", about: "Whom to invite.")
  private static let role = Field<Role>.tenantRole(missing: "is required")
  private static let userID = Field<Int64>.int(
    "user_id", 1...Int64.max, missing: "is required", about: "The member who is to own the tenant.", example: 17)

  static let all: [Route<Account>] = [
    Route(.get, "users", needs: .readUsers, about: "Members", answers: [.page(.member)]) { call in
      let members = try await call.subject.members.all(of: call.subject.key)
      return JSON.object([("data", .list(members.map(\.json))), ("next_cursor", nil)]).response()
    },
    Route(
      .post, "users", needs: .editUsers, about: "Invite somebody", body: .json([email, role]),
      answers: [.created(.member)]
    ) { call in
      var fields = try await call.fields()
      let (email, role) = (fields.take(email), fields.take(role))
      try fields.finish()
      guard let email, let role else { throw Refusal.invalid("email", "is required") }
      return try await call.subject.members.invite(email, as: role, to: call.subject.key, by: call.caller)
        .json.response(status: .created)
    },
    Route(.get, "users/:id", needs: .readUsers, about: "One member", answers: [.ok(.member)]) { call in
      try await call.subject.members.find(try call.id(of: "user"), of: call.subject.key).json.response()
    },
    Route(
      .patch, "users/:id", needs: .editUsers, about: "Give a member another role", body: .json([role]),
      answers: [.ok(.member)]
    ) { call in
      let id = try call.id(of: "user")
      var fields = try await call.fields()
      let role = fields.take(role)
      try fields.finish()
      guard let role else { throw Refusal.invalid("role", "is required") }
      return try await call.subject.members.setRole(id, to: role, in: call.subject.key, by: call.caller).json.response()
    },
    Route(
      .delete, "users/:id", needs: .editUsers, about: "Remove a member, or withdraw an invitation", answers: [.none]
    ) { call in
      try await call.subject.members.remove(try call.id(of: "user"), from: call.subject.key, by: call.caller)
      return Response(status: .noContent)
    },
    Route(
      .post, "users/:id/resend", needs: .editUsers, about: "Mail the invitation again", answers: [.ok(.member)]
    ) { call in
      try await call.subject.members.resend(try call.id(of: "user"), of: call.subject.key, by: call.caller)
        .json.response()
    },
    Route(
      .post, "users/:id/suspend", needs: .editUsers, about: "Keep a member out for a while", answers: [.ok(.member)]
    ) { call in try await setSuspended(true, call) },
    Route(
      .post, "users/:id/reinstate", needs: .editUsers, about: "Let a suspended member in again",
      answers: [.ok(.member)]
    ) { call in try await setSuspended(false, call) },
    Route(
      .post, "ownership", needs: .deleteTenant, about: "Give the ownership to another member", body: .json([userID]),
      answers: [.ok(.member)]
    ) { call in
      var fields = try await call.fields()
      let id = fields.take(userID)
      try fields.finish()
      return try await call.subject.members.transfer(to: id ?? 0, of: call.subject.key, by: call.caller).json.response()
    },
  ]

  private static func setSuspended(_ isSuspended: Bool, _ call: Call<Account>) async throws -> Response {
    try await call.subject.members.setSuspended(
      isSuspended, try call.id(of: "user"), in: call.subject.key, by: call.caller
    ).json.response()
  }
}

extension Field where Value == Role {
  static func tenantRole(missing: String?) -> Field {
    let words = Role.tenantRoles.map(\.rawValue)
    return Field("role", Shape.choice(words).about("What the member may do."), missing: missing) { fields, name in
      guard let text = fields.text(name, most: 40) else { return nil }
      if words.contains(text) { return Role(rawValue: text) }
      fields.fail(name, "must be one of " + words.joined(separator: ", "))
      return nil
    }
  }
}
