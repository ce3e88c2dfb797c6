import HTTPTypes
import Hummingbird

/// Which pages of other origins may read answers of the API, with a key of their own: those that the operator names. Cookies are never among what
/// their requests may bring (Fetch 3.2: no `Access-Control-Allow-Credentials`).
struct CrossOrigin: Sendable, Equatable {
  private let origins: Set<String>
  private static let minutesKept = 10
  private static let requestHeaders =
    "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, X-Request-Id"
  private static let answerHeaders =
    "Content-Disposition, ETag, Idempotency-Replayed, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id"

  struct NotAnOrigin: Error, Equatable { var text: String }

  /// `https://app.example,http://localhost:3000`, with commas or spaces.
  init(text: String = "") throws {
    origins = Set(
      try text.split(whereSeparator: { $0 == "," || $0 == " " }).map { word in
        // As a browser writes it: a scheme, a name in lower case, and the port unless it is the scheme's own.
        guard
          word.wholeMatch(of: #/https?://(?:[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(:[1-9][0-9]{0,4})?/#) != nil
        else { throw NotAnOrigin(text: String(word.prefix(80))) }
        return String(word)
      })
  }

  /// The answer to a browser that asks what it may do; nil: it is no such question.
  /// - Parameter methods: of an address.
  func preflight(_ request: Request, methods: (String) -> [String]) -> Response? {
    guard request.method == .options, let origin = allowed(request),
      request.headers[.accessControlRequestMethod] != nil
    else { return nil }
    let methods = methods(request.uri.path)
    guard !methods.isEmpty else { return nil }
    var headers = HTTPFields()
    headers[.accessControlAllowOrigin] = origin
    headers[.accessControlAllowMethods] = methods.joined(separator: ", ")
    headers[.accessControlAllowHeaders] = Self.requestHeaders
    headers[.accessControlMaxAge] = String(Self.minutesKept * 60)
    return Response(status: .noContent, headers: headers)
  }

  func add(to headers: inout HTTPFields, of request: Request) {
    guard !origins.isEmpty, request.uri.path.hasPrefix("/api/") else { return }
    headers[.vary] = headers[.vary].map { $0 + ", Origin" } ?? "Origin"
    guard let origin = allowed(request) else { return }
    headers[.accessControlAllowOrigin] = origin
    headers[.accessControlExposeHeaders] = Self.answerHeaders
    // Otherwise the origins that are allowed could not use what they were sent.
    headers[.init("Cross-Origin-Resource-Policy")!] = "cross-origin"
  }

  private func allowed(_ request: Request) -> String? {
    guard request.uri.path.hasPrefix("/api/"), let origin = request.headers[.origin], origins.contains(origin) else {
      return nil
    }
    return origin
  }
}
