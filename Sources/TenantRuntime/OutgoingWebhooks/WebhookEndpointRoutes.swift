import GRDB
import Hummingbird

/// `/webhook-endpoints`: made, shown, changed, deleted. A secret is shown when it is made, and never again.
enum WebhookEndpointRoutes {
  static let all: [Route<Runtime>] = [
    Route(
      .get, "webhook-endpoints", needs: .readSettings, about: "Webhook endpoints", query: .page,
      answers: [.page(.webhookEndpoint)], list),
    Route(
      .post, "webhook-endpoints", needs: .editWebhooks, about: "Make a webhook endpoint",
      body: .json(.ofWebhookEndpoint([], required: true)), answers: [.created(.webhookEndpointSecret)],
      repeats: .secret, create),
    Route(
      .get, "webhook-endpoints/event-types", needs: .readSettings, about: "Every type of event with a sample",
      answers: [.page(.eventType)], eventTypes),
    Route(
      .get, "webhook-endpoints/:id", needs: .readSettings, about: "One webhook endpoint, and what waits for it",
      answers: [.ok(.webhookEndpointWaiting)], show),
    Route(
      .patch, "webhook-endpoints/:id", needs: .editWebhooks, about: "Change a webhook endpoint",
      body: .json(.ofWebhookEndpoint([Documented("enabled", .bool)], required: false)),
      answers: [.ok(.webhookEndpoint)], edit),
    Route(
      .delete, "webhook-endpoints/:id", needs: .editWebhooks, about: "Delete a webhook endpoint", answers: [.none],
      delete),
    Route(
      .post, "webhook-endpoints/:id/rotate-secret", needs: .editWebhooks,
      about: "Give it a new secret; the old one signs too for a time", answers: [.ok(.webhookEndpointSecret)],
      repeats: .secret, isDangerous: true, rotate),
  ]

  @Sendable private static func list(_ call: Call<Runtime>) async throws -> Response {
    let page = try PageRequest(call)
    return try await call.subject.file.page(
      page, "SELECT * FROM webhook_endpoints WHERE deleted = 0 AND id > ? ORDER BY id", [page.after],
      WebhookEndpoint.json)
  }

  /// What waits is counted up to here.
  private static let mostCounted = 10_000

  /// With how much it has not taken yet.
  @Sendable private static func show(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "webhook endpoint")
    return try await call.subject.file.read { db in
      let row = try WebhookEndpoint.row(db, id: id)
      let waiting = try Int.fetchOne(
        db, sql: "SELECT count(*) FROM (SELECT 1 FROM outbox WHERE endpoint_id = ? LIMIT \(mostCounted))",
        arguments: [id])
      return JSON.object(WebhookEndpoint.members(row) + [("waiting", .int(waiting ?? 0))])
    }.response()
  }

  @Sendable private static func create(_ call: Call<Runtime>) async throws -> Response {
    var fields = try await call.fields()
    let given = fields.requiredText("url", most: 2_000)
    let url = fields.hasNoErrors(about: "url") ? checked(given, &fields, call.subject) : given
    let events = events(&fields) ?? nil
    let description = fields.text("description", most: 200)
    try fields.finish()
    let secret = newSecret(call.subject)
    let draft = WebhookEndpoint.Draft(url: url, events: events, description: description)
    return try await call.answer(.created) { change in
      let row = try WebhookEndpoint.create(change, draft, secret: secret)
      return .object(WebhookEndpoint.members(row) + [("secret", .text(secret))])
    }
  }

  @Sendable private static func edit(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "webhook endpoint")
    var fields = try await call.fields()
    var edit = WebhookEndpoint.Edit()
    edit.url = fields.text("url", most: 2_000).map { checked($0, &fields, call.subject) }
    edit.events = events(&fields)
    let changesDescription = fields.has("description")
    let description = fields.text("description", most: 200)
    if changesDescription { edit.description = .some(description) }
    edit.isEnabled = fields.bool("enabled")
    try fields.finish()
    return try await call.transact { [edit] change in
      WebhookEndpoint.json(try WebhookEndpoint.edit(change, id, edit))
    }.response()
  }

  @Sendable private static func delete(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "webhook endpoint")
    try await call.transact { change in try WebhookEndpoint.delete(change, id) }
    return Response(status: .noContent)
  }

  @Sendable private static func rotate(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "webhook endpoint")
    let secret = newSecret(call.subject)
    return try await call.answer(.ok) { change in
      let row = try WebhookEndpoint.rotateSecret(change, id, to: secret)
      return .object(WebhookEndpoint.members(row) + [("secret", .text(secret))])
    }
  }

  /// Every type, with what an endpoint is sent for it.
  @Sendable private static func eventTypes(_ call: Call<Runtime>) async throws -> Response {
    let tenant = call.subject.lease.tenant
    let samples =
      Event.Kind.allCases.map { WebhookSample.of($0, tenant: tenant) } + [WebhookSample.test(tenant: tenant)]
    return JSON.object([("data", .list(samples)), ("next_cursor", nil)]).response()
  }

  // MARK: Parts

  private static func newSecret(_ runtime: Runtime) -> String { WebhookEndpoint.newSecret(runtime.dependencies.random) }

  /// Names are resolved and judged with each delivery; what is plainly wrong is refused at once.
  private static func checked(_ url: String, _ fields: inout Fields, _ runtime: Runtime) -> String {
    if let objection = runtime.dependencies.guarded.objection(to: url) { fields.fail("url", objection) }
    return url
  }

  /// Nil: not given. Some nil: all.
  private static func events(_ fields: inout Fields) -> [String]?? {
    guard let value = fields.value("events") else { return nil }
    if value.text == "all" { return .some(nil) }
    guard let list = value.list, !list.isEmpty, list.count <= 100 else {
      fields.fail("events", "must be \"all\" or a list of event types")
      return nil
    }
    let known = list.compactMap { $0.text.flatMap(Event.Kind.init(rawValue:)) }
    guard known.count == list.count else {
      fields.fail("events", "must be among " + Event.Kind.allCases.map(\.rawValue).joined(separator: ", "))
      return nil
    }
    return Set(known.map(\.rawValue)).sorted()
  }
}
