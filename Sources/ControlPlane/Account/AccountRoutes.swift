import Hummingbird
import TenantRuntime

/// What a tenant's own people see and change of its account with the operator.
package enum AccountRoutes {
  private static let confirm = Field<String>.text(
    "confirm", most: 39, missing: "is required: the tenant's key", about: "The tenant's key, once more.",
    example: "acme")
  private static let name = Field<String>.line(
    "name", most: 200, missing: "is required", about: "Of the business.", example: "Acme")
  static let (delete, keep) = ("delete", "keep")
  /// Answered while the tenant is archived, too: the one ends that, the other may be asked again by who has lost the answer.
  package static let whileArchived: Set<String> = [delete, keep]

  static let all: [Route<Account>] = [
    Route(.get, "account", needs: .readSettings, about: "The tenant itself", answers: [.ok(.tenant)]) { call in
      try call.subject.directory.tenant(call.subject.key).json.response()
    },
    Route(
      .patch, "account", needs: .editSettings, about: "Rename the tenant; its key stays", body: .json([name]),
      answers: [.ok(.tenant)], rename),
    Route(
      .get, "quotas", needs: .readSettings, about: "What may be used at most, and what is used",
      answers: [.ok(.quotas)]
    ) { call in try await QuotaRequests.show(call, call.subject.commands.quotas, of: call.subject.key) },
    Route(
      .get, "twilio-account", needs: .readSettings, about: "The account at the provider, without its token",
      answers: [.ok(.twilioAccount)]
    ) { call in try await TwilioAccountRequests.show(call, call.subject.commands.twilio, of: call.subject.key) },
    Route(
      .put, "twilio-account", needs: .editNumbers,
      about: "Set the account, or a new token; the former one of the same account stays accepted until it is dropped",
      body: TwilioAccountRequests.body, answers: [.ok(.twilioAccount)], isDangerous: true
    ) { call in try await TwilioAccountRequests.put(call, call.subject.commands.twilio, of: call.subject.key) },
    Route(
      .delete, "twilio-account/former-token", needs: .editNumbers, about: "Accept the former token no longer",
      answers: [.none]
    ) { call in
      try await TwilioAccountRequests.dropFormer(call, call.subject.commands.twilio, of: call.subject.key)
    },
    Route(
      .post, delete, needs: .deleteTenant,
      about: "End the tenant: archived at once, deleted in 7 days, and kept until then if that is asked for",
      body: .json([confirm]), answers: [.ok(.tenant)], isDangerous: true, end),
    Route(
      .post, keep, needs: .deleteTenant, about: "Keep a tenant that was to be deleted", answers: [.ok(.tenant)]
    ) { call in
      try await call.subject.commands.perform(.keep(key: call.subject.key, asTenant: true), by: call.caller).response()
    },
  ]

  @Sendable private static func rename(_ call: Call<Account>) async throws -> Response {
    var fields = try await call.fields()
    let name = fields.take(name) ?? ""
    try fields.finish()
    return try await call.subject.commands.perform(.rename(key: call.subject.key, name: name), by: call.caller)
      .response()
  }

  @Sendable private static func end(_ call: Call<Account>) async throws -> Response {
    var fields = try await call.fields()
    let confirm = fields.take(confirm) ?? ""
    if confirm != call.subject.key, fields.hasNoErrors(about: "confirm") {
      fields.fail("confirm", "must be the tenant's key, \(call.subject.key)")
    }
    try fields.finish()
    return try await call.subject.commands.perform(
      .delete(key: call.subject.key, confirm: confirm, asTenant: true), by: call.caller
    ).response()
  }
}
