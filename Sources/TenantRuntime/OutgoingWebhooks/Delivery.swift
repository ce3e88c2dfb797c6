import GRDB

/// One attempt to bring one message to one endpoint, and what came of it.
struct Delivery: Sendable {
  enum Kind: String, Sendable { case event, redelivery, test }
  enum Outcome: Sendable {
    case delivered
    case failed
    /// Nothing was tried: our own doing.
    case notBegun
  }

  let kind: Kind
  let endpoint: Int64
  let url: String
  let secrets: [String]
  let message: WebhookMessage
  let outboxID: Int64?
  let attempt: Int

  struct Result: Sendable {
    let delivery: Delivery
    let key: String
    let at: Moment
    var outcome = Outcome.failed
    var status: Int?
    var error: String?
    var milliseconds: Int64 = 0
    var headers: [String] = []
    var answer: [UInt8] = []
  }

  /// Asks nobody's file. Only 2xx counts as taken; a redirect is an answer like any other and is not followed.
  func send(_ dependencies: Dependencies, tenant: String) async -> Result {
    let now = dependencies.now()
    let began = ContinuousClock.now
    var result = Result(delivery: self, key: "dlv_" + WebhookEndpoint.hex(dependencies.random()), at: now)
    result.headers = message.headers(delivery: result.key, secrets: secrets, at: now)
    var call = HTTPCall(url: url, turnKey: tenant)
    call.lane = "\(tenant)/webhook/\(endpoint)"
    call.headers = result.headers
    call.body = Array(message.body.utf8)
    let outcome = await dependencies.guarded.send(call)
    result.milliseconds = Int64((ContinuousClock.now - began).wholeMilliseconds)
    switch outcome {
    case .answered(let answer):
      result.status = answer.status
      result.answer = answer.body
      if (200..<300).contains(answer.status) {
        result.outcome = .delivered
      } else {
        result.error = "answered \(answer.status)"
      }
    case .refused(let reason): result.error = "not sent: the URL \(reason)"
    case .notSent(let reason): result.error = "not sent: \(reason)"
    case .lost(let reason): result.error = "no answer: \(reason)"
    case .notBegun: result.outcome = .notBegun
    }
    return result
  }
}

extension Delivery.Result {
  private static let mostKept = 1_000
  private static let mostBody = 8_192
  private static let mostAnswer = 2_048

  /// Into the log, as the endpoint's next number. Answers that number.
  @discardableResult
  func log(_ db: Database, outcome: String) throws -> Int64 {
    let no =
      try Int64.fetchOne(
        db.cachedStatement(sql: "UPDATE webhook_endpoints SET attempts = attempts + 1 WHERE id = ? RETURNING attempts"),
        arguments: [delivery.endpoint]) ?? 0
    // Erased meanwhile: nothing of the person comes back.
    let isKept = try delivery.message.eventID.map { id in
      try Bool.fetchOne(db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM events WHERE id = ?)"), arguments: [id])
        ?? false
    }
    let body = isKept == false ? "" : delivery.message.body
    try db.cachedStatement(
      sql: """
        INSERT INTO webhook_deliveries (endpoint_id, no, key, at, type, event_id, phone, attempt, kind, outcome, status,
        duration_ms, error, request_headers, request_body, response_body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(arguments: [
      delivery.endpoint, no, key, at, delivery.message.type, delivery.message.eventID,
      isKept == false ? nil : delivery.message.phone,
      delivery.attempt, delivery.kind.rawValue, outcome, status, milliseconds, error, headers.joined(separator: "\n"),
      Self.cut(Array(body.utf8), Self.mostBody), Self.cut(answer, Self.mostAnswer),
    ])
    try db.cachedStatement(sql: "DELETE FROM webhook_deliveries WHERE endpoint_id = ? AND no <= ?")
      .execute(arguments: [delivery.endpoint, no - Int64(Self.mostKept)])
    return no
  }

  /// Text of at most so many bytes: bytes that are no text count as what they are shown as.
  private static func cut(_ bytes: [UInt8], _ most: Int) -> String {
    var text = String(decoding: bytes.prefix(most).flatMap { $0 == 0 ? Array("\u{fffd}".utf8) : [$0] }, as: UTF8.self)
    while text.utf8.count > most { text.unicodeScalars.removeLast() }
    return text
  }
}
