import ControlPlane
import HTTPTypes
import Hummingbird
import Logging
import TenantRuntime

/// Pages below `/t/KEY/`, `/admin/` and `/account/`: mounted by their declarations, answered in the reader's frame.
extension Site {
  func mountPages(on router: Hummingbird.Router<RoundhouseContext>) {
    for page in SiteMap.pages {
      router.get("/t/:tenant/\(page.path)") { request, context in
        await answerPage(request, context, try base(context), tenantPage(page))
      }
      guard !page.live.isEmpty else { continue }
      router.get("/t/:tenant/\(page.path.isEmpty ? "" : page.path + "/")live") { request, context in
        try await live(page, request, context)
      }
    }
    for page in AccountPages.all {
      router.get("/t/:tenant/\(page.path)") { request, context in
        await answerPage(request, context, try base(context), accountPage(page))
      }
    }
    for page in AdminPages.all {
      router.get("/admin/\(page.path)") { request, context in
        await answerPage(request, context, .platform, adminPage(page))
      }
      guard !page.live.isEmpty else { continue }
      router.get("/admin/\(page.path.isEmpty ? "" : page.path + "/")live") { request, context in
        try await live(page, request, context)
      }
    }
    for page in OwnPages.all {
      router.get("/account\(page.path.isEmpty ? "" : "/" + page.path)") { request, context in
        await answerPage(request, context, .own, ownPage(page))
      }
    }
    mountForms(on: router)
    mountKit(on: router)
  }

  private func base(_ context: RoundhouseContext) throws -> PageBase {
    let key = context.parameters.get("tenant") ?? ""
    guard key.utf8.count <= 39 else { throw Refusal.notFound("There is no such tenant.") }
    return .tenant(key)
  }

  /// Makes the page's content, in whatever file it is about.
  typealias Maker = @Sendable (PageAsked) async throws -> (page: any Page, standing: TenantStanding?)

  struct PageAsked: Sendable {
    let request: Request
    let parameters: Parameters
    let visitor: Visitor
    let words: Words
    let typed: [(name: String, value: String)]
    /// Only parts of it that move are wanted.
    var isPart = false
  }

  func tenantPage(_ page: PageView<Runtime>) -> Maker {
    { asked in
      let caller = asked.visitor.caller
      let key = caller.tenant ?? ""
      try caller.check(page.needs, in: key)
      let tenant = try controlPlane.tenant(key)
      guard tenant.isOpenable else { throw Refusal.locked(tenant.whyClosed) }
      return try await controlPlane.open.with(key) { runtime in
        try await controlPlane.rows.apply(to: runtime, within: .seconds(2))
        if caller.isSupport { try await runtime.noteSupport(caller) }
        let call = Call(
          subject: runtime, caller: caller, request: asked.request, parameters: asked.parameters,
          logger: runtime.logger,
          lend: { body in try await controlPlane.open.with(key, body) })
        let content = try await page.handler(
          Visit(
            call: call, words: asked.words, typed: asked.typed, isPart: asked.isPart,
            countMembers: countMembers(of: key, for: asked)))
        return (content, try await standing(runtime))
      }
    }
  }

  private func countMembers(of key: String, for asked: PageAsked) -> (@Sendable () async throws -> Int)? {
    if asked.isPart { return nil }
    let members = controlPlane.commands.members
    return { try await members.all(of: key).count }
  }

  private func standing(_ runtime: Runtime) async throws -> TenantStanding {
    let (lease, now) = (runtime.lease, controlPlane.now())
    return try await runtime.file.read { db in try TenantStanding.read(db, lease, now: now) }
  }

  /// Of the tenant's file when it can be opened: the frame of a page that needs no file.
  func standing(of key: String) async -> TenantStanding? {
    guard (try? controlPlane.tenant(key))?.isOpenable == true else { return nil }
    return try? await controlPlane.open.with(key) { runtime in try await standing(runtime) }
  }

  func accountPage(_ page: PageView<Account>) -> Maker {
    { asked in
      let caller = asked.visitor.caller
      let key = caller.tenant ?? ""
      try caller.check(page.needs, in: key)
      _ = try controlPlane.tenant(key)
      if caller.isSupport { try await controlPlane.grants.noteAccess(to: key, by: caller) }
      let account = controlPlane.account(key)
      let call = Call(
        subject: account, caller: caller, request: asked.request, parameters: asked.parameters,
        logger: controlPlane.logger, lend: { body in try await body(account) })
      let content = try await page.handler(Visit(call: call, words: asked.words, typed: asked.typed))
      return (content, await standing(of: key))
    }
  }

  func adminPage(_ page: PageView<ControlPlane>) -> Maker {
    { asked in
      let caller = asked.visitor.caller
      try caller.check(page.needs, in: nil)
      let call = Call(
        subject: controlPlane, caller: caller, request: asked.request, parameters: asked.parameters,
        logger: controlPlane.logger, lend: { body in try await body(controlPlane) })
      return (try await page.handler(Visit(call: call, words: asked.words, typed: asked.typed)), nil)
    }
  }

  func ownPage(_ page: OwnPage) -> Maker {
    { asked in
      let own = OwnVisit(
        account: controlPlane.ownAccount, visitor: asked.visitor, request: asked.request, words: asked.words,
        typed: asked.typed)
      return (try await page.handler(own), nil)
    }
  }

  /// - Parameters:
  ///   - refused: the form for which the page is shown once more.
  ///   - known: who asks, where that was found out already.
  func answerPage(
    _ request: Request, _ context: RoundhouseContext, _ base: PageBase, _ make: Maker, parameters: Parameters? = nil,
    refused: RefusedForm? = nil, visitor known: Visitor? = nil
  ) async -> Response {
    let found: Visitor?
    do {
      try request.refuseUnreadableQuery()
      if let known { found = known } else { found = try await visitor(request, context, in: base.tenant) }
    } catch {
      let language = Words.Language(accepting: request.headers[.acceptLanguage])
      return SignInPages.refusal(refusal(of: error, context), in: language)
    }
    guard let visitor = found else { return toSignIn(request) }
    let library = PageLibrary.current()
    let zone = base.tenant.flatMap { try? controlPlane.tenant($0).timeZone }
    let words = visitor.words(library, zone: zone, now: controlPlane.now())
    let name = base.tenant.flatMap { key in visitor.caller.tenant == key ? try? controlPlane.tenant(key).name : nil }
    func around(_ standing: TenantStanding?) -> PageRequestContext {
      PageRequestContext(
        cookies: cookies, request: request, base: base, visitor: visitor, library: library, words: words,
        standing: standing, tenantName: name)
    }
    do {
      let (page, standing) = try await make(
        PageAsked(
          request: request, parameters: parameters ?? context.parameters, visitor: visitor, words: words,
          typed: refused?.typed ?? []))
      return around(standing).response(
        page, status: refused?.refusal.status ?? .ok, refused: refused,
        live: isLive(page, at: request.uri.path, base) ? liveAddress(request, page) : nil)
    } catch let elsewhere as GoElsewhere {
      return PageCall.to(base.path + elsewhere.path)
    } catch {
      let refusal = refusal(of: error, context)
      if refusal == .unconfirmed {
        return around(nil).response(ConfirmPage(visitor, then: request.uri.path, words: words), status: .forbidden)
      }
      let account = base.tenant != nil && visitor.may(.readSettings) ? "\(base.path)settings/account" : nil
      let page = RefusedPage(refusal, words: words, back: base == .own ? "/" : base.path, account: account)
      let standing: TenantStanding? = name == nil ? nil : await self.standing(of: base.tenant ?? "")
      return around(standing).response(page, status: refusal.status)
    }
  }

  /// What is looked at, filters and all, and not what was done before; and how far it was by then.
  private func liveAddress(_ request: Request, _ page: any Page) -> String {
    var kept = request.queryForm.filter { $0.name != "done" && $0.name != Self.stage && !$0.value.isEmpty }
    if !page.stage.isEmpty { kept.append((Self.stage, page.stage)) }
    return request.uri.path.trimmedSlash + "/live" + (kept.isEmpty ? "" : "?" + FormBody.encoded(kept))
  }

  private func isLive(_ page: any Page, at path: String, _ base: PageBase) -> Bool {
    guard !page.isFinal else { return false }
    let below = String(path.dropFirst(base.path.count))
    return switch base {
    case .tenant: PathMatch.best(SiteMap.pages, below) { $0.path }?.0.live.isEmpty == false
    case .platform: PathMatch.best(AdminPages.all, below) { $0.path }?.0.live.isEmpty == false
    case .own: false
    }
  }

  func refusal(of error: any Error, _ context: RoundhouseContext) -> Refusal {
    if let refusal = error as? Refusal { return refusal }
    if error is ControlFailure {
      controlPlane.logger.error("A page failed", metadata: ["error": "\(error)"])
      return .conflict("This cannot be done as things stand; ask the operator of this server.")
    }
    let reference = APIKey.hex(6)
    controlPlane.logger.error(
      "A page failed",
      metadata: ["reference": "\(reference)", "request_id": "\(context.requestID ?? "")", "error": "\(error)"])
    return .unavailable("Something went wrong on our side. Reference \(reference).")
  }

  /// Back to the page that was asked for, once somebody has signed in.
  private func toSignIn(_ request: Request) -> Response {
    let next = request.uri.path + (request.uri.query.map { "?" + $0 } ?? "")
    return PageCall.to(
      "/sign-in", cookies: Cookies.written(next).utf8.count <= Cookies.most ? [cookies.set(.next, next)] : [])
  }
}

extension String {
  fileprivate var trimmedSlash: String { hasSuffix("/") ? String(dropLast()) : self }
}

extension Site {
  /// Nil: nobody has signed in here. Keys look at no pages.
  func visitor(_ request: Request, _ context: RoundhouseContext, in tenant: String?, isCounted: Bool = true)
    async throws -> Visitor?
  {
    let browser = Browser(controlPlane, request, address: context.address)
    guard browser.session != nil else { return nil }
    let caller: Caller
    do { caller = try await pageCaller(request, context, in: tenant, isCounted: isCounted) } catch Refusal
      .unauthenticated
    { return nil }
    guard caller.signIn != nil else { return nil }
    return Visitor(
      caller: caller, profile: try await controlPlane.ownAccount.profile(caller), browser: browser,
      formToken: controlPlane.signIn.formToken(of: browser.place.browser))
  }
}
