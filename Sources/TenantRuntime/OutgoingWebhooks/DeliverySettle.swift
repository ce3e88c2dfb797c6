import GRDB

extension Delivery.Result {
  /// The first wait; each is twice the one before.
  private static let firstSeconds: Int64 = 5
  private static let longestSeconds: Int64 = 3_600
  /// With a fifth on top.
  static let longestWait = longestSeconds * 6 / 5
  /// An event is tried for a day, and an endpoint may fail for as long; or for an hour, with as many failures as this.
  static let patienceSeconds: Int64 = 86_400
  private static let failuresInARow = 100
  private static let failuresSeconds: Int64 = 3_600

  /// Writes down what came of it, in one transaction with what follows from it. Answers the delivery's number; nil: the endpoint is gone.
  @discardableResult
  func settle(_ db: Database, now: Moment, random: UInt64) throws -> Int64? {
    guard
      let row = try Row.fetchOne(
        db.cachedStatement(sql: "SELECT * FROM webhook_endpoints WHERE id = ? AND deleted = 0"),
        arguments: [delivery.endpoint])
    else { return nil }
    let endpoint = WebhookEndpoint(row, now: now)
    if case .delivered = outcome {
      try taken(db, endpoint, now)
      return try log(db, outcome: "delivered")
    }
    guard delivery.kind == .event, let id = delivery.outboxID else { return try log(db, outcome: "failed") }
    return try log(db, outcome: try failed(db, endpoint, outboxID: id, now, random) ? "failed" : "given_up")
  }

  private func taken(_ db: Database, _ endpoint: WebhookEndpoint, _ now: Moment) throws {
    switch delivery.kind {
    case .test: return
    case .redelivery:
      let waiting = try Int64.fetchOne(
        db.cachedStatement(sql: "SELECT id FROM outbox WHERE event_id = ? AND endpoint_id = ?"),
        arguments: [delivery.message.eventID, endpoint.id])
      if let waiting { try Outbox.remove(db, id: waiting, at: now) }
    case .event:
      if let id = delivery.outboxID { try Outbox.remove(db, id: id, at: now) }
      try db.cachedStatement(
        sql: "UPDATE webhook_endpoints SET failures = 0, failing_since = NULL, last_success_at = ? WHERE id = ?"
      ).execute(arguments: [now, endpoint.id])
      if endpoint.isCareful { try Outbox.hurry(db, endpoint: endpoint.id, at: now) }
    }
  }

  /// Answers whether it is tried again.
  private func failed(
    _ db: Database, _ endpoint: WebhookEndpoint, outboxID: Int64, _ now: Moment, _ random: UInt64
  ) throws -> Bool {
    let since = endpoint.failingSince ?? now
    try db.cachedStatement(
      sql: "UPDATE webhook_endpoints SET failures = failures + 1, failing_since = ?, last_failure_at = ? WHERE id = ?"
    ).execute(arguments: [since, now, endpoint.id])
    let patience = Self.patienceSeconds
    let isHopeless =
      now >= since.advanced(bySeconds: patience)
      || endpoint.failures + 1 >= Self.failuresInARow && now >= since.advanced(bySeconds: Self.failuresSeconds)
    if isHopeless, endpoint.isEnabled { try disable(db, failures: endpoint.failures + 1, since: since, now) }
    guard
      let row = try Row.fetchOne(
        db.cachedStatement(sql: "SELECT failing_since, attempts FROM outbox WHERE id = ?"), arguments: [outboxID])
    else { return true }  // taken by hand meanwhile, or its person was erased
    let attempts: Int64 = row["attempts"] + 1
    let wait = Self.wait(attempts: attempts, random)
    let first: Moment = row["failing_since"] ?? now
    let begun = max(first, endpoint.enabledAt)
    // An endpoint that takes other events will not take this one. One that takes nothing disables itself first, and it all waits.
    if let success = endpoint.lastSuccess, success > begun,
      now.advanced(byMilliseconds: wait) > begun.advanced(bySeconds: patience)
    {
      try Outbox.remove(db, id: outboxID, at: now)
      return false
    }
    try db.cachedStatement(sql: "UPDATE outbox SET attempts = ?, due_at = ?, failing_since = ? WHERE id = ?")
      .execute(arguments: [attempts, now.advanced(byMilliseconds: wait), first, outboxID])
    return true
  }

  /// In milliseconds: doubled each time, and spread by a fifth either way, so that what failed together does not come back together.
  static func wait(attempts: Int64, _ random: UInt64) -> Int64 {
    let whole = min(firstSeconds << min(attempts - 1, 20), longestSeconds) * 1000
    return whole * 4 / 5 + Int64(random % UInt64(whole * 2 / 5))
  }

  private func disable(_ db: Database, failures: Int, since: Moment, _ now: Moment) throws {
    let reason = "\(failures) deliveries in a row have failed since \(since.iso8601), the last: \(error ?? "")"
    try WebhookEndpoint.disable(db, id: delivery.endpoint, reason: reason)
    try Audit.append(
      db, call: "deliveries", "webhook_endpoint.disable", "webhook_endpoint:\(delivery.endpoint)", after: reason,
      at: now)
    try Event.append(
      db, .webhookEndpointDisabled, at: now, phone: nil,
      data: ["endpoint_id": .int(delivery.endpoint), "reason": .text(reason)])
  }
}
