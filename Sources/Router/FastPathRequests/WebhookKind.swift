import NIOHTTP1

/// Which of the provider's webhooks a request is, judged by its head.
enum WebhookKind {
  case inbound, status

  init?(_ head: FastPathHead) {
    guard head.uri.hasPrefix("/webhooks/") else { return nil }
    switch (FastPathRequest.path(head.uri), head.method) {
    case ("/webhooks/twilio/status", .POST): self = .status
    case ("/webhooks/twilio/inbound", .POST), ("/webhooks/twilio/inbound", .GET): self = .inbound
    default: return nil
    }
  }
}
