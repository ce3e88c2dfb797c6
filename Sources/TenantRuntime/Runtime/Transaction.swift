package import GRDB
import HTTPTypes
import Hummingbird
import Logging

/// One change of a tenant's file, as a verb is given it: the connection, who asked, when, and what must follow once it is committed.
///
/// - `Runtime.transact` alone makes one. So a function that takes a `Transaction` is a verb and changes something; one that takes a `Database`
///   reads, or writes rows for a verb. A body of `SQLiteFile.read` that has written is refused by SQLite's own knowledge of it.
/// - What follows goes into `effects`. None of it is carried out when the transaction fails.
package final class Transaction {
  package let db: Database
  package let caller: Caller
  package let now: Moment
  package let lease: Lease
  let gate: SendGate
  var effects = Effects()
  /// Whether it has said in the audit log what it did.
  private var isAudited = false
  private(set) var afterCommit: [@Sendable (Runtime) -> Void] = []

  fileprivate init(_ db: Database, _ caller: Caller, _ now: Moment, _ lease: Lease, _ gate: SendGate) {
    (self.db, self.caller, self.now, self.lease, self.gate) = (db, caller, now, lease, gate)
  }

  /// Who changed what, in the transaction of the change.
  func audit(_ action: String, _ subject: String, before: String? = nil, after: String? = nil) throws {
    try Audit.append(
      db, call: caller.name, action, subject, before: before, after: after, address: caller.address,
      requestID: caller.requestID, at: now)
    isAudited = true
  }

  /// Nobody changes anything without a trace. A verb that has forgotten its own is found by every test that runs it.
  fileprivate func auditWhatWasForgotten(since changes: Int) throws {
    guard caller.kind != .worker, !isAudited, db.totalChangesCount != changes else { return }
    assertionFailure("a verb has changed something and says nothing of it in the audit log")
    try audit("change", "tenant")
  }

  /// For what only one capability knows; after everything that `Effects` names.
  func then(_ act: @escaping @Sendable (Runtime) -> Void) { afterCommit.append(act) }
}

extension Runtime {
  /// Runs a verb: one transaction, then its effects, in one order.
  ///
  /// 1. Memory that outgoing calls are judged by (gate, links), and the log of opt-outs.
  /// 2. Notes for the log of claims, so that a file put back from before does not go on with what was stopped since.
  /// 3. Where the verb asks for it, the wait for texts that are about to leave.
  /// 4. What one capability knows alone; then the workers.
  package func transact<Value: Sendable>(
    _ caller: Caller, durability: Durability = .durable,
    _ verb: @escaping @Sendable (Transaction) throws -> Value
  ) async throws -> Value {
    let (now, lease) = (dependencies.now(), lease)
    let (value, effects, afterCommit) = try await file.write(durability) { [gate] db in
      let transaction = Transaction(db, caller, now, lease, gate)
      try caller.terms?.begin(db, at: now)
      let changes = db.totalChangesCount
      let value = try verb(transaction)
      try transaction.auditWhatWasForgotten(since: changes)
      try caller.terms?.end(db)
      try transaction.effects.write(db)
      return (value, transaction.effects, transaction.afterCommit)
    }
    // The rows are there, whatever becomes of the answer.
    defer {
      for act in afterCommit { act(self) }
      for worker in effects.wakes { nudge(worker) }
    }
    applyEffects(effects)
    for note in effects.notes { await self.note(note) }
    if effects.logsBeforeAnswer { try await logNow(effects.unlogged) }
    if effects.awaitsPendingSends { await afterPendingSends() }
    return value
  }

  /// What memory must know, at once; the rest is `transact`'s.
  private func applyEffects(_ effects: Effects) {
    let now = dependencies.now()
    var stops = effects.pausedCampaigns.map { CampaignNote(id: $0, state: .paused, at: now) }
    stops += effects.pausedNumbers.map { .number($0, isPaused: true, at: now) }
    if effects.stopsTenant != nil { stops.append(.killSwitch(isOn: true, at: now)) }
    for stop in stops { beginNote(stop) }
    for campaign in effects.pausedCampaigns { stopped(.campaign(campaign)) }
    for number in effects.pausedNumbers { stopped(.number(number)) }
    for (phone, row) in effects.endedReviews { gate.endReview(phone, upTo: row) }
    if let code = effects.stopsTenant {
      stopped(.tenant)
      logger.error("Twilio refuses this account; sending is stopped", metadata: ["code": "\(code)"])
    }
    if !effects.logsBeforeAnswer { logSoon(effects.unlogged) }
    if !effects.newSlugs.isEmpty { links.add(slugs: effects.newSlugs) }
    if effects.linksChanged { links.changed() }
    if effects.hasTexts { nudge(.sending) }
    if effects.hasMedia { nudge(.fetchingMedia) }
    if effects.inbox { inbox.ring() }
  }

  /// A verb that stops something: no call that it forbids begins after this has returned.
  package func transact<Value: Sendable>(
    _ caller: Caller, stopping what: Stoppable, _ verb: @escaping @Sendable (Transaction) throws -> Value
  ) async throws -> Value {
    try await stopping(what) { try await transact(caller, verb) }
  }

  /// A verb that allows more, as a higher budget: it is noted before its row, that of a lower one behind it (`ForgottenClaims.markStopped`).
  package func transact<Value: Sendable>(
    _ caller: Caller, allowing notes: [CampaignNote], _ verb: @escaping @Sendable (Transaction) throws -> Value
  ) async throws -> Value {
    guard !notes.isEmpty else { return try await transact(caller, verb) }
    for note in notes { try await noteBefore(note) }
    do { return try await transact(caller, verb) } catch {
      // What was refused allows nothing: the row's own limit is what holds.
      let now = dependencies.now()
      let ids = notes.map(\.id)
      let kept = try? await file.read { db in try ids.compactMap { try CampaignNote.limit(db, $0, at: now) } }
      for note in kept ?? [] { await self.note(note) }
      throw error
    }
  }

  /// A verb that lets something go on. The note of it goes before its row, that of a stop follows: see `ForgottenClaims.markStopped`.
  package func transact<Value: Sendable>(
    _ caller: Caller, resuming what: Stoppable, _ verb: @escaping @Sendable (Transaction) throws -> Value
  ) async throws -> Value {
    let now = dependencies.now()
    let stands = try await file.read { db in try what.noteOfRow(db, at: now) }
    // What does not exist is the verb's to refuse; the log learns nothing of it.
    guard stands != nil else { return try await transact(caller, verb) }
    try await noteBefore(what.note(isStopped: false, at: now))
    do {
      return try await resuming(what) { try await transact(caller, verb) }
    } catch {
      let stands = try? await file.read { db in try what.noteOfRow(db, at: now) }
      await note(stands ?? what.note(isStopped: true, at: now))
      throw error
    }
  }
}

extension Call<Runtime> {
  /// The verb, in the caller's name; what it makes is the answer, kept in its transaction where the same request may come again.
  func answer(
    _ status: HTTPResponse.Status, _ verb: @escaping @Sendable (Transaction) throws -> JSON
  ) async throws -> Response {
    try await transact { change in
      let json = try verb(change)
      try change.caller.terms?.once?.keep(change.db, status: status, text: json.serialized, at: change.now)
      return json
    }.response(status: status)
  }

  /// One read as the answer.
  func answer(_ read: @escaping @Sendable (Database) throws -> JSON) async throws -> Response {
    try await subject.file.read(read).response()
  }

  /// The verb, in the caller's name.
  func transact<Value: Sendable>(_ verb: @escaping @Sendable (Transaction) throws -> Value) async throws -> Value {
    try await subject.transact(caller, verb)
  }
}
