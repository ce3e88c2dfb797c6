import Logging
import Synchronization
package import TenantRuntime

/// Gives turns to tenants and to the platform: one list for all that is due, few at a time, the earliest first (`TurnPool`).
///
/// - Waking is done when `wake` returns, so that what wakes behind a commit is not lost to a file that closes meanwhile.
/// - A turn that fails is tried again at growing intervals; one that is cancelled, as those of a paused tenant are, is not: resuming wakes it.
/// - Commands have a scheduler, too, which gives no turns, as one that has been stopped: what is woken then is left marked for the next server.
package final class Scheduler: Sendable {
  private struct State {
    var pool = TurnPool()
    var isWorking = false
    /// Takes a turn, while turns are given.
    var take: (@Sendable (Turn) async throws -> NextTurn)?
    var isStopped = false
    var sleeper: (until: Moment, task: Task<Void, Never>)?
    /// Turns in a row that failed: they wait longer each time.
    var failures: [Turn: Int] = [:]
    /// Tenants whose workers were not all woken, or of which a turn was cut off or came too late, since their file was opened: what is left is
    /// not known.
    var cut: Set<String> = []
    /// Tenants whose closed files have texts that wait for a change outside.
    var held: Set<String> = []
  }

  private let state = Mutex(State())
  private let logger: Logger
  private let now: @Sendable () -> Moment
  /// Clocks are set, and machines sleep: timers are looked at again each hour at least.
  private static let longestSleep: Int64 = 3_600_000
  private static let longestBetweenOpenings: Int64 = 900

  init(logger: Logger, now: @escaping @Sendable () -> Moment) { (self.logger, self.now) = (logger, now) }

  package var isWorking: Bool { state.withLock { $0.isWorking } }
  var isStopped: Bool { state.withLock { $0.isStopped } }
  var hasRunning: Bool { state.withLock { $0.pool.hasRunning } }

  /// From now on turns are given.
  func begin(_ take: @escaping @Sendable (Turn) async throws -> NextTurn) {
    state.withLock { ($0.isWorking, $0.take) = (true, take) }
    giveTurns()
  }

  /// Nothing new begins; what runs goes on.
  func stop() {
    state.withLock { state in
      state.isStopped = true
      state.take = nil
      state.sleeper?.task.cancel()
    }
  }

  package func wake(_ tenant: String, _ worker: Worker) { wake(Turn(tenant: tenant, work: .worker(worker))) }

  /// All that a tenant may have to do.
  package func wakeAll(_ tenant: String) { for worker in Worker.allCases { wake(tenant, worker) } }

  func wake(_ turn: Turn) {
    let now = now()
    state.withLock { state in
      if state.isStopped { state.cut.insert(turn.tenant) } else if state.isWorking { state.pool.wake(turn, at: now) }
    }
    giveTurns()
  }

  func schedule(_ turn: Turn, at moment: Moment) {
    let now = now()
    state.withLock { state in
      if state.isStopped {
        state.cut.insert(turn.tenant)
      } else if state.isWorking {
        state.pool.schedule(turn, at: moment, now: now)
      }
    }
    giveTurns()
  }

  // MARK: Files that close

  /// Until all its workers have been woken nobody knows what an open file waits for.
  func opening(_ tenant: String) { state.withLock { _ = $0.cut.insert(tenant) } }

  /// What was cut off before is looked at again: all workers of a file that has been opened have a turn.
  func opened(_ tenant: String) {
    state.withLock { state in
      state.cut.remove(tenant)
      state.held.remove(tenant)
    }
    wakeAll(tenant)
  }

  /// When a tenant whose file has been closed wants its turns; nil when that is not known, and the file must be opened to see it.
  func timers(of tenant: String) -> [Turn: Moment]? {
    state.withLock { state in
      state.isWorking && !state.cut.contains(tenant) ? state.pool.timers(of: tenant) : nil
    }
  }

  func hold(_ tenant: String) { state.withLock { _ = $0.held.insert(tenant) } }

  /// Whose closed files have texts that wait for a change outside.
  var heldTenants: [String] { Array(state.withLock { $0.held }) }

  /// Turns as they stand, and which of them have failed how often in a row.
  var standing: (counts: (ready: Int, running: Int, timed: Int), failures: [Turn: Int]) {
    state.withLock { ($0.pool.counts, $0.failures) }
  }

  // MARK: Turns

  private func giveTurns() {
    let now = now()
    let (begun, take) = state.withLock { state in
      var begun: [Turn] = []
      guard let take = state.take else { return (begun, state.take) }
      while let turn = state.pool.next(at: now) { begun.append(turn) }
      sleep(&state)
      return (begun, take)
    }
    guard let take else { return }
    for turn in begun { Task { await run(turn, take) } }
  }

  /// One sleeper, for the earliest timer.
  private func sleep(_ state: inout State) {
    guard let due = state.pool.nextDue else { return }
    if let sleeper = state.sleeper {
      if sleeper.until <= due { return }
      sleeper.task.cancel()
    }
    let task = Task {
      while case let left = due.milliseconds - now().milliseconds, left > 0 {
        do { try await Task.sleep(for: .milliseconds(min(left, Self.longestSleep))) } catch { return }
      }
      if Task.isCancelled { return }
      forgetSleeper(due)
      giveTurns()
    }
    state.sleeper = (due, task)
  }

  private func forgetSleeper(_ due: Moment) {
    state.withLock { state in
      if state.sleeper?.until == due { state.sleeper = nil }
    }
  }

  private func run(_ turn: Turn, _ take: @Sendable (Turn) async throws -> NextTurn) async {
    let next: NextTurn
    do {
      next = try await take(turn)
      state.withLock { $0.failures[turn] = nil }
    } catch {
      next = failed(turn, error)
    }
    let now = now()
    state.withLock { $0.pool.end(turn, next, at: now) }
    giveTurns()
  }

  private func failed(_ turn: Turn, _ error: any Error) -> NextTurn {
    if error is CancellationError || state.withLock({ $0.isStopped }) { return cut(turn) }
    if turn.work == .open, let refusal = error as? Refusal {
      logger.error(
        "A tenant cannot be opened", metadata: ["tenant": "\(turn.tenant)", "error": "\(refusal.detail)"])
      let next = cut(turn)
      guard case .unavailable = refusal else { return next }
      // Missing or damaged, and a person must do something; or the disk was away for a moment, and what the tenant was at goes on by itself.
      let seconds: Int64 = min(30 << (countFailure(turn) - 1), Self.longestBetweenOpenings)
      return .at(now().advanced(bySeconds: seconds))
    }
    let seconds: Int64 = min(1 << (countFailure(turn) - 1), 60)
    logger.error(
      "A turn failed; it is tried again",
      metadata: [
        "tenant": "\(turn.tenant)", "work": "\(turn.name)", "error": "\(error)", "seconds": "\(seconds)",
      ])
    return .at(now().advanced(bySeconds: seconds))
  }

  /// How often it has failed in a row, seven at most.
  private func countFailure(_ turn: Turn) -> Int64 {
    state.withLock { state in
      let count = min(state.failures[turn, default: 0] + 1, 7)
      state.failures[turn] = count
      return Int64(count)
    }
  }

  private func cut(_ turn: Turn) -> NextTurn {
    state.withLock { _ = $0.cut.insert(turn.tenant) }
    return .whenNudged
  }
}
