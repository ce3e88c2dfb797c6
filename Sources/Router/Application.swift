import ControlPlane
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Synchronization
import TenantRuntime

/// A request's context: what Hummingbird needs, and who asks.
struct RoundhouseContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  /// The peer of the connection until the middleware has looked for trusted proxies.
  var client: Client
  /// Of the connection itself.
  let peer: String
  /// How often its sender has asked of late.
  let rate = RateNote()
  /// Sent to clients that ask at one of our own names.
  var requestID: String?
  var address: String { client.address }

  init(source: ApplicationRequestContextSource) {
    coreContext = .init(source: source)
    peer = source.channel.remoteAddress?.ipAddress ?? ""
    client = Client(address: peer)
  }
}

extension Request {
  /// A header by its name in lower case; several lines of it are joined with commas.
  func header(_ name: String) -> String? { HTTPField.Name(name).flatMap { headers[$0] } }
}

/// All wiring: which address leads where.
struct Site: Sendable {
  let controlPlane: ControlPlane
  let proxies: TrustedProxies
  let links: Links
  let authenticator: Authenticator
  private let manners: HTTPManners
  private let rates: RequestRates
  private let running = RunningRequests()
  let formsUnderWay = FormsUnderWay()
  /// True once the active tenants' backlogs are applied.
  let ready = Ready()

  final class Ready: Sendable {
    private let flag = Mutex(false)
    var isSet: Bool { flag.withLock { $0 } }
    func set() { flag.withLock { $0 = true } }
  }

  init(controlPlane: ControlPlane, proxies: TrustedProxies = TrustedProxies(), manners: HTTPManners = HTTPManners()) {
    (self.manners, rates) = (manners, RequestRates(controlPlane.rates, manners.rates))
    (self.controlPlane, self.proxies, links) = (controlPlane, proxies, Links(controlPlane: controlPlane))
    authenticator = Authenticator(
      file: controlPlane.directory.file, changes: controlPlane.directory.keyChanges,
      sessions: controlPlane.signIn.signedIn, now: controlPlane.now)
  }

  /// What is in front of the router on the same port.
  var fastPath: FastPathSite { FastPathSite(controlPlane: controlPlane, proxies: proxies, links: links) }

  func router() -> Hummingbird.Router<RoundhouseContext> {
    let router = Hummingbird.Router(context: RoundhouseContext.self, options: .autoGenerateHeadEndpoints)
    router.add(
      middleware: HostMiddleware(
        controlPlane: controlPlane, links: links, proxies: proxies, names: OwnNames(controlPlane),
        headers: AnswerHeaders(isSecure: controlPlane.configuration.publicURL.hasPrefix("https://")),
        crossOrigin: manners.crossOrigin))
    for route in OwnRoute.all {
      router.on("/\(route.operation.path)", method: route.operation.method) { request, context in
        try await route.handler(self, request, context)
      }
    }
    for route in SignInRoutes.all {
      router.on("/\(route.path)", method: route.method) { request, context in
        await answer(route, request, context)
      }
    }
    for route in OwnAccountRoutes.all { mountOwn(route, on: router) }
    for route in SiteMap.all { mountTenant(route, on: router) }
    for route in SiteMap.account { mountAccount(route, on: router) }
    for route in AdminRoutes.all { mountAdmin(route, on: router) }
    mountPages(on: router)
    return router
  }

  func readiness() async throws -> Response {
    guard ready.isSet else { throw Refusal.unavailable("Starting.") }
    guard await controlPlane.intake.canTake() else {
      throw Refusal.unavailable("The intake cannot write: is the disk full?")
    }
    return JSON.object([("status", "ready")]).response()
  }

  private func mountTenant(_ route: Route<Runtime>, on router: Hummingbird.Router<RoundhouseContext>) {
    router.on("/\(SiteAddress.Base.tenant.rawValue)\(route.path)", method: route.method) { request, context in
      try request.refuseUnreadableQuery()
      let key = context.parameters.get("tenant") ?? ""
      return try await perform(route, request, context, try await caller(request, context, in: key), key)
    }
  }

  func perform(
    _ route: Route<Runtime>, _ request: Request, _ context: RoundhouseContext, _ caller: Caller, _ key: String
  ) async throws -> Response {
    try route.check(caller, in: key, at: controlPlane.now())
    try route.operation.checkQuery(request)
    let tenant = try controlPlane.tenant(key)
    guard tenant.isOpenable else { throw Refusal.locked(tenant.whyClosed) }
    return try await controlPlane.open.with(key) { runtime in
      // What was answered before this call holds in it: anyone who has come back by START is in the campaign launched now.
      try await controlPlane.rows.apply(to: runtime, within: .seconds(2))
      if caller.isSupport { try await runtime.noteSupport(caller) }
      let call = Call(
        subject: runtime, caller: caller, request: request, parameters: context.parameters, logger: runtime.logger,
        lend: { body in try await controlPlane.open.with(key, body) }, stillMay: stillMay(route, request, context, key))
      return try await route.answer(call, in: runtime.file, running, isOneTransaction: true, now: controlPlane.now)
    }
  }

  private func mountAccount(_ route: Route<Account>, on router: Hummingbird.Router<RoundhouseContext>) {
    router.on("/\(SiteAddress.Base.tenant.rawValue)\(route.path)", method: route.method) { request, context in
      try request.refuseUnreadableQuery()
      let key = context.parameters.get("tenant") ?? ""
      return try await perform(route, request, context, try await caller(request, context, in: key), key)
    }
  }

  /// Open while the tenant's file is paused.
  func perform(
    _ route: Route<Account>, _ request: Request, _ context: RoundhouseContext, _ caller: Caller, _ key: String
  ) async throws -> Response {
    try route.check(caller, in: key, at: controlPlane.now())
    try route.operation.checkQuery(request)
    let tenant = try controlPlane.tenant(key)
    guard tenant.state != .archived || AccountRoutes.whileArchived.contains(route.path) else {
      throw Refusal.locked(tenant.whyClosed)
    }
    if caller.isSupport { try await controlPlane.grants.noteAccess(to: key, by: caller) }
    let account = controlPlane.account(key)
    let call = Call(
      subject: account, caller: caller, request: request, parameters: context.parameters, logger: controlPlane.logger,
      lend: { body in try await body(account) }, stillMay: stillMay(route, request, context, key))
    do {
      return try await route.answer(
        call, in: controlPlane.directory.file, running, isOneTransaction: false, now: controlPlane.now)
    } catch let failure as ControlFailure {
      // Its words are for operators: they name files.
      controlPlane.logger.error("A tenant's request failed", metadata: ["tenant": "\(key)", "error": "\(failure)"])
      throw Refusal.conflict("This cannot be done as things stand; ask the operator of this server.")
    }
  }

  private func mountAdmin(_ route: Route<ControlPlane>, on router: Hummingbird.Router<RoundhouseContext>) {
    router.on("/\(SiteAddress.Base.admin.rawValue)\(route.path)", method: route.method) { request, context in
      try request.refuseUnreadableQuery()
      return try await perform(route, request, context, try await caller(request, context, in: nil))
    }
  }

  func perform(
    _ route: Route<ControlPlane>, _ request: Request, _ context: RoundhouseContext, _ caller: Caller
  ) async throws -> Response {
    try route.check(caller, in: nil, at: controlPlane.now())
    try route.operation.checkQuery(request)
    let call = Call(
      subject: controlPlane, caller: caller, request: request, parameters: context.parameters,
      logger: controlPlane.logger,
      lend: { body in try await body(controlPlane) }, stillMay: stillMay(route, request, context, nil))
    return try await route.answer(
      call, in: controlPlane.directory.file, running, isOneTransaction: false, now: controlPlane.now)
  }

  private func mountOwn(_ route: OwnAccountRoute, on router: Hummingbird.Router<RoundhouseContext>) {
    router.on("/\(SiteAddress.Base.api.rawValue)\(route.operation.path)", method: route.operation.method) {
      request, context in
      try request.refuseUnreadableQuery()
      return try await perform(route, request, context, try await caller(request, context, in: nil))
    }
  }

  /// Addresses of whoever has signed in, about themselves.
  func perform(
    _ route: OwnAccountRoute, _ request: Request, _ context: RoundhouseContext, _ caller: Caller
  ) async throws -> Response {
    guard caller.signIn != nil else { throw Refusal.forbidden("This is for who has signed in; a key is nobody.") }
    try route.operation.checkQuery(request)
    let own = OwnCall(
      account: controlPlane.ownAccount, browser: Browser(controlPlane, request, address: context.address))
    let call = Call(
      subject: own, caller: caller, request: request, parameters: context.parameters, logger: controlPlane.logger,
      lend: { body in try await body(own) })
    if route.operation.takesNoBody { try await call.refuseBody() }
    return try await route.handler(call)
  }

  /// Who looks at a page: by session alone, which a page's own form token guards.
  /// - Parameter isCounted: false for what a page asks by itself.
  func pageCaller(
    _ request: Request, _ context: RoundhouseContext, in tenant: String?, isCounted: Bool = true
  ) async throws -> Caller {
    let session = cookies.value(.session, in: request.headers)
    var headers = request.headers
    headers[.authorization] = nil
    func authenticate() async throws -> Caller {
      try await authenticator.caller(
        headers, in: tenant, session: session, address: context.address, requestID: context.requestID, isUse: isCounted)
    }
    return isCounted ? try await rates.caller(context, authenticate) : try await authenticate()
  }

  private func caller(_ request: Request, _ context: RoundhouseContext, in tenant: String?) async throws -> Caller {
    try await rates.caller(context) {
      let caller = try await whoAsks(request, context, in: tenant)
      try checkOrigin(of: caller, request, context)
      return caller
    }
  }

  private func whoAsks(
    _ request: Request, _ context: RoundhouseContext, in tenant: String?, isUse: Bool = true
  ) async throws -> Caller {
    let session = request.headers[.authorization] == nil ? cookies.value(.session, in: request.headers) : nil
    return try await authenticator.caller(
      request.headers, in: tenant, session: session, address: context.address, requestID: context.requestID,
      isUse: isUse)
  }

  /// Who reads an answer that is written by and by is asked for again by what the request brought, uncounted: the request was counted.
  private func stillMay<Subject>(
    _ route: Route<Subject>, _ request: Request, _ context: RoundhouseContext, _ tenant: String?
  ) -> Call<Subject>.StillMay {
    { try route.checkGoesOn(try await whoAsks(request, context, in: tenant, isUse: false), in: tenant) }
  }
}
