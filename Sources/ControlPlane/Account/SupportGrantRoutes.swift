import Hummingbird
import TenantRuntime

/// `support-grants` among a tenant's addresses.
enum SupportGrantRoutes {
  private static let hours = Field<Int64>.int(
    "hours", 1...SupportGrant.longestHours, missing: "is required: 1 to \(SupportGrant.longestHours)",
    about: "When it ends by itself.", example: 4)
  private static let readOnly = Field<Bool>.bool(
    "read_only", about: "False: support may also change things. True unless given.")
  private static let reason = Field<String>.line("reason", most: 500, about: "Why.", example: "the import of Tuesday")

  static let all: [Route<Account>] = [
    Route(
      .get, "support-grants", needs: .readUsers, about: "When platform staff may look in, and could",
      answers: [.page(.supportGrant)]
    ) { call in
      let now = call.subject.grants.directory.now()
      let grants = try await call.subject.grants.all(of: call.subject.key)
      return JSON.object([("data", .list(grants.map { $0.json(at: now) })), ("next_cursor", nil)]).response()
    },
    Route(
      .post, "support-grants", needs: .editUsers, about: "Let platform staff in for a time",
      body: .json([hours, readOnly, reason]), answers: [.created(.supportGrant)]
    ) { call in
      var fields = try await call.fields()
      let (hours, readOnly, reason) = (fields.take(hours), fields.take(readOnly), fields.take(reason))
      try fields.finish()
      let grants = call.subject.grants
      let grant = try await grants.grant(
        hours: hours ?? 1, isReadOnly: readOnly ?? true, reason: reason, in: call.subject.key, by: call.caller)
      return grant.json(at: grants.directory.now()).response(status: .created)
    },
    Route(
      .delete, "support-grants/:id", needs: .editUsers, about: "End a grant now", answers: [.none]
    ) { call in
      try await call.subject.grants.end(try call.id(of: "grant"), in: call.subject.key, by: call.caller)
      return Response(status: .noContent)
    },
  ]
}
