package import Hummingbird
package import TenantRuntime

/// `twilio-account`, of a tenant by itself and by the operator.
package enum TwilioAccountRequests {
  static let sid = Field<String>.text(
    "account_sid", most: 64, missing: "is required", about: "AC and 32 hexadecimal digits.",
    example: "AC0123456789abcdef0123456789abcdef")
  static let token = Field<String>.text(
    "auth_token", most: 200, missing: "is required", about: "Kept sealed, never shown.", example: "0123")

  package static let body = BodyDeclaration.json([sid, token])

  package static func show<Subject>(
    _ call: Call<Subject>, _ accounts: TwilioAccounts, of key: String
  ) async throws -> Response { try await accounts.json(of: key).response() }

  package static func put<Subject>(
    _ call: Call<Subject>, _ accounts: TwilioAccounts, of key: String
  ) async throws -> Response {
    var fields = try await call.fields()
    let (sid, token) = (fields.take(sid), fields.take(token))
    if let sid, let token, let problem = TwilioAccounts.check(sid, token) {
      fields.fail(problem.field, problem.message)
    }
    try fields.finish()
    guard let sid, let token else { throw Refusal.invalid("account_sid", "is required") }
    let sealed = try accounts.directory.secret.seal(Array(token.utf8))
    return try await accounts.set(key, sid: sid, sealed: sealed, by: call.caller).response()
  }

  package static func dropFormer<Subject>(
    _ call: Call<Subject>, _ accounts: TwilioAccounts, of key: String
  ) async throws -> Response {
    _ = try await accounts.dropFormer(of: key, by: call.caller)
    return Response(status: .noContent)
  }
}

extension Shape {
  package static let twilioAccount = named(
    "TwilioAccount",
    object([
      "tenant": text(example: "acme"), "account_sid": text(example: "AC0123456789abcdef0123456789abcdef").orNull,
      "has_former_token": bool,
    ]))
}
