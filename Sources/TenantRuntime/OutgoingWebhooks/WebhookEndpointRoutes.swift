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
      body: .json(.ofWebhookEndpoint([], required: true)), answers: [.created(.webhookEndpointSecret)], create),
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
      about: "Give it a new secret; the old one signs too for a time", answers: [.ok(.webhookEndpointSecret)], rotate),
  ]

  static func json(_ row: Row) -> JSON { .object(members(row)) }

  private static func members(_ row: Row) -> [(String, JSON)] {
    [
      ("id", row.int("id")), ("url", row.text("url")), ("description", row.text("description")),
      ("events", (row["events"] as String?) == nil ? "all" : row.document("events")),
      ("enabled", .bool(row["enabled"])), ("disabled_reason", row.text("disabled_reason")),
      ("failures", row.int("failures")), ("failing_since", row.moment("failing_since")),
      ("last_success_at", row.moment("last_success_at")), ("last_failure_at", row.moment("last_failure_at")),
      ("old_secret_until", row.moment("old_secret_until")), ("created_at", row.moment("created_at")),
    ]
  }

  @Sendable private static func list(_ call: Call<Runtime>) async throws -> Response {
    let page = try PageRequest(call)
    return try await call.subject.file.page(
      page, "SELECT * FROM webhook_endpoints WHERE deleted = 0 AND id > ? ORDER BY id", [page.after], json)
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
      return JSON.object(members(row) + [("waiting", .int(waiting ?? 0))])
    }.response()
  }

  @Sendable private static func create(_ call: Call<Runtime>) async throws -> Response {
    var fields = try await call.fields()
    let given = fields.requiredText("url", most: 2_000)
    let url = fields.hasNoErrors(about: "url") ? checked(given, &fields, call.subject) : given
    let events = events(&fields) ?? nil
    let description = fields.text("description", most: 200)
    try fields.finish()
    let runtime = call.subject
    let (now, actor, secret) = (runtime.dependencies.now(), call.actor.name, newSecret(runtime))
    let draft = WebhookEndpoint.Draft(url: url, events: events, description: description)
    let answer = try await runtime.file.write { db in
      let row = try WebhookEndpoint.create(db, draft, secret: secret, actor: actor, at: now)
      let shown = json(row)
      try audit(db, actor, "create", row["id"], after: shown, at: now)
      return JSON.object((shown.members ?? []) + [("secret", .text(secret))])
    }
    // The worker puts its watch on the file before this is answered or soon after; what came first it finds by itself.
    runtime.nudge(.deliveries)
    return answer.response(status: .created)
  }

  @Sendable private static func edit(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "webhook endpoint")
    var fields = try await call.fields()
    let url = fields.text("url", most: 2_000).map { checked($0, &fields, call.subject) }
    let events = events(&fields)
    let changesDescription = fields.has("description")
    let description = fields.text("description", most: 200)
    let enabled = fields.bool("enabled")
    try fields.finish()
    let runtime = call.subject
    let (now, actor) = (runtime.dependencies.now(), call.actor.name)
    let answer = try await runtime.file.write { db in
      let before = try WebhookEndpoint.row(db, id: id)
      if let url {
        try db.execute(sql: "UPDATE webhook_endpoints SET url = ? WHERE id = ?", arguments: [url, id])
      }
      if let events {
        let text = WebhookEndpoint.Draft(url: "", events: events).eventsText
        try db.execute(sql: "UPDATE webhook_endpoints SET events = ? WHERE id = ?", arguments: [text, id])
      }
      if changesDescription {
        try db.execute(sql: "UPDATE webhook_endpoints SET description = ? WHERE id = ?", arguments: [description, id])
      }
      // What failed at the old address is sent to the new one now.
      let moved = url != nil && url != before["url"] && before["enabled"] == true && enabled != false
      if enabled == true || moved { try WebhookEndpoint.enable(db, id: id, at: now) }
      if enabled == false { try WebhookEndpoint.disable(db, id: id, reason: "disabled by \(actor)") }
      let after = json(try WebhookEndpoint.row(db, id: id))
      try audit(db, actor, "edit", id, before: json(before), after: after, at: now)
      return after
    }
    runtime.nudge(.deliveries)
    return answer.response()
  }

  @Sendable private static func delete(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "webhook endpoint")
    let runtime = call.subject
    let (now, actor) = (runtime.dependencies.now(), call.actor.name)
    try await runtime.file.write { db in
      let before = json(try WebhookEndpoint.row(db, id: id))
      try WebhookEndpoint.delete(db, id: id)
      try audit(db, actor, "delete", id, before: before, at: now)
    }
    runtime.nudge(.deliveries)
    return Response(status: .noContent)
  }

  @Sendable private static func rotate(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "webhook endpoint")
    let runtime = call.subject
    let (now, actor, secret) = (runtime.dependencies.now(), call.actor.name, newSecret(runtime))
    return try await runtime.file.write { db in
      _ = try WebhookEndpoint.row(db, id: id)
      try WebhookEndpoint.rotate(db, id: id, secret: secret, at: now)
      try audit(db, actor, "rotate_secret", id, at: now)
      return JSON.object(members(try WebhookEndpoint.row(db, id: id)) + [("secret", .text(secret))])
    }.response()
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

  static func audit(
    _ db: Database, _ actor: String, _ action: String, _ id: Int64, before: JSON? = nil, after: JSON? = nil, at: Moment
  ) throws {
    try Audit.append(
      db, call: actor, "webhook_endpoint.\(action)", "webhook_endpoint:\(id)", before: before?.serialized,
      after: after?.serialized, at: at)
  }
}
