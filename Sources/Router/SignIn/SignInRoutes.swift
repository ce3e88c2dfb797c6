import ControlPlane
import HTTPTypes
import Hummingbird
import TenantRuntime

/// `/sign-in` and what belongs to it.
enum SignInRoutes {
  static let all: [PageRoute] =
    [
      PageRoute(.get, "", home),
      PageRoute(.get, "sign-in") { call in call.page(.signIn, ["form": call.formToken]) },
      PageRoute(.post, "sign-in") { call in try await askForLink(call, .signIn, page: .signIn) },
      PageRoute(.get, "sign-in/sent") { call in call.page(.sent, ["form": call.formToken]) },
      PageRoute(.post, "sign-in/sent", takeCode),
      PageRoute(.get, "sign-in/confirm", showLink),
      PageRoute(.post, "sign-in/confirm", takeLink),
      PageRoute(.get, "sign-in/password") { call in call.page(.password, ["form": call.formToken]) },
      PageRoute(.post, "sign-in/password", takePassword),
      PageRoute(.get, "sign-in/reset") { call in call.page(.reset, ["form": call.formToken]) },
      PageRoute(.post, "sign-in/reset") { call in try await askForLink(call, .reset, page: .reset) },
      PageRoute(.get, "sign-in/code") { call in call.page(.code, ["form": call.formToken]) },
      PageRoute(.post, "sign-in/code", takeSecondFactor),
      PageRoute(.post, "sign-out", signOut),
      PageRoute(.post, "accept") { call in
        guard let caller = try await call.caller() else { return PageCall.to("/sign-in") }
        try await call.controlPlane.ownAccount.accept(try call.text("tenant", most: 39), by: caller)
        return PageCall.to("/")
      },
      PageRoute(.get, "assets/:hash/:name") { call in
        try Assets.here.answer(
          call.parameters.get("hash") ?? "", call.parameters.get("name") ?? "")
      },
    ] + PasskeyRoutes.pages

  /// The same answer whoever has the address.
  private static func askForLink(
    _ call: PageCall, _ purpose: SignInLink.Purpose, page: SignInPages.Name
  ) async throws -> Response {
    let text = try call.text("email", most: 254)
    guard let email = EmailAddress(text) else {
      return call.page(
        page, status: .unprocessableContent,
        ["form": call.formToken, "email": text, "wrong": "That is not an e-mail address."])
    }
    try await call.signIn.mailLink(to: email, purpose: purpose, call.place)
    return PageCall.to("/sign-in/sent")
  }

  @Sendable private static func showLink(_ call: PageCall) async throws -> Response {
    let token = call.request.query("token") ?? ""
    switch try await call.signIn.open(token, call.browser.place.browser) {
    case .gone: throw Refusal.gone("This link has been used, or is too old. Ask for a new one.")
    case .elsewhere(let code): return call.page(.elsewhere, ["code": code])
    case .ready(_, .reset, let needsCode):
      return call.page(
        .newPassword, ["form": call.formToken, "link": token, "factor": needsCode ? SignIn.factor : nil])
    case .ready(let email, let purpose, _):
      let isEmail = purpose == .email
      return call.page(
        .confirm,
        [
          "form": call.formToken, "link": token, "button": isEmail ? "Use this address" : "Sign in",
          "sentence": isEmail ? "You will be reached at \(email) from now on." : "You sign in as \(email).",
        ])
    }
  }

  @Sendable private static func takeLink(_ call: PageCall) async throws -> Response {
    let password = call["password"]
    if let code = call["code"] { return try await takeCode(code, password, call) }
    let link = try call.text("link", most: 100)
    do {
      return await goOn(
        try await call.signIn.confirm(link, password: password, factor: call[SignIn.factor], call.place), call)
    } catch let refusal as Refusal {
      guard case .invalid(let errors) = refusal, let wrong = errors.first else { throw refusal }
      return newPassword(wrong, ["link": link], call)
    }
  }

  /// The form once more, with what was wrong. It has the field of the code when it had it before, or that is what is missing.
  private static func newPassword(_ wrong: FieldError, _ stands: [String: Any?], _ call: PageCall) -> Response {
    let isFactor = wrong.field == SignIn.factor
    let hasFactor = isFactor || call.form.contains { $0.name == SignIn.factor }
    // Whoever has typed a link's code is shown the form by it.
    let isFirst = call["code"] != nil && call["password"] == nil
    return call.page(
      .newPassword, status: isFirst ? .ok : .unprocessableContent,
      stands.merging([
        "form": call.formToken, "factor": hasFactor ? SignIn.factor : nil,
        "wrong": isFirst || isFactor ? nil : "The password \(wrong.message).",
        "wrongFactor": isFactor ? "The code \(wrong.message)." : nil,
      ]) { $1 })
  }

  @Sendable private static func takeCode(_ call: PageCall) async throws -> Response {
    try await takeCode(try call.text("code", most: 40), nil, call)
  }

  private static func takeCode(_ code: String, _ password: String?, _ call: PageCall) async throws -> Response {
    do {
      return await goOn(
        try await call.signIn.confirm(code: code, password: password, factor: call[SignIn.factor], call.place), call)
    } catch let refusal as Refusal {
      guard case .invalid(let errors) = refusal, let wrong = errors.first else { throw refusal }
      if wrong.field == "password" || wrong.field == SignIn.factor { return newPassword(wrong, ["code": code], call) }
      return call.page(
        .sent, status: .unprocessableContent, ["form": call.formToken, "wrong": "The code \(wrong.message)."])
    }
  }

  @Sendable private static func takePassword(_ call: PageCall) async throws -> Response {
    let text = try call.text("email", most: 254)
    let password = try call.text("password", most: 1_000)
    do {
      guard let email = EmailAddress(text) else { throw Refusal.invalid("email", "is not an e-mail address") }
      return await goOn(try await call.signIn.signIn(email, password: password, call.place), call)
    } catch let refusal as Refusal {
      guard case .invalid(let errors) = refusal, let wrong = errors.first else { throw refusal }
      let isEmail = wrong.field == "email"
      return call.page(
        .password, status: .unprocessableContent,
        [
          "form": call.formToken, "email": text, "wrongEmail": isEmail ? "That is not an e-mail address." : nil,
          "wrong": isEmail ? nil : "This password \(wrong.message).",
        ])
    }
  }

  @Sendable private static func takeSecondFactor(_ call: PageCall) async throws -> Response {
    let token = call.browser.cookies.value(.code, in: call.request.headers) ?? ""
    do {
      return await goOn(
        try await call.signIn.signIn(code: try call.text("code", most: 60), token: token, call.place), call)
    } catch let refusal as Refusal {
      guard case .invalid(let errors) = refusal, let wrong = errors.first else { throw refusal }
      return call.page(
        .code, status: .unprocessableContent, ["form": call.formToken, "wrong": "The code \(wrong.message)."])
    }
  }

  /// A session never goes on from before the sign-in: its cookie is a new one.
  private static func goOn(_ outcome: SignIn.Outcome, _ call: PageCall) async -> Response {
    let cookies = call.browser.cookies
    switch outcome {
    case .secondFactor(let token): return PageCall.to("/sign-in/code", cookies: [cookies.set(.code, token)])
    case .emailChanged: return PageCall.to("/sign-in", cookies: [cookies.remove(.session)])
    case .session(_, let user):
      // What the browser had before is of no use to anybody any more.
      await call.endSession()
      return PageCall.to(
        page(for: user, call), cookies: call.browser.cookies(of: outcome, call.signIn) + [cookies.remove(.next)])
    }
  }

  /// The page that was asked for before the sign-in. Where none was: the platform's staff begin with its fleet, everybody else where their
  /// businesses stand.
  static func page(for user: User, _ call: PageCall) -> String {
    let asked = call.browser.cookies.value(.next, in: call.request.headers).map(safePage) ?? "/"
    return asked == "/" && user.platformRole != nil ? "/admin/" : asked
  }

  /// A page of this server; what a cookie says is a stranger's word.
  static func safePage(_ path: String) -> String {
    let isPlain = path.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") && $0 != UInt8(ascii: ";") }
    return isPlain && ["/t/", "/admin/", "/account"].contains { path.hasPrefix($0) } ? path : "/"
  }

  @Sendable private static func signOut(_ call: PageCall) async throws -> Response {
    try await call.signOut()
    let cookies = call.browser.cookies
    let then = call["then"].map(safePage).flatMap { Cookies.written($0).utf8.count <= Cookies.most ? $0 : nil }
    return PageCall.to("/sign-in", cookies: [cookies.remove(.session)] + (then.map { [cookies.set(.next, $0)] } ?? []))
  }

  @Sendable private static func home(_ call: PageCall) async throws -> Response {
    guard let caller = try await call.caller() else { return PageCall.to("/sign-in") }
    let profile = try await call.controlPlane.ownAccount.profile(caller)
    let active = profile.memberships.filter { $0.state == .active }
    if active.count == 1, profile.memberships.count == 1, profile.user.platformRole == nil {
      return PageCall.to("/t/\(active[0].tenant)/")
    }
    let words = Words.plain(profile.user.language, now: call.controlPlane.now())
    let tenants = active.map {
      TenantRow(
        name: profile.tenantNames[$0.tenant] ?? $0.tenant, role: words.name($0.role.rawValue), path: "/t/\($0.tenant)/")
    }
    let invitations = profile.memberships.filter { $0.state == .invited }.map {
      InvitationRow(
        key: $0.tenant, name: profile.tenantNames[$0.tenant] ?? $0.tenant, role: words.name($0.role.rawValue),
        form: call.formToken)
    }
    return call.page(
      .home, in: profile.user.language,
      [
        "invitations": invitations,
        "form": call.formToken, "email": profile.user.email, "tenants": tenants, "hasTenants": !tenants.isEmpty,
        "isNowhere": tenants.isEmpty && invitations.isEmpty && profile.user.platformRole == nil,
        "platform": profile.user.platformRole?.rawValue,
        "theme": profile.user.theme == .system ? nil : profile.user.theme.rawValue,
        "factor": profile.user.hasSecondFactor
          ? "A second factor is asked for when you sign in." : "No second factor is set up.",
      ])
  }

  private struct InvitationRow {
    var key: String
    var name: String
    var role: String
    var form: String
  }

  private struct TenantRow {
    var name: String
    var role: String
    var path: String
  }
}

extension Browser {
  /// What it keeps of a sign-in; nothing of one that is not done yet.
  func cookies(of outcome: SignIn.Outcome, _ signIn: SignIn) -> [String] {
    guard case .session(let token, let user) = outcome else { return [] }
    return [
      cookies.set(.session, token), cookies.set(.known, signIn.knownBrowser(of: user.id)), cookies.remove(.code),
    ]
  }
}
