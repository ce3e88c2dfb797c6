import GRDB
import Hummingbird

/// The log of an endpoint's deliveries, and deliveries that a person asks for: these are answered with what came of them.
enum WebhookDeliveryRoutes {
  static let all: [Route<Runtime>] = [
    Route(
      .get, "webhook-endpoints/:id/deliveries", needs: .readSettings, also: .readMessages,
      about: "What was sent to an endpoint, and its answers", query: .page, answers: [.page(.webhookDelivery)], list),
    Route(
      .post, "webhook-endpoints/:id/test", needs: .editWebhooks, about: "Send a test now",
      answers: [.ok(.webhookDelivery)], test),
    Route(
      .post, "webhook-endpoints/:id/deliveries/:delivery/redeliver", needs: .editWebhooks, also: .readMessages,
      about: "Send an event once more, now", answers: [.ok(.webhookDelivery)], redeliver),
  ]

  private static func json(_ row: Row) -> JSON {
    [
      "id": row.int("no"), "delivery": row.text("key"), "at": row.moment("at"), "type": row.text("type"),
      "event_id": row.int("event_id"), "kind": row.text("kind"), "attempt": row.int("attempt"),
      "outcome": row.text("outcome"), "status": row.int("status"), "duration_ms": row.int("duration_ms"),
      "error": row.text("error"),
      "request_headers": .list((row["request_headers"] as String).split(separator: "\n").map { .text(String($0)) }),
      "request_body": row.text("request_body"), "response_body": row.text("response_body"),
    ]
  }

  @Sendable private static func list(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "webhook endpoint")
    let page = try PageRequest(call)
    let oldest = call.subject.dependencies.now().advanced(bySeconds: -Outbox.keptSeconds)
    _ = try await call.subject.file.read { db in try WebhookEndpoint.row(db, id: id)["id"] as Int64 }
    return try await call.subject.file.page(
      page, "SELECT * FROM webhook_deliveries WHERE endpoint_id = ? AND no > ? AND at >= ? ORDER BY no",
      [id, page.after, oldest], id: "no", json)
  }

  @Sendable private static func test(_ call: Call<Runtime>) async throws -> Response {
    let runtime = call.subject
    let id = try call.id(of: "webhook endpoint")
    let now = runtime.dependencies.now()
    let message = WebhookMessage.test(tenant: runtime.lease.tenant, at: now, random: runtime.dependencies.random())
    let delivery = try await runtime.file.read { db in
      let endpoint = try WebhookEndpoint.find(db, id: id, now: now)
      return asked(.test, endpoint, message)
    }
    return try await send(delivery, call, action: "test")
  }

  /// Once more, now, whatever became of it; ahead of what waits for the same person.
  @Sendable private static func redeliver(_ call: Call<Runtime>) async throws -> Response {
    let runtime = call.subject
    let (id, no) = (try call.id(of: "webhook endpoint"), try call.id("delivery", of: "delivery"))
    let (now, tenant) = (runtime.dependencies.now(), runtime.lease.tenant)
    let delivery = try await runtime.file.read { db in
      let endpoint = try WebhookEndpoint.find(db, id: id, now: now)
      guard
        let logged = try Row.fetchOne(
          db.cachedStatement(sql: "SELECT type, event_id FROM webhook_deliveries WHERE endpoint_id = ? AND no = ?"),
          arguments: [id, no])
      else { throw Refusal.notFound("There is no such delivery.") }
      guard let eventID = logged["event_id"] as Int64? else {
        throw Refusal.conflict("A test is not sent again; ask for another one.")
      }
      guard
        let event = try Row.fetchOne(db.cachedStatement(sql: "SELECT * FROM events WHERE id = ?"), arguments: [eventID])
      else {
        throw Refusal.gone("The event of this delivery is no longer kept.")
      }
      return asked(.redelivery, endpoint, WebhookMessage(event: event, tenant: tenant))
    }
    return try await send(delivery, call, action: "redeliver")
  }

  private static func asked(
    _ kind: Delivery.Kind, _ endpoint: WebhookEndpoint, _ message: WebhookMessage
  ) -> Delivery {
    Delivery(
      kind: kind, endpoint: endpoint.id, url: endpoint.url, secrets: endpoint.secrets, message: message, outboxID: nil,
      attempt: 1)
  }

  private static func send(_ delivery: Delivery, _ call: Call<Runtime>, action: String) async throws -> Response {
    let slot = try call.slot(of: \.askedDeliveries, retryAfterSeconds: 10)
    defer { withExtendedLifetime(slot) {} }
    let runtime = call.subject
    let result = await delivery.send(runtime.dependencies, tenant: runtime.lease.tenant)
    if case .notBegun = result.outcome { throw Refusal.unavailable("The server is busy or stopping; try again soon.") }
    let random = runtime.dependencies.random()
    return try await call.transact { change in
      guard let no = try result.settle(change.db, now: change.now, random: random) else {
        throw Refusal.notFound("There is no such webhook endpoint.")
      }
      try change.audit("webhook_endpoint.\(action)", "webhook_endpoint:\(delivery.endpoint)")
      change.effects.wakes.insert(.deliveries)
      return try Row.fetchOne(
        change.db.cachedStatement(sql: "SELECT * FROM webhook_deliveries WHERE endpoint_id = ? AND no = ?"),
        arguments: [delivery.endpoint, no]
      ).map(json) ?? .null
    }.response()
  }
}
