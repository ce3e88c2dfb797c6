import GRDB
import Logging
import Synchronization

extension Runtime {
  /// Returns once no text is between its last look at the gate and the wire: what was closed before holds then.
  func afterPendingSends() async {
    let http = dependencies.http
    await withCheckedContinuation { done in http.afterPendingSends { done.resume() } }
  }

  /// So that a file put back from before does not go on with what was stopped since. False: it could not be written.
  @discardableResult
  func note(_ note: CampaignNote) async -> Bool { await beginNote(note).value }

  /// The same before a change that allows more, which is refused where it cannot be written: the note would hold it up for ever.
  func noteBefore(_ note: CampaignNote) async throws {
    guard await self.note(note) else {
      throw Refusal.unavailable("This cannot be written down now. Nothing was changed; try again.")
    }
  }

  /// Notes of a tenant are written in the order in which they are begun: the last one counts.
  @discardableResult
  func beginNote(_ note: CampaignNote) -> Task<Bool, Never> {
    noting.withLock { last in
      let task = Task { [last] in
        _ = await last?.value
        do {
          try await dependencies.claims.append(note, tenant: lease.tenant)
          return true
        } catch {
          logger.error("What was stopped or resumed is known in the file alone", metadata: ["error": "\(error)"])
          return false
        }
      }
      last = task
      return task
    }
  }

  /// Something was stopped: claimed texts that still wait for their pace go back to the queue.
  func releaseWaiting() { dependencies.http.recheck(lease.tenant) }
}
