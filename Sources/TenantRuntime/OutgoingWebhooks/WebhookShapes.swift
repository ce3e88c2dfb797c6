extension Shape {
  private static let members: [(String, Shape)] = [
    ("id", id), ("url", text(example: "https://crm.example/hooks")), ("description", text.orNull),
    ("events", events), ("enabled", bool), ("disabled_reason", text(example: "disabled by user:17").orNull),
    ("failures", count), ("failing_since", moment.orNull), ("last_success_at", moment.orNull),
    ("last_failure_at", moment.orNull), ("old_secret_until", moment.orNull), ("created_at", moment),
  ]
  static let events = oneOf([choice(["all"]), list(choice(Event.Kind.self), most: 100)])

  static let webhookEndpoint = named("WebhookEndpoint", object(members, optional: []))
  static let webhookEndpointWaiting = named(
    "WebhookEndpointWaiting", object(members + [("waiting", count)], optional: []))
  static let webhookEndpointSecret = named(
    "WebhookEndpointSecret",
    object(members + [("secret", text(example: "whsec_0123456789abcdef").about("Shown once."))], optional: []))

  static let webhookDelivery = named(
    "WebhookDelivery",
    object([
      "id": id, "delivery": text(example: "dlv_1"), "at": moment, "type": text(example: "delivered"),
      "event_id": id.orNull, "kind": choice(["event", "redelivery", "test"]), "attempt": count,
      "outcome": choice(["delivered", "failed", "given_up"]), "status": int.orNull, "duration_ms": count,
      "error": text(example: "timed out").orNull, "request_headers": list(text(example: "User-Agent: Roundhouse")),
      "request_body": text(example: "{}"), "response_body": text(example: "ok"),
    ]))

  /// What an endpoint is sent.
  static let webhookMessage = named(
    "WebhookMessage",
    object([
      "id": text(example: "evt_17_mlvbk000"), "type": text(example: "delivered"), "tenant": text(example: "acme"),
      "at": moment, "data": event,
    ]))

  static let eventType = named(
    "EventTypeSample", object(["type": text(example: "delivered"), "sample": webhookMessage]))
}

extension [any DeclaredField] {
  static func ofWebhookEndpoint(_ more: [any DeclaredField], required: Bool) -> [any DeclaredField] {
    [
      Documented("url", .text(most: 2_000, example: "https://crm.example/hooks"), required: required),
      Documented("events", Shape.events.orNull),
      Documented("description", Shape.text(most: 200, example: "CRM").orNull),
    ] + more
  }
}
