import ControlPlane
import HTTPTypes
import Hummingbird
import NIOCore
import TenantRuntime

/// One request of a page: what its rendering needs.
struct PageRequestContext: Sendable {
  let cookies: Cookies
  let request: Request
  let base: PageBase
  let visitor: Visitor
  let library: PageLibrary
  let words: Words
  /// Nil outside a tenant, and while its file is closed.
  let standing: TenantStanding?
  let tenantName: String?

  /// Path and query below the base, without what was said there of something done before.
  var here: String {
    let path = request.uri.path.hasPrefix(base.path) ? String(request.uri.path.dropFirst(base.path.count)) : ""
    let query = (request.uri.query ?? "").split(separator: "&").filter { !$0.hasPrefix("done=") }
    return path + (query.isEmpty ? "" : "?" + query.joined(separator: "&"))
  }

  var also: [String: any Sendable] {
    [
      "base": String(base.path.dropLast()), "token": visitor.formToken, "here": here, "once": APIKey.hex(12),
      "isTenant": base.tenant != nil,
    ]
  }

  func render(_ page: any Page) -> String { templates.render(page, also: also) }
  var templates: PageTemplates { library.templates(in: words.language) }

  /// - Parameter refused: the form that the page is shown for once more.
  func response(
    _ page: any Page, status: HTTPResponse.Status = .ok, refused: RefusedForm? = nil, live: String? = nil
  ) -> Response {
    if refused == nil, let name = request.header("fragment"), let part = fragment(name, of: page) { return part }
    var (main, problem) = (render(page), refused.map { self.problem($0.refusal) })
    if let refused, let errors = problem?.errors,
      let marked = FieldMarks.marked(
        main, refused, errors.map { .init(field: $0.field, sentence: $0.beside, summary: $0.id) })
    {
      main = marked
      problem?.isMarked = true
    }
    let html = templates.render(frame(page, main: main, problem: problem, live: live), also: also)
    return byBrowser(Self.html(html, status: status))
  }

  /// Each page and part of one begins the life of the browser's cookie anew: it does not end under who works.
  private func byBrowser(_ response: Response) -> Response {
    var response = response
    response.headers[values: .setCookie].append(cookies.set(.browser, visitor.browser.token))
    return response
  }

  static func html(_ text: String, status: HTTPResponse.Status = .ok) -> Response {
    var headers: HTTPFields = [.contentType: "text/html; charset=utf-8", .cacheControl: "no-store", .vary: "Fragment"]
    if let robots = HTTPField.Name("X-Robots-Tag") { headers[robots] = "noindex" }
    return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(string: text)))
  }

  private func fragment(_ name: String, of page: any Page) -> Response? {
    guard let text = part(name, of: page) else { return nil }
    var response = Self.html(text)
    if let field = HTTPField.Name("Fragment") { response.headers[field] = name }
    return byBrowser(response)
  }

  /// One root element, whose id is the name; of several names, with commas between, one for each.
  func part(_ name: String, of page: any Page) -> String? {
    let names = name.split(separator: ",").prefix(8)
    guard name.utf8.count <= 200, !names.isEmpty else { return nil }
    let found = names.map { "\(type(of: page).template)-\($0)" }
    guard found.allSatisfy(templates.has) else { return nil }
    return found.map { templates.render(page, template: $0, also: also) }.joined()
  }

  private func frame(_ page: any Page, main: String, problem: Frame.Problem?, live: String?) -> Frame {
    let here = request.uri.path
    let key = base.tenant
    var frame: (groups: [Frame.Group], tabs: [Frame.Entry]) = ([], [])
    if let key, let standing {
      frame = (
        Frame.groups(of: key, visitor, standing, here: here, words: words),
        Frame.tabs(of: key, visitor, standing, here: here, words: words)
      )
    } else if base == .platform {
      frame.groups = Frame.adminGroups(visitor, here: here, words: words)
      frame.tabs = Array(frame.groups.first?.entries.prefix(5) ?? [])
    }
    let user = visitor.profile.user
    return Frame(
      title: page.title, language: words.language.rawValue, sentences: ScriptSentences.json(in: words.language),
      theme: user.theme == .system ? nil : user.theme.rawValue,
      place: tenantName ?? (base == .platform ? words("The platform") : words("Your account")),
      who: [visitor.name, visitor.caller.role == "none" ? "" : words.name(visitor.caller.role)].filter { !$0.isEmpty }
        .joined(separator: " · "),
      tenants: visitor.profile.memberships.filter { $0.state == .active }.prefix(50).map {
        Frame.Tenant(name: visitor.profile.tenantNames[$0.tenant] ?? $0.tenant, path: "/t/\($0.tenant)/")
      }, groups: frame.groups, tabs: frame.tabs, findPath: key == nil ? nil : base.path + "find",
      budgetMonth: standing?.leftMicros == nil ? nil : words("This month"),
      budgetLeft: standing?.leftMicros.map { words("{0} left", words.money($0)) },
      budgetBar: standing.flatMap { standing in
        standing.leftMicros.map { _ in
          Chart(words).share(
            standing.usedShare, standing.usedShare >= 1 ? "stop" : "brand",
            label: words("{0}% of the budget used", words.number(standing.usedShare * 100, decimals: 0)))
        }
      }, sending: standing.flatMap(sending), sendingLamp: standing.map(lamp) ?? "", main: Drawing(main),
      toast: request.query("done").flatMap { Toasts.words[$0] }.map { words($0) },
      problem: problem, hasLetters: user.hasSingleLetterKeys, isAdmin: base == .platform,
      isPlatform: user.platformRole != nil, liveAt: live, isBare: page.isBare,
      supportNote: visitor.caller.isSupport
        ? words("You look into this tenant as the platform's support. It is logged here.") : nil)
  }

  private func sending(_ standing: TenantStanding) -> String? {
    if let why = standing.suspended { return words("No texts leave: {0}", why) }
    if standing.isStopped { return words("All texts are stopped") }
    if standing.running == 0 { return nil }
    return words(standing.running, one: "Sending, {0} campaign", many: "Sending, {0} campaigns")
  }

  private func lamp(_ standing: TenantStanding) -> String {
    standing.isStopped || standing.suspended != nil ? "stop" : "go"
  }

  private func problem(_ refusal: Refusal) -> Frame.Problem {
    if case .preconditionFailed = refusal {
      return .init(
        sentence: words("Somebody else has changed this meanwhile, and nothing of yours was saved."),
        errors: [
          .init(words("What you typed is still here. Look at it beside what stands now, then save again."), at: 0)
        ])
    }
    guard case .invalid(let errors) = refusal else { return .init(sentence: words.said(refusal.detail), errors: []) }
    let lines = errors.enumerated().map { index, error in
      // Prices are named by the code that a number begins with.
      let code = error.field.hasPrefix("prices.") ? error.field.dropFirst("prices.".count) : nil
      let name = code.map { "+\($0)" } ?? words.fieldName(error.field.replacing("_micros", with: ""))
      if error.field.hasSuffix("_micros") || code?.allSatisfy(\.isNumber) == true {
        return Frame.Problem.Line(
          words("{0}: write an amount like 1,200.00", name), beside: words("Write an amount like 1,200.00"),
          of: error.field, at: index)
      }
      let said = words.said(error.message)
      return Frame.Problem.Line(
        error.field.isEmpty ? said.capitalizedFirst : "\(name): \(said)", beside: said.capitalizedFirst,
        of: error.field, at: index)
    }
    return .init(sentence: words("That did not work. Nothing has been changed."), errors: lines)
  }
}
