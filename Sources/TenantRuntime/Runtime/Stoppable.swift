import GRDB

/// Something that is stopped and resumed: its row is the truth, the gate follows it.
///
/// - A stop closes the gate before it writes the row, and returns when no call is about to begin.
/// - After a stop, after a resumption and after a refusal the row is read again, in the file's order, and the gate set by it: of two changes at
///   once both end with the later row.
package enum Stoppable: Sendable {
  case campaign(Int64)
  case number(PhoneNumber)
  case tenant

  fileprivate func isStopped(_ db: Database) throws -> Bool {
    switch self {
    case .campaign(let id):
      try Bool.fetchOne(
        db.cachedStatement(sql: "SELECT state IN ('paused', 'cancelled') FROM campaigns WHERE id = ?"), arguments: [id])
        ?? false
    case .number(let number):
      try Bool.fetchOne(
        db.cachedStatement(sql: "SELECT paused_reason IS NOT NULL FROM sending_numbers WHERE number = ?"),
        arguments: [number]) ?? false
    case .tenant: try Bool.fetchOne(db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM kill_switches)")) ?? false
    }
  }

  /// As the log outside the file is told of it.
  func note(isStopped: Bool, at: Moment) -> CampaignNote {
    switch self {
    case .campaign(let id): CampaignNote(id: id, state: isStopped ? .paused : .running, at: at)
    case .number(let number): .number(number, isPaused: isStopped, at: at)
    case .tenant: .killSwitch(isOn: isStopped, at: at)
    }
  }

  /// By its row. Nil: there is none.
  func noteOfRow(_ db: Database, at: Moment) throws -> CampaignNote? {
    guard case .campaign(let id) = self else { return note(isStopped: try isStopped(db), at: at) }
    let row = try Row.fetchOne(
      db.cachedStatement(sql: "SELECT state, launches FROM campaigns WHERE id = ?"), arguments: [id])
    return row.flatMap { row in
      CampaignState(rawValue: row[0]).map { CampaignNote(id: id, state: $0, launch: row[1], at: at) }
    }
  }

  /// False when it was closed already.
  @discardableResult
  fileprivate func close(_ gate: SendGate) -> Bool {
    switch self {
    case .campaign(let id): gate.pause(campaign: id)
    case .number(let number): gate.pause(number: number)
    case .tenant: gate.close("kill_switch")
    }
  }

  fileprivate func open(_ gate: SendGate) {
    switch self {
    case .campaign(let id): gate.resume(campaign: id)
    case .number(let number): gate.resume(number: number)
    case .tenant: gate.open("kill_switch")
    }
  }
}

extension Runtime {
  /// No call begins after this has returned. When the verb throws, the row decides.
  func stopping<Value>(_ what: Stoppable, _ verb: () async throws -> Value) async throws -> Value {
    let closedHere = what.close(gate)
    releaseWaiting()
    do {
      let value = try await verb()
      await agree(on: what, unread: true)
      releaseWaiting()
      await afterPendingSends()
      return value
    } catch {
      await agree(on: what, unread: !closedHere)
      throw error
    }
  }

  /// - Parameter verb: writes that it goes on.
  func resuming<Value>(_ what: Stoppable, _ verb: () async throws -> Value) async throws -> Value {
    let value = try await verb()
    await agree(on: what, unread: false)
    return value
  }

  /// Something was stopped by a transaction that has ended.
  func stopped(_ what: Stoppable) {
    what.close(gate)
    releaseWaiting()
    Task { await agree(on: what, unread: true) }
  }

  /// A number is this tenant's anew, in the state that its row has.
  package func agree(onNumber number: PhoneNumber) async { await agree(on: .number(number), unread: false) }

  /// - Parameter unread: whether it counts as stopped when its row cannot be read.
  private func agree(on what: Stoppable, unread: Bool) async {
    let gate = gate
    do {
      try await file.read { db in if try what.isStopped(db) { what.close(gate) } else { what.open(gate) } }
    } catch {
      if unread { what.close(gate) } else { what.open(gate) }
    }
  }
}
