import ControlPlane
import HTTPTypes
import Hummingbird
import NIOCore
import TenantRuntime

/// What an address of the API answers, for a page that shows the same: by the same permission, from the same reader.
extension Visit where Subject == Account {
  func answer(_ path: String, query: String = "") async throws -> JSON {
    guard let (route, parameters) = RouteReading.find(SiteMap.account, path) else {
      throw Refusal.notFound("There is nothing at this address.")
    }
    try route.check(call.caller, in: subject.key, at: words.now)
    return try await RouteReading.json(route, call, parameters, path, query)
  }
}

extension Visit where Subject == ControlPlane {
  func answer(_ path: String, query: String = "") async throws -> JSON {
    guard let (route, parameters) = RouteReading.find(AdminRoutes.all, path) else {
      throw Refusal.notFound("There is nothing at this address.")
    }
    try route.check(call.caller, in: nil, at: words.now)
    return try await RouteReading.json(route, call, parameters, path, query)
  }
}

enum RouteReading {
  private static let mostBytes = 4 << 20

  static func find<Subject>(_ routes: [Route<Subject>], _ path: String) -> (Route<Subject>, Parameters)? {
    PathMatch.best(routes.filter { $0.method == .get }, path) { $0.path }
  }

  static func json<Subject: Sendable>(
    _ route: Route<Subject>, _ call: Call<Subject>, _ parameters: Parameters, _ path: String, _ query: String
  ) async throws -> JSON {
    let request = Request(
      head: HTTPRequest(
        method: .get, scheme: nil, authority: nil, path: "/\(path)" + (query.isEmpty ? "" : "?\(query)")),
      body: RequestBody(buffer: ByteBuffer()))
    let inner = Call(
      subject: call.subject, caller: call.caller, request: request, parameters: parameters, logger: call.logger,
      lend: call.lend)
    // Cut off, it would look like a list without rows.
    guard let text = try await route.handler(inner).bodyText(most: mostBytes) else {
      throw Refusal.unavailable("This is too long for a page. Narrow what it shows, or read it by the API.")
    }
    return text.isEmpty ? .null : try JSON(parsing: text)
  }
}

extension JSON {
  /// Rows of a list's answer.
  var rows: [JSON] { self["data"]?.list ?? [] }
  func text(_ name: String) -> String { self[name]?.text ?? "" }
  func moment(_ name: String) -> Moment? { self[name]?.text.flatMap { Moment(iso8601: $0) } }
}
