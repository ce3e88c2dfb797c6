import ControlPlane
import HTTPTypes
import Hummingbird
import TenantRuntime

/// An address of whoever has signed in, about themselves. It needs no permission but to be there.
struct OwnAccountRoute: Sendable {
  let operation: RouteDeclaration
  let handler: Route<OwnCall>.Handler

  init(
    _ method: HTTPRequest.Method, _ path: String, about: String, body: BodyDeclaration? = nil, answers: [Answer],
    _ handler: @escaping Route<OwnCall>.Handler
  ) {
    operation = RouteDeclaration(method, path, about: about, body: body, answers: answers)
    self.handler = handler
  }
}

/// What these addresses are about.
struct OwnCall: Sendable {
  let account: OwnAccount
  let browser: Browser

  /// The answer, with the cookies of a session that has begun meanwhile.
  func answer(_ response: Response, _ outcome: SignIn.Outcome) -> Response {
    var response = response
    for cookie in browser.cookies(of: outcome, account.signIn) { response.headers[values: .setCookie].append(cookie) }
    return response
  }
}

enum OwnAccountRoutes {
  private static let name = Field<String>.line("name", most: 100, about: "As colleagues see it.", example: "Ana")
  private static let locale = Field<User.Locale>.choice("locale", about: "Language of the pages.")
  private static let theme = Field<User.Theme>.choice("theme", about: "Colors of the pages.")
  private static let keys = Field<Bool>.bool(
    "single_letter_keys", about: "Whether single letters are keys in the pages (WCAG 2.1.4).")
  private static let password = Field<String>.text(
    "password", most: 256, about: "The present password.", example: "correct horse battery staple")
  private static let newPassword = Field<String>.text(
    "password", most: 256, missing: "is required", about: "The new password: at least ten characters.",
    example: "correct horse battery staple")
  private static let optionalCode = Field<String>.text(
    "code", most: 60, about: "Of the authenticator, or a recovery code.", example: "123456")
  private static let code = Field<String>.text(
    "code", most: 60, missing: "is required", about: "The authenticator's first code.", example: "123456")
  private static let offer = Field<String>.text(
    "offer", most: 200, missing: "is required", about: "As it was offered.", example: "bm90IG9uZQ==")
  private static let email = Field<EmailAddress>.email("email", missing: "is required", about: "The new address.")

  static let all: [OwnAccountRoute] =
    [
      OwnAccountRoute(.get, "me", about: "Who has signed in", answers: [.ok(.profile)]) { call in
        profile(try await call.subject.account.profile(call.caller), call.caller).response()
      },
      OwnAccountRoute(
        .patch, "me", about: "Change one's own profile", body: .json([name, locale, theme, keys]),
        answers: [.ok(.profile)]
      ) { call in
        var fields = try await call.fields()
        let hasName = fields.has("name")
        let (name, locale) = (fields.take(name), fields.take(locale))
        let (theme, keys) = (fields.take(theme), fields.take(keys))
        try fields.finish()
        try await call.subject.account.change(
          .init(name: hasName ? .some(name) : nil, locale: locale, theme: theme, hasSingleLetterKeys: keys),
          by: call.caller)
        return profile(try await call.subject.account.profile(call.caller), call.caller).response()
      },
      OwnAccountRoute(
        .post, "me/confirm", about: "Show to be there, for what is dangerous: it holds for ten minutes",
        body: .json([password, optionalCode]), answers: [.none]
      ) { call in
        var fields = try await call.fields()
        let (password, code) = (fields.take(password), fields.take(optionalCode))
        try fields.finish()
        let own = call.subject
        let outcome = try await own.account.confirm(password: password, code: code, by: call.caller, own.browser.place)
        return own.answer(Response(status: .noContent), outcome)
      },
      OwnAccountRoute(
        .put, "me/password", about: "Set a password; all other sessions end", body: .json([newPassword]),
        answers: [.none]
      ) { call in
        var fields = try await call.fields()
        let password = fields.take(newPassword)
        try fields.finish()
        let own = call.subject
        let outcome = try await own.account.setPassword(password ?? "", by: call.caller, own.browser.place)
        return own.answer(Response(status: .noContent), outcome)
      },
      OwnAccountRoute(
        .post, "me/email", about: "Ask for another address: a link is mailed there", body: .json([email]),
        answers: [Answer(202, "Mailed.")]
      ) { call in
        var fields = try await call.fields()
        let email = fields.take(email)
        try fields.finish()
        guard let email else { throw Refusal.invalid("email", "is required") }
        try await call.subject.account.askForEmail(email, by: call.caller, call.subject.browser.place)
        return Response(status: .accepted)
      },
      OwnAccountRoute(
        .post, "me/second-factor", about: "A secret for an authenticator; it counts once its first code is given",
        answers: [.ok(.secondFactorOffer)]
      ) { call in
        let offer = try await call.subject.account.offerSecondFactor(by: call.caller)
        return JSON.object([
          ("secret", .text(offer.secret)), ("address", .text(offer.address)), ("offer", .text(offer.sealed)),
          ("picture", .optional(QRCode(offer.address)?.svg(title: "Picture for your authenticator"))),
        ]).response()
      },
      OwnAccountRoute(
        .put, "me/second-factor", about: "Set up the second factor that was offered", body: .json([offer, code]),
        answers: [.ok(.recoveryCodes)]
      ) { call in
        var fields = try await call.fields()
        let (offer, code) = (fields.take(offer), fields.take(code))
        try fields.finish()
        let own = call.subject
        let (outcome, codes) = try await own.account.takeSecondFactor(
          offer ?? "", code: code ?? "", by: call.caller, own.browser.place)
        return own.answer(recoveryCodes(codes), outcome)
      },
      OwnAccountRoute(.delete, "me/second-factor", about: "Take the second factor off", answers: [.none]) { call in
        let own = call.subject
        let outcome = try await own.account.removeSecondFactor(by: call.caller, own.browser.place)
        return own.answer(Response(status: .noContent), outcome)
      },
      OwnAccountRoute(
        .post, "me/recovery-codes", about: "New recovery codes, in the place of all earlier ones",
        answers: [.ok(.recoveryCodes)]
      ) { call in recoveryCodes(try await call.subject.account.makeRecoveryCodes(by: call.caller)) },
      OwnAccountRoute(.post, "me/invitations/:tenant/accept", about: "Accept an invitation", answers: [.none]) { call in
        try await call.subject.account.accept(call.parameters.get("tenant") ?? "", by: call.caller)
        return Response(status: .noContent)
      },
      OwnAccountRoute(.get, "me/sessions", about: "Where one is signed in", answers: [.page(.session)]) { call in
        let sessions = try await call.subject.account.sessions(call.caller)
        return JSON.object([
          ("data", .list(sessions.map { json($0, isOwn: $0.digest == call.caller.signIn?.session) })),
          ("next_cursor", nil),
        ]).response()
      },
      OwnAccountRoute(.delete, "me/sessions", about: "Sign out everywhere else", answers: [.none]) { call in
        try await call.subject.account.endOtherSessions(by: call.caller)
        return Response(status: .noContent)
      },
      OwnAccountRoute(.delete, "me/sessions/:session", about: "Sign out of one", answers: [.none]) { call in
        try await call.subject.account.endSession(call.parameters.get("session") ?? "", by: call.caller)
        return Response(status: .noContent)
      },
    ] + PasskeyRoutes.all

  private static func recoveryCodes(_ codes: [String]) -> Response {
    JSON.object([("recovery_codes", .list(codes.map(JSON.text)))]).response()
  }

  private static func json(_ session: Session, isOwn: Bool) -> JSON {
    [
      "id": .text(session.id), "created_at": .moment(session.createdAt), "seen_at": .moment(session.seenAt),
      "address": .text(session.address), "agent": .text(session.agent), "is_this": .bool(isOwn),
    ]
  }

  private static func profile(_ profile: OwnAccount.Profile, _ caller: Caller) -> JSON {
    let user = profile.user
    let tenants = profile.memberships.map { membership -> JSON in
      [
        "key": .text(membership.tenant), "name": .text(profile.tenantNames[membership.tenant] ?? membership.tenant),
        "role": .text(membership.role.rawValue), "state": .text(membership.state.rawValue),
      ]
    }
    return [
      "id": .int(user.id), "email": .text(user.email), "name": .optional(user.name),
      "locale": .text(user.locale.rawValue),
      "theme": .text(user.theme.rawValue), "single_letter_keys": .bool(user.hasSingleLetterKeys),
      "platform_role": .optional(user.platformRole?.rawValue), "tenants": .list(tenants),
      "has_password": .bool(user.hasPassword), "second_factor": .bool(user.hasSecondFactor),
      "recovery_codes_left": .int(profile.recoveryCodesLeft),
      "passkeys": .list(profile.passkeys.map(PasskeyRoutes.json)),
      "confirmed_at": .moment(caller.signIn?.confirmedAt), "csrf_token": .optional(caller.signIn?.formToken),
    ]
  }
}

extension Shape {
  fileprivate static let profile = named(
    "Profile",
    object([
      "id": id, "email": text(example: "ana@shop.example"), "name": text(example: "Ana").orNull,
      "locale": choice(User.Locale.self), "theme": choice(User.Theme.self), "single_letter_keys": bool,
      "platform_role": choice(User.PlatformRole.self).orNull,
      "tenants": list(
        object([
          "key": text(example: "acme"), "name": text(example: "Acme"),
          "role": choice(Role.tenantRoles.map(\.rawValue)), "state": choice(Membership.State.self),
        ])),
      "has_password": bool, "second_factor": bool, "recovery_codes_left": count, "passkeys": list(.passkey),
      "confirmed_at": moment, "csrf_token": text(example: "0f1e2d3c4b5a69788796a5b4c3d2e1f0"),
    ]))
  fileprivate static let secondFactorOffer = object([
    "secret": text(example: "JBSWY3DPEHPK3PXP"), "address": text(example: "otpauth://totp/Roundhouse:ana"),
    "offer": text(example: "bm90IG9uZQ=="), "picture": text(example: "<svg/>").orNull,
  ])
  fileprivate static let recoveryCodes = object(["recovery_codes": list(text(example: "bcdfg-hjkmn-pqrst"))])
  fileprivate static let session = named(
    "Session",
    object([
      "id": text(example: "0f1e2d3c4b5a6978"), "created_at": moment, "seen_at": moment,
      "address": text(example: "192.0.2.7"), "agent": text(example: "Mozilla/5.0"), "is_this": bool,
    ]))
}
