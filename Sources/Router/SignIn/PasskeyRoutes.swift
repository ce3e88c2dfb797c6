import ControlPlane
import HTTPTypes
import Hummingbird
import TenantRuntime

/// One's own passkeys, and the pages' part of signing in by one.
enum PasskeyRoutes {
  private static func part(_ name: String, _ about: String) -> Field<String> {
    .text(name, most: 8_192, missing: "is required", about: about + ", in Base64 for addresses.", example: "AAEC")
  }
  private static let id = part("id", "The credential's id")
  private static let publicKey = part("public_key", "As `getPublicKey()` gives it")
  private static let clientData = part("client_data", "`clientDataJSON`")
  private static let authenticatorData = part("authenticator_data", "As `getAuthenticatorData()` gives it")
  private static let algorithm = Field<Int64>.int(
    "algorithm", -300...0, missing: "is required: -7 (ES256) or -8 (EdDSA)", about: "As COSE numbers them.", example: -7
  )
  private static let name = Field<String>.line(
    "name", most: 100, missing: "is required", about: "What the user calls it.", example: "Ana's phone")

  static let all: [OwnAccountRoute] = [
    OwnAccountRoute(
      .post, "me/passkeys/challenge", about: "Begin to add a passkey", answers: [.ok(.passkeyChallenge)]
    ) { call in
      let own = call.subject
      let begun = try await own.account.beginPasskey(by: call.caller, own.browser.place)
      return JSON.object([
        ("challenge", .text(Base64URL.encode(begun.challenge))), ("user_id", .text(Base64URL.encode(begun.handle))),
        ("email", .text(call.caller.signIn?.email ?? "")),
        ("known", .list(begun.known.map { .text(Base64URL.encode($0)) })),
      ]).response()
    },
    OwnAccountRoute(
      .post, "me/passkeys", about: "Add the passkey that was made",
      body: .json([name, id, publicKey, algorithm, clientData, authenticatorData]), answers: [.created(.passkey)]
    ) { call in
      var fields = try await call.fields()
      let (name, algorithm) = (fields.take(name), fields.take(algorithm))
      let parts = [id, publicKey, clientData, authenticatorData].map { field -> [UInt8] in
        guard let text = fields.take(field) else { return [] }
        if let bytes = Base64URL.decode(text) { return bytes }
        fields.fail(field.name, "is not Base64 for addresses")
        return []
      }
      try fields.finish()
      let own = call.subject
      let passkey = try await own.account.addPasskey(
        .init(
          id: parts[0], name: name ?? "", publicKey: parts[1], algorithm: algorithm ?? 0, clientData: parts[2],
          authenticatorData: parts[3]), by: call.caller, own.browser.place)
      return json(passkey).response(status: .created)
    },
    OwnAccountRoute(.delete, "me/passkeys/:passkey", about: "Remove a passkey", answers: [.none]) { call in
      guard let id = call.parameters.get("passkey").flatMap(Base64URL.decode) else {
        throw Refusal.notFound("There is no such passkey.")
      }
      try await call.subject.account.removePasskey(id, by: call.caller)
      return Response(status: .noContent)
    },
  ]

  static func json(_ passkey: Passkey) -> JSON {
    [
      "id": .text(Base64URL.encode(passkey.id)), "name": .text(passkey.name), "added_at": .moment(passkey.addedAt),
      "used_at": .moment(passkey.usedAt),
    ]
  }

  // MARK: Pages

  /// Scripts ask these: their refusals are problem documents.
  static let pages: [PageRoute] = [
    PageRoute(.post, "sign-in/passkey/challenge") { call in
      await answer {
        let challenge = try await call.signIn.beginPasskey(call.place)
        return JSON.object([("challenge", .text(Base64URL.encode(challenge)))]).response()
      }
    },
    PageRoute(.post, "sign-in/passkey") { call in
      await answer {
        func bytes(_ name: String) throws -> [UInt8] {
          guard let bytes = Base64URL.decode(call[name] ?? ""), !bytes.isEmpty else {
            throw Refusal.invalid(name, "is not Base64 for addresses")
          }
          return bytes
        }
        let outcome = try await call.signIn.signIn(
          passkey: try bytes("id"), clientData: try bytes("client_data"),
          authenticatorData: try bytes("authenticator_data"), signature: try bytes("signature"), call.place)
        guard case .session(_, let user) = outcome else { throw Refusal.unauthenticated }
        await call.endSession()
        let next = SignInRoutes.page(for: user, call)
        var response = JSON.object([("next", .text(next))]).response()
        for cookie in call.browser.cookies(of: outcome, call.signIn) + [call.browser.cookies.remove(.next)] {
          response.headers[values: .setCookie].append(cookie)
        }
        return response
      }
    },
  ]

  private static func answer(_ body: () async throws -> Response) async -> Response {
    do { return try await body() } catch let refusal as Refusal { return refusal.response() } catch {
      return Refusal.unavailable("Something went wrong on our side.").response()
    }
  }
}

extension Shape {
  static let passkey = named(
    "Passkey",
    object([
      "id": text(example: "AAEC"), "name": text(example: "Ana's phone"), "added_at": moment, "used_at": moment.orNull,
    ]))
  fileprivate static let passkeyChallenge = object([
    "challenge": text(example: "AAEC"), "user_id": text(example: "AAEC"), "email": text(example: "ana@shop.example"),
    "known": list(text(example: "AAEC")),
  ])
}
