import ControlPlane
import HTTPTypes
import Hummingbird
import TenantRuntime

/// An address of this server itself: without a key, about no tenant.
struct OwnRoute: Sendable {
  let operation: RouteDeclaration
  let handler: @Sendable (Site, Request, RoundhouseContext) async throws -> Response

  /// What it is for a stranger that it asks the wrong method of: an address that is not there.
  var isHidden = false

  static let all: [OwnRoute] = [
    OwnRoute(
      operation: RouteDeclaration(
        .get, "health", about: "Whether the process is alive",
        answers: [.ok(.object(["status": .choice(["ok"])]))])
    ) { _, _, _ in JSON.object([("status", "ok")]).response() },
    OwnRoute(
      operation: RouteDeclaration(
        .get, "ready", about: "Whether requests can be served",
        answers: [.ok(.object(["status": .choice(["ready"])]))])
    ) { site, _, _ in try await site.readiness() },
    OwnRoute(
      operation: RouteDeclaration(
        .get, TLSAsk.path, about: "Whether the proxy in front may get a certificate for a name",
        query: [QueryField("domain", .text(example: "go.shop.example"), required: true)],
        answers: [Answer(200, "It may.")]),
      handler: { site, request, context in
        try TLSAsk(controlPlane: site.controlPlane, proxies: site.proxies).answer(request, peer: context.peer)
      }, isHidden: true),
    OwnRoute(
      operation: RouteDeclaration(
        .get, "api/v1/openapi.json", about: "This document",
        answers: [.ok(Shape(["type": "object"], example: ["openapi": "3.1.0"])), Answer(304, "It is as it was.")])
    ) { _, request, _ in OpenAPIDocument.response(to: request) },
  ]
}

/// Addresses answered in front of the router, on the connection's event loop.
enum FastPathOperations {
  private static let form = BodyDeclaration.content(["application/x-www-form-urlencoded", "application/json"])
  private static let taken = Answer(204, "Taken, and on disk.")

  static let webhooks: [RouteDeclaration] = [
    RouteDeclaration(
      .post, "webhooks/twilio/inbound", about: "A text that came in; signed by Twilio", body: form, answers: [taken]),
    RouteDeclaration(.get, "webhooks/twilio/inbound", about: "A text that came in; signed by Twilio", answers: [taken]),
    RouteDeclaration(
      .post, "webhooks/twilio/status", about: "What became of a text; signed by Twilio",
      query: [
        QueryField("tenant", .text(example: "acme"), required: true), QueryField("job", .id, required: true),
        QueryField("attempt", .text(example: "1f"), required: true), QueryField("issued", .count, required: true),
      ], body: form, answers: [taken]),
  ]

  /// At a tenant's link hosts, and nowhere else.
  static let links: [RouteDeclaration] = [
    RouteDeclaration(
      .get, ":token", about: "A short link",
      answers: [Answer(302, "Where it leads."), Answer(200, "A card, for programs that draw one.", type: "text/html")]),
    RouteDeclaration(
      .get, "u/:token", about: "The unsubscribe page", answers: [Answer(200, "A page.", type: "text/html")]),
    RouteDeclaration(
      .post, "u/:token", about: "Opt out by the page's button", answers: [Answer(200, "A page.", type: "text/html")]),
  ]
}
