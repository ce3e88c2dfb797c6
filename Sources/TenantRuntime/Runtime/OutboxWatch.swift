import GRDB
import Synchronization

/// Sees commits that have put something into the outbox, and wakes the worker. Put on the file's connection once the tenant has an
/// endpoint, so it costs nobody else anything.
final class OutboxWatch: TransactionObserver, Sendable {
  private struct State: Sendable {
    var isInstalled = false
    var hasNews = false
    var wake: @Sendable () -> Void = {}
    var news: (@Sendable () -> Void)?
    var sweptAt: Moment?
  }
  private let state = Mutex(State())

  func install(on file: SQLiteFile, wake: @escaping @Sendable () -> Void) async throws {
    let isNew = state.withLock { state in
      defer { state.isInstalled = true }
      state.wake = wake
      return !state.isInstalled
    }
    if isNew { try await file.outsideTransaction { [self] db in db.add(transactionObserver: self) } }
  }

  /// A turn that is under way hears of news itself; without one, a new turn begins.
  /// - Parameter news: must not block.
  func begin(_ news: @escaping @Sendable () -> Void) { state.withLock { $0.news = news } }
  func end() { state.withLock { $0.news = nil } }

  /// Once an hour.
  func isTimeToSweep(_ now: Moment) -> Bool {
    state.withLock { state in
      if let last = state.sweptAt, last.advanced(bySeconds: 3_600) > now { return false }
      state.sweptAt = now
      return true
    }
  }

  func sweepSoon() { state.withLock { $0.sweptAt = nil } }

  func observes(eventsOfKind kind: DatabaseEventKind) -> Bool {
    if case .insert("outbox") = kind { true } else { false }
  }

  func databaseDidChange(with event: DatabaseEvent) {
    state.withLock { $0.hasNews = true }
    stopObservingDatabaseChangesUntilNextTransaction()
  }

  func databaseDidCommit(_ db: Database) {
    let (wake, news) = state.withLock { state in
      defer { state.hasNews = false }
      return (state.hasNews ? state.wake : nil, state.hasNews ? state.news : nil)
    }
    wake?()
    news?()
  }

  func databaseDidRollback(_ db: Database) { state.withLock { $0.hasNews = false } }
}
