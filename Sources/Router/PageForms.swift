import ControlPlane
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import TenantRuntime

/// Forms of pages. Each is sent to an operation of the API by its own path below `do/`, and is that operation: one parse, one permission, one
/// verb, one set of errors; its answer is the next page.
///
/// - `_method` names PUT, PATCH or DELETE; `_once` makes a form that is sent twice one request; `_etag` is the version it was filled in for.
/// - `_from` is the page it stands on, shown again with what was typed when it is refused; `_to` where the browser goes on (`{id}` is what was
///   made), `_done` what is said there.
/// - `_sure` says that somebody has read what follows (`Consequence`), of what the form calls `_what`.
/// - Only a page of this server may send one: its token is the browser's own, and a browser says where a form comes from.
extension Site {
  func mountForms(on router: Hummingbird.Router<RoundhouseContext>) {
    let tenant =
      SiteMap.all.filter { $0.method != .get }.map(\.path)
      + SiteMap.account.filter { $0.method != .get }.map(\.path)
    mountForms("/t/:tenant/", tenant, on: router) { context in .tenant(context.parameters.get("tenant") ?? "") }
    let platform = AdminRoutes.all.filter { $0.method != .get }.map(\.path)
    mountForms("/admin/", platform, on: router) { _ in .platform }
    let own = OwnAccountRoutes.all.filter { $0.operation.method != .get }.map(\.operation.path)
    mountForms("/account/", own, on: router) { _ in .own }
  }

  private func mountForms(
    _ below: String, _ paths: [String], on router: Hummingbird.Router<RoundhouseContext>,
    _ base: @escaping @Sendable (RoundhouseContext) -> PageBase
  ) {
    for path in Set(paths) {
      router.post("\(below)do/\(path)") { request, context in await takeForm(request, context, base(context), path) }
      // A page that is shown once more stands at the address of its form; whoever asks for that again wants the page.
      router.get("\(below)do/\(path)") { request, context in
        PageCall.to(page(ofForm: request.uri.path, base(context)))
      }
    }
  }

  /// The nearest page to `/t/acme/do/campaigns/7/pause`: that of the path itself, or of the part of it that has one.
  private func page(ofForm path: String, _ base: PageBase) -> String {
    let parts = path.split(separator: "/")
    let root = base.tenant == nil ? 1 : 2
    var below = parts.dropFirst(root + 1)
    while !below.isEmpty, maker(of: below.joined(separator: "/"), base) == nil { below.removeLast() }
    return "/" + (parts.prefix(root) + below).joined(separator: "/") + (below.isEmpty ? "/" : "")
  }

  private static let mostBytes = 1 << 20
  /// Read of who has signed in, to be shown once more: a pasted list may be longer than what is taken.
  private static let mostShown = 4 << 20
  private static let mostFields = 3_000

  private struct Form: Sendable {
    var fields: [(name: String, value: String)] = []
    /// A file that is sent along, passed on as it comes.
    var isMultipart = false

    subscript(name: String) -> String? {
      fields.last { $0.name == name }.map(\.value).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The same of both presses of a button; nil: it has no key, or comes with a file.
    func identity(_ method: HTTPRequest.Method, _ path: String, _ caller: Caller) -> [String]? {
      guard !isMultipart, let once = self["_once"] else { return nil }
      let all = fields.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
      return [caller.name, method.rawValue, path, once, APIKey.hex(APIKey.digest(all))]
    }
  }

  private func takeForm(
    _ request: Request, _ context: RoundhouseContext, _ base: PageBase, _ path: String
  ) async -> Response {
    var form = Form()
    do {
      try request.refuseUnreadableQuery()
      var (found, unknown) = (Visitor?.none, (any Error)?.none)
      do { found = try await visitor(request, context, in: base.tenant) } catch { unknown = error }
      // Whatever is refused: what was typed is read before, to be shown once more.
      try await read(request, context, into: &form, most: found == nil ? Self.mostBytes : Self.mostShown)
      if let unknown { throw unknown }
      guard let visitor = found else { throw Refusal.unauthenticated }
      let method = form["_method"].flatMap { HTTPRequest.Method($0) } ?? .post
      if form["_sure"] == nil, let consequence = Consequence.all["\(method) \(path)"] {
        return await ask(consequence, form, request, context, base, visitor)
      }
      if FormJSON.isUntouched(form.fields) {
        return try await next(Response(status: .noContent), form, base, visitor, request, context)
      }
      let answer = try await formsUnderWay.answer(
        to: form.identity(method, request.uri.path, visitor.caller), isShownOnce: form["_secret"] != nil
      ) { [form] in
        try await oneAfterTheOther { try await carryOut(form, method, path, request, context, base, visitor) }
      }
      return try await next(answer, form, base, visitor, request, context)
    } catch let upload as RefusedUpload {
      form.fields += upload.typed.filter { !$0.name.hasPrefix("_") }
      return await refused(upload.refusal, form, request, context, base)
    } catch {
      return await refused(refusal(of: error, context), form, request, context, base)
    }
  }

  /// A button that was pressed twice, and another process has the first press: the second one waits for its answer.
  private func oneAfterTheOther(_ body: () async throws -> Response) async throws -> Response {
    for _ in 0..<50 {
      do { return try await body() } catch let refusal as Refusal where refusal == OnceOnly.isRunning {
        try await Task.sleep(for: .milliseconds(100))
      }
    }
    return try await body()
  }

  private func read(
    _ request: Request, _ context: RoundhouseContext, into form: inout Form, most: Int
  ) async throws {
    let type = request.headers[.contentType]?.lowercased() ?? ""
    let origin = OriginCheck.finding(request.headers, hosts: ownHosts(request, context))
    if type.hasPrefix("multipart/form-data") {
      // Its fields come behind the file: that a browser names its page as the sender is the proof.
      guard origin == .own else { throw Refusal.forbidden("This form did not come from a page of this server.") }
      form = Form(fields: request.queryForm, isMultipart: true)
      return
    }
    guard type.hasPrefix("application/x-www-form-urlencoded") else {
      throw Refusal.unsupportedMedia("Send the form as application/x-www-form-urlencoded.")
    }
    guard origin != .foreign else { throw Refusal.forbidden("This form did not come from a page of this server.") }
    let body = try await request.collected(most: most)
    let fields = Request.form(String(buffer: body), most: Self.mostFields)
    let browser = Browser(controlPlane, request, address: context.address)
    let token = fields.first { $0.name == "_token" }?.value ?? ""
    let expected = controlPlane.signIn.formToken(of: browser.place.browser)
    let isOurs = !browser.isNew && constantTimeEqual(Array(token.utf8.prefix(200)), Array(expected.utf8))
    // What was typed is shown to who typed it on a page of ours, and nobody else's words are put before them.
    if isOurs || origin == .own { form = Form(fields: fields) }
    guard isOurs else {
      throw Refusal.forbidden(
        origin == .own
          ? "This page was open for too long, or your browser keeps no cookies. What you typed is still here: send it once more."
          : "This form is too old, or your browser keeps no cookies. Open the page again.")
    }
    guard body.readableBytes <= Self.mostBytes else {
      throw Refusal.tooLarge(
        "This is more than the megabyte that is taken at once. What you typed is still here: send it in parts.")
    }
  }

  /// The same form once more, behind what follows from it.
  private func ask(
    _ consequence: Consequence, _ form: Form, _ request: Request, _ context: RoundhouseContext, _ base: PageBase,
    _ visitor: Visitor
  ) async -> Response {
    let (action, back) = (request.uri.path, base.path + Self.safe(form["_from"] ?? ""))
    return await answerPage(
      request, context, base,
      { asked in
        let page = SurePage(consequence, action: action, back: back, typed: form.fields, words: asked.words)
        return (page, await standing(of: base.tenant ?? ""))
      }, visitor: visitor)
  }

  // MARK: The operation

  private func carryOut(
    _ form: Form, _ method: HTTPRequest.Method, _ path: String, _ request: Request, _ context: RoundhouseContext,
    _ base: PageBase, _ visitor: Visitor
  ) async throws -> Response {
    func inner(_ operation: RouteDeclaration) -> Request {
      self.inner(operation, form, request, context, base, visitor.language)
    }
    switch base {
    case .tenant(let key):
      if let route = SiteMap.all.first(where: { $0.method == method && $0.path == path }) {
        return try await carryOut(route, inner(route.operation), context, key, visitor)
      }
      if let route = SiteMap.account.first(where: { $0.method == method && $0.path == path }) {
        return try await perform(route, inner(route.operation), context, visitor.caller, key)
      }
    case .platform:
      if let route = AdminRoutes.all.first(where: { $0.method == method && $0.path == path }) {
        return try await perform(route, inner(route.operation), context, visitor.caller)
      }
    case .own:
      if let route = OwnAccountRoutes.all.first(where: { $0.operation.method == method && $0.operation.path == path }) {
        return try await perform(route, inner(route.operation), context, visitor.caller)
      }
    }
    throw Refusal.notFound("There is nothing at this address.")
  }

  private func carryOut(
    _ route: Route<Runtime>, _ request: Request, _ context: RoundhouseContext, _ key: String, _ visitor: Visitor
  ) async throws -> Response { try await perform(route, request, context, visitor.caller, key) }

  /// The form as the operation's own request.
  private func inner(
    _ operation: RouteDeclaration, _ form: Form, _ request: Request, _ context: RoundhouseContext, _ base: PageBase,
    _ language: Words.Language
  ) -> Request {
    var headers: HTTPFields = [:]
    if base == .own {
      // What concerns one's own account is bound to the browser that asks.
      headers[.userAgent] = request.headers[.userAgent]
      headers[.cookie] = request.headers[.cookie]
    }
    if let etag = form["_etag"] { headers[.ifMatch] = etag }
    if operation.takesIdempotencyKey, let once = form["_once"], let name = HTTPField.Name("Idempotency-Key") {
      // The same form with the same words is one request; changed and sent again, after a step back, it is another.
      let words = form.fields.filter { !$0.name.hasPrefix("_") }.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
      headers[name] =
        "page-\(once.filter { $0.isASCII && ($0.isLetter || $0.isNumber) }.prefix(40))-\(APIKey.hex(APIKey.digest(words).prefix(8)))"
    }
    var path = base.api + operation.path
    for (name, value) in context.parameters {
      path = path.replacing(":\(name)", with: PathMatch.escaped(value))
    }
    let known = Set(operation.query.map(\.name))
    let query = form.fields.filter { known.contains($0.name) && !$0.value.isEmpty }
    if form.isMultipart || operation.body == nil {
      headers[.contentType] = form.isMultipart ? request.headers[.contentType] : nil
      if form.isMultipart { headers[.contentLength] = request.headers[.contentLength] }
      let whole = query.isEmpty ? path : path + "?" + FormBody.encoded(query)
      return Request(
        head: HTTPRequest(
          method: operation.method, scheme: nil, authority: request.head.authority, path: whole, headerFields: headers),
        body: form.isMultipart ? request.body : RequestBody(buffer: ByteBuffer()))
    }
    headers[.contentType] = "application/json"
    let zone =
      base.tenant.flatMap { try? controlPlane.tenant($0).timeZone }.flatMap { TimeZone(identifier: $0) } ?? .gmt
    let json = FormJSON(operation.body, zone: zone, language: language).json(
      form.fields.filter { !known.contains($0.name) })
    return Request(
      head: HTTPRequest(
        method: operation.method, scheme: nil, authority: request.head.authority,
        path: query.isEmpty ? path : path + "?" + FormBody.encoded(query), headerFields: headers),
      body: RequestBody(buffer: ByteBuffer(string: json.serialized)))
  }

  // MARK: The next page

  private func next(
    _ answer: Response, _ form: Form, _ base: PageBase, _ visitor: Visitor, _ request: Request,
    _ context: RoundhouseContext
  ) async throws -> Response {
    let body = try await answer.bodyText(most: 1 << 20)
    let json = body.flatMap { try? JSON(parsing: $0) } ?? .null
    let hasSecret = SecretPage.names.contains { json[$0]?.text?.isEmpty == false || json[$0]?.list != nil }
    let from = form["_from"] ?? ""
    // An empty one is the first page below the base.
    var to = Self.safe(form.fields.last { $0.name == "_to" }?.value ?? from)
    if let id = json["id"]?.int.map(String.init) ?? json["id"]?.text { to = to.replacing("{id}", with: id) }
    // Any other figure of the answer, by its name.
    for (name, value) in json.members ?? [] {
      if let figure = value.int { to = to.replacing("{\(name)}", with: String(figure)) }
    }
    if form["_secret"] != nil, hasSecret {
      let back = base == .own && to.isEmpty ? "/account" : base.path + to
      // Of who has just been found: what was asked for may have ended the session by which it was asked.
      var response = await answerPage(
        request, context, base, { asked in (SecretPage(json, back: back, words: asked.words), nil) }, visitor: visitor)
      response.headers[values: .setCookie] += answer.headers[values: .setCookie]
      return response
    }
    if let done = form["_done"], Toasts.words[done] != nil { to += (to.contains("?") ? "&" : "?") + "done=\(done)" }
    let then = base == .own ? form["_then"].map(SignInRoutes.safePage) : nil
    let path = then ?? (base == .own && to.prefix { $0 != "?" }.isEmpty ? "/account" + to : base.path + to)
    var response = request.header("fragment") == nil ? PageCall.to(path) : Self.saved(answer, shown: path)
    response.headers[values: .setCookie] = answer.headers[values: .setCookie]
    return response
  }

  /// To a script that saves a page while somebody writes on it: the version at once, and where what has come of it is shown, which may take
  /// longer and may be left unread.
  private static func saved(_ answer: Response, shown path: String) -> Response {
    var headers: HTTPFields = [.contentLocation: path, .cacheControl: "no-store"]
    headers[.eTag] = answer.headers[.eTag]
    return Response(status: .noContent, headers: headers)
  }

  /// Below the base, and nowhere else: a form cannot send its browser away.
  static func safe(_ path: String) -> String {
    let isPlain =
      path.utf8.count <= 500
      && path.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") && $0 != UInt8(ascii: "\"") }
    let place = path.prefix { $0 != "?" }
    let isBelow = !path.hasPrefix("/") && !place.contains("..") && !place.contains(":")
    return isPlain && isBelow ? path : ""
  }

  private func refused(
    _ refusal: Refusal, _ form: Form, _ request: Request, _ context: RoundhouseContext, _ base: PageBase
  ) async -> Response {
    let from = Self.safe(form["_from"] ?? "")
    if refusal == .unauthenticated { return signedOut(form, request, context) }
    if refusal == .unconfirmed {
      return await answerPage(
        request, context, base,
        { asked in (ConfirmPage(asked.visitor, then: base.path + from, words: asked.words), nil) })
    }
    let back = Request(
      head: HTTPRequest(
        method: .get, scheme: nil, authority: request.head.authority, path: base.path + from,
        headerFields: request.headers), body: RequestBody(buffer: ByteBuffer()))
    let path = String(from.prefix { $0 != "?" })
    let refused = RefusedForm(path: request.uri.path, typed: form.fields, refusal: refusal)
    if let (make, parameters) = maker(of: path, base) {
      return await answerPage(back, context, base, make, parameters: parameters, refused: refused)
    }
    let typed = form.fields
    return await answerPage(
      back, context, base,
      { asked in (RefusedPage(refusal, words: asked.words, back: base.path + from, typed: typed), nil) },
      refused: refused)
  }

  private func maker(of path: String, _ base: PageBase) -> (Maker, Parameters)? {
    switch base {
    case .tenant:
      if let (page, parameters) = PathMatch.best(SiteMap.pages, path, of: { $0.path }) {
        return (tenantPage(page), parameters)
      }
      return PathMatch.best(AccountPages.all, path) { $0.path }.map { (accountPage($0.0), $0.1) }
    case .platform: return PathMatch.best(AdminPages.all, path) { $0.path }.map { (adminPage($0.0), $0.1) }
    case .own: return PathMatch.best(OwnPages.all, path) { $0.path }.map { (ownPage($0.0), $0.1) }
    }
  }

  /// The session ended while somebody wrote: what was typed is in the page, to be sent again by who has signed in once more.
  private func signedOut(_ form: Form, _ request: Request, _ context: RoundhouseContext) -> Response {
    let library = PageLibrary.current()
    let language = Words.Language(accepting: request.headers[.acceptLanguage])
    let words = Words.plain(language, now: controlPlane.now())
    let page = RefusedPage(
      .unauthenticated, words: words, back: nil, again: form.isMultipart ? nil : request.uri.path, typed: form.fields)
    let templates = library.templates(in: language)
    let main = templates.render(page, also: [:])
    let html = templates.render(
      "plain", ["title": page.title, "main": Drawing(main), "language": language.rawValue] as [String: Any])
    return PageRequestContext.html(html, status: .unauthorized)
  }
}
