import HTTPTypes
import Logging
import Synchronization
import TenantRuntime

/// Hands tenants the intake rows that wait for them: tenants in the order in which they got work, a few at a time, each all it has. While
/// few wait, each has its turn at once. While many do and more rows come, a tenant's rows gather: a transaction writes the same dozen
/// pages for one row as for thirty, and whoever reads a tenant applies what waits for it first anyway.
///
/// A tenant that cannot take its rows now (paused, being restored, a damaged file) keeps them in the intake; it is tried again at growing
/// intervals, and drained in any case when its file is opened.
final class Applier: Sendable {
  private struct State: Sendable {
    var queue: [(tenant: String, since: ContinuousClock.Instant)] = []
    var next = 0
    /// Rows that came since a tenant was queued.
    var waiting: [String: Int] = [:]
    var lastArrival = ContinuousClock.now
    var workers = 0
    var failures: [String: Int] = [:]
    var isStopped = false
  }

  private let state = Mutex(State())
  private let apply: @Sendable (String) async throws -> Void
  private let logger: Logger
  /// As many as there are storage lanes.
  private static let mostWorkers = 4
  /// From so many waiting tenants on rows gather: until there are enough of them, or for so long, or until no more come.
  private static let many = 64
  private static let enough = 64
  private static let longest = Duration.seconds(2)
  private static let calm = Duration.milliseconds(20)

  init(logger: Logger, apply: @escaping @Sendable (String) async throws -> Void) {
    self.logger = logger
    self.apply = apply
  }

  func wake(_ tenant: String) {
    let starts = state.withLock { state in
      guard !state.isStopped else { return false }
      let now = ContinuousClock.now
      state.lastArrival = now
      state.waiting[tenant, default: 0] += 1
      guard state.waiting[tenant] == 1 else { return false }
      state.queue.append((tenant, now))
      guard state.workers < Self.mostWorkers else { return false }
      state.workers += 1
      return true
    }
    if starts { Task { await work() } }
  }

  /// Nothing new begins; what is being applied ends.
  func stop() { state.withLock { $0.isStopped = true } }

  private func work() async {
    while let turn = takeNext() {
      guard case .tenant(let tenant) = turn else {
        try? await Task.sleep(for: .milliseconds(10))
        continue
      }
      do {
        try await apply(tenant)
        state.withLock { _ = $0.failures.removeValue(forKey: tenant) }
      } catch let refusal as Refusal where [404, 423].contains(refusal.status.code) {
        // Paused or gone: its rows are applied when its file is opened.
      } catch {
        tryLater(tenant, error)
      }
    }
  }

  private enum Turn { case tenant(String), gathering }

  private func takeNext() -> Turn? {
    state.withLock { state in
      guard !state.isStopped, state.next < state.queue.count else {
        state.queue.removeAll(keepingCapacity: true)
        state.next = 0
        state.workers -= 1
        return nil
      }
      let (tenant, since) = state.queue[state.next]
      let now = ContinuousClock.now
      if state.queue.count - state.next > Self.many, state.waiting[tenant, default: 0] < Self.enough,
        now - since < Self.longest, now - state.lastArrival < Self.calm
      {
        return .gathering
      }
      state.next += 1
      if state.next > 4_096 {
        state.queue.removeFirst(state.next)
        state.next = 0
      }
      // Whoever gets a row from now on stands in the queue again.
      state.waiting[tenant] = nil
      return .tenant(tenant)
    }
  }

  private func tryLater(_ tenant: String, _ error: any Error) {
    let seconds = state.withLock { state in
      let count = min(state.failures[tenant, default: 0] + 1, 7)
      state.failures[tenant] = count
      return min(1 << (count - 1), 60)
    }
    logger.error(
      "A tenant's events cannot be applied; they wait",
      metadata: ["tenant": "\(tenant)", "error": "\(error)", "seconds": "\(seconds)"])
    Task {
      try? await Task.sleep(for: .seconds(seconds))
      wake(tenant)
    }
  }
}
