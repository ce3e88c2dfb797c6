import GRDB
import Logging
import Synchronization

extension Runtime {
  /// At the file's opening and once a day: what could not be handed on before, and nobody is handing on just now.
  package func logWhatWaits() async throws {
    let waiting = try await file.read { db in try Unlogged.all(db) }
    logSoon(beingLogged.withLock { busy in waiting.filter { !busy.contains($0.id) } })
  }

  /// Beside the caller that has found them: the log of opt-outs waits for this tenant's file, which may be opening just now. What cannot be
  /// logged now waits for `logWhatWaits`.
  func logSoon(_ unlogged: [Unlogged]) {
    guard !unlogged.isEmpty else { return }
    beingLogged.withLock { $0.formUnion(unlogged.map(\.id)) }
    Task {
      do { try await logNow(unlogged) } catch {
        logger.error("Opt-outs are in the file alone until they can be logged", metadata: ["error": "\(error)"])
      }
    }
  }

  /// For answers that promise it: when this returns, no text to these people begins any more, and a restored file knows it.
  func logNow(_ unlogged: [Unlogged]) async throws {
    guard !unlogged.isEmpty else { return }
    let ids = unlogged.map(\.id)
    beingLogged.withLock { $0.formUnion(ids) }
    defer { beingLogged.withLock { $0.subtract(ids) } }
    try await dependencies.revocations.append(unlogged.map(\.revocation), tenant: lease.tenant)
    try await file.write(.replayable) { db in
      for id in ids { try db.execute(sql: "DELETE FROM unlogged_revocations WHERE id = ?", arguments: [id]) }
    }
  }
}
