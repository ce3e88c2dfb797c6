import GRDB
import Synchronization
import TenantRuntime

/// What closed files are to be opened for, and when, on disk (`due_turns`): a tenant at rest is a row or two, and no open file.
///
/// - Before a file is opened it is marked `open`; only after it has been closed the mark gives way to when its workers want their turns. So
///   whatever a file holds when the server dies is looked at by the next one.
/// - A mark too many costs an opening. One too few would leave work lying, so nothing else removes one.
final class DueTurns: Sendable {
  private let file: SQLiteFile
  private let marked = Mutex<Set<String>>([])
  private static let held = "held"

  init(file: SQLiteFile) { self.file = file }

  /// The tenant's file is about to be opened.
  func opening(_ tenant: String) async throws {
    guard !marked.withLock({ $0.contains(tenant) }) else { return }
    try await file.write { db in try Self.keep(db, tenant, Turn.openName, due: 0) }
    marked.withLock { _ = $0.insert(tenant) }
  }

  /// The tenant's file has been closed.
  /// - Parameter isHeld: it has texts that wait for a change outside of it.
  func closed(_ tenant: String, _ timers: [Turn: Moment], isHeld: Bool) async throws {
    try await file.write { db in
      try db.execute(sql: "DELETE FROM due_turns WHERE tenant = ?", arguments: [tenant])
      for (turn, due) in timers { try Self.keep(db, tenant, turn.name, due: due.milliseconds) }
      if isHeld { try Self.keep(db, tenant, Self.held, due: 0) }
    }
    marked.withLock { _ = $0.remove(tenant) }
  }

  func keep(_ turn: Turn, due: Moment) async throws {
    try await file.write { db in try Self.keep(db, turn.tenant, turn.name, due: due.milliseconds) }
  }

  /// In the transaction that gives the file back to its tenant: it may be another one than the rows tell of.
  static func mark(_ db: Database, _ tenant: String) throws { try keep(db, tenant, Turn.openName, due: 0) }

  private static func keep(_ db: Database, _ tenant: String, _ work: String, due: Int64) throws {
    try db.execute(
      sql: """
        INSERT INTO due_turns (tenant, work, due) VALUES (?, ?, ?)
        ON CONFLICT (tenant, work) DO UPDATE SET due = excluded.due
        """, arguments: [tenant, work, due])
  }

  /// After a start.
  func all() async throws -> (turns: [(turn: Turn, due: Moment)], held: [String]) {
    let rows = try await file.read { db in
      try Row.fetchAll(db, sql: "SELECT tenant, work, due FROM due_turns ORDER BY due, tenant, work").map { row in
        (tenant: row[0] as String, work: row[1] as String, due: Moment(milliseconds: row[2]))
      }
    }
    var (turns, held): ([(Turn, Moment)], [String]) = ([], [])
    for row in rows {
      if row.work == Self.held {
        held.append(row.tenant)
      } else if let turn = Turn(tenant: row.tenant, name: row.work) {
        turns.append((turn, row.due))
      } else if !row.tenant.isEmpty {
        // What another release calls otherwise is looked at in the file.
        turns.append((Turn(tenant: row.tenant, work: .open), Moment(milliseconds: 0)))
      }
    }
    return (turns, held)
  }
}
