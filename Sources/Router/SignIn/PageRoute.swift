import ControlPlane
import HTTPTypes
import Hummingbird
import TenantRuntime

/// A page of this server itself. What is sent to it is a form of ours: it brings the token that its browser was given.
struct PageRoute: Sendable {
  let method: HTTPRequest.Method
  let path: String
  let handler: @Sendable (PageCall) async throws -> Response

  init(_ method: HTTPRequest.Method, _ path: String, _ handler: @escaping @Sendable (PageCall) async throws -> Response)
  {
    (self.method, self.path, self.handler) = (method, path, handler)
  }
}

/// A request of a page.
struct PageCall: Sendable {
  let controlPlane: ControlPlane
  let request: Request
  let parameters: Parameters
  let browser: Browser
  let form: [(name: String, value: String)]

  var signIn: SignIn { controlPlane.signIn }
  var place: SignIn.Place { browser.place }
  /// What every form of this browser must bring.
  var formToken: String { signIn.formToken(of: browser.place.browser) }

  subscript(name: String) -> String? { form.first { $0.name == name }.map(\.value).flatMap { $0.isEmpty ? nil : $0 } }

  /// Bounded as its field in the page is.
  func text(_ name: String, most: Int) throws -> String {
    let text = self[name] ?? ""
    guard text.unicodeScalars.count <= most, !text.unicodeScalars.contains("\u{0}") else {
      throw Refusal.invalid(name, "is too long")
    }
    return text
  }

  /// Who has signed in here, for a page about the user's own account.
  func caller() async throws -> Caller? {
    guard let session = browser.session else { return nil }
    return try await signIn.signedIn.caller(session, in: nil, at: controlPlane.now())
  }

  /// The session that this browser brings ends.
  func signOut() async throws {
    guard let token = browser.session, let session = try await signIn.signedIn.session(token, at: controlPlane.now())
    else { return }
    try await signIn.signedIn.end(session)
  }

  /// As far as its store can be reached.
  func endSession() async { try? await signOut() }

  /// Of whoever looks; nobody has signed in yet, so it is what the browser asks for.
  var language: Words.Language { Words.Language(accepting: request.headers[.acceptLanguage]) }

  func page(
    _ name: SignInPages.Name, in own: Words.Language? = nil, status: HTTPResponse.Status = .ok, title: String? = nil,
    _ values: [String: Any?]
  ) -> Response {
    SignInPages.page(name, in: own ?? language, status: status, title: title, values)
  }

  static func to(_ path: String, cookies: [String] = []) -> Response {
    var headers: HTTPFields = [.location: path, .cacheControl: "no-store"]
    for cookie in cookies { headers[values: .setCookie].append(cookie) }
    return Response(status: .seeOther, headers: headers)
  }
}
