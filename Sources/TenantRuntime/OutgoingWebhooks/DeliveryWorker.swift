import GRDB
import Logging

/// Brings what waits in the outbox to its endpoints: read what is due → call, no database held → settle what has ended, together.
///
/// Invariants:
/// - one turn at a time, and a row in flight is not taken again; a row stays until its outcome is written, so a crash repeats a
///   delivery and never loses one;
/// - of one person and endpoint only the first row is ever due (Outbox.remove, trigger `events_told`);
/// - a slow endpoint holds up neither another one nor, having a client of its own, the provider's calls.
struct DeliveryWorker {
  enum Letter: Sendable {
    case ended(Delivery.Result)
    case news
  }

  let runtime: Runtime
  private static let ofOneEndpoint = 8
  private static let together = 32
  /// After a call that was not even begun.
  private static let restSeconds: Int64 = 1

  private struct Look: Sendable {
    var due: [Delivery] = []
    var next: Moment?
    /// Rows whose event is gone.
    var orphans: [Int64] = []
  }

  func takeTurn() async throws -> NextTurn {
    guard try await prepare() else { return .whenNudged }
    let mailbox = Mailbox<Letter>()
    runtime.outbox.begin { mailbox.put(.news) }
    defer { runtime.outbox.end() }
    var flying: [Int64: Int64] = [:]  // outbox row → endpoint
    var next: Moment?
    var isResting = false
    var trouble: (any Error)?
    var alarm: Task<Void, Never>?
    defer { alarm?.cancel() }
    while true {
      if trouble == nil, !isResting, !runtime.gate.isLeaving, !Task.isCancelled {
        do {
          let look = try await look(flying)
          next = look.next
          for delivery in look.due { begin(delivery, &flying, mailbox) }
        } catch { trouble = error }
      }
      if flying.isEmpty { break }
      alarm?.cancel()
      alarm = next.map { next in Task { await ring(at: next, mailbox) } }
      let ended = await mailbox.take().compactMap { if case .ended(let result) = $0 { result } else { nil } }
      for result in ended { if let id = result.delivery.outboxID { flying[id] = nil } }
      let real = ended.filter { if case .notBegun = $0.outcome { false } else { true } }
      if real.count < ended.count { isResting = true }
      // Outcomes that cannot be written are forgotten: their rows are still there.
      do { try await settle(real) } catch { trouble = error }
    }
    if let trouble { throw trouble }
    if isResting || runtime.gate.isLeaving {
      return .at(runtime.dependencies.now().advanced(bySeconds: Self.restSeconds))
    }
    return next.map { .at($0) } ?? .whenNudged
  }

  /// Whether there is an endpoint at all. A fenced file delivers nothing: it may be a copy to look at.
  private func prepare() async throws -> Bool {
    let (any, gone) = try await runtime.file.read { db in
      let row = try Row.fetchOne(
        db.cachedStatement(sql: "SELECT count(*) AS endpoints, ifnull(sum(deleted), 0) AS gone FROM webhook_endpoints"))
      return ((row?["endpoints"] as Int?) ?? 0, (row?["gone"] as Int?) ?? 0)
    }
    guard any > 0 else { return false }
    try await runtime.outbox.install(on: runtime.file) { [weak runtime] in runtime?.nudge(.deliveries) }
    let now = runtime.dependencies.now()
    if runtime.outbox.isTimeToSweep(now) || gone > 0 {
      while try await runtime.file.write(.replayable, { db in try Outbox.sweep(db, now: now) }), !runtime.gate.isLeaving
      {}
    }
    return true
  }

  private func look(_ flying: [Int64: Int64]) async throws -> Look {
    let (now, tenant) = (runtime.dependencies.now(), runtime.lease.tenant)
    let look = try await runtime.file.read { db in
      var look = Look()
      guard try Identity.read(db)?.fence == nil else { return look }
      var room = Self.together - flying.count
      for endpoint in try WebhookEndpoint.allEnabled(db, now: now) {
        let busy = flying.values.count { $0 == endpoint.id }
        var slots = min(room, (endpoint.isCareful ? 1 : Self.ofOneEndpoint) - busy)
        guard slots > 0 else { continue }
        let paused = endpoint.pausedUntil(now) ?? now
        for row in try Outbox.next(db, endpoint: endpoint.id, atMost: slots + busy + 1) {
          let id: Int64 = row["outbox_id"]
          if flying[id] != nil { continue }
          let end: Moment = row["due_at"]
          let due = max(end.endingWait(ofAtMost: Delivery.Result.longestWait, now: now), paused)
          if due > now {
            look.next = min(look.next ?? due, due)
          } else if (row["id"] as Int64?) == nil {
            look.orphans.append(id)
          } else if slots > 0 {
            slots -= 1
            room -= 1
            look.due.append(
              Delivery(
                kind: .event, endpoint: endpoint.id, url: endpoint.url, secrets: endpoint.secrets,
                message: WebhookMessage(event: row, tenant: tenant), outboxID: id, attempt: (row["attempts"] as Int) + 1
              ))
          }
        }
      }
      return look
    }
    if !look.orphans.isEmpty {
      try await runtime.file.write(.replayable) { db in
        for id in look.orphans { try Outbox.remove(db, id: id, at: now) }
      }
      runtime.nudge(.deliveries)
    }
    return look
  }

  private func begin(_ delivery: Delivery, _ flying: inout [Int64: Int64], _ mailbox: Mailbox<Letter>) {
    guard let id = delivery.outboxID else { return }
    flying[id] = delivery.endpoint
    let (dependencies, tenant) = (runtime.dependencies, runtime.lease.tenant)
    Task { mailbox.put(.ended(await delivery.send(dependencies, tenant: tenant))) }
  }

  /// Something else falls due while calls are under way.
  private func ring(at moment: Moment, _ mailbox: Mailbox<Letter>) async {
    let wait = moment.milliseconds - runtime.dependencies.now().milliseconds
    try? await Task.sleep(for: .milliseconds(max(wait, 1)))
    if !Task.isCancelled { mailbox.put(.news) }
  }

  private func settle(_ results: [Delivery.Result]) async throws {
    guard !results.isEmpty else { return }
    let (now, random) = (runtime.dependencies.now(), runtime.dependencies.random)
    // Receivers of the former event get another one.
    try await surely {
      try await runtime.file.write(.replayable) { db in
        for result in results { try result.settle(db, now: now, random: random()) }
      }
    }
  }
}
