import HTTPTypes
import HeapModule
import Logging
import Synchronization
import TenantRuntime

/// Hands tenants the intake rows that wait for them, a few tenants at a time, each all it has.
///
/// A tenant that was quiet has its turn at once. One to which more comes waits a moment since its last turn, longer the more tenants wait
/// with it: a transaction writes the same dozen pages for one row as for thirty, and whoever reads a tenant applies what waits for it first
/// anyway. Once nothing more comes, nobody waits.
///
/// A tenant that cannot take its rows now (paused, being restored, a damaged file) keeps them in the intake; it is tried again at growing
/// intervals, and drained in any case when its file is opened.
final class Applier: Sendable {
  private typealias Instant = ContinuousClock.Instant

  private struct Place: Comparable {
    var due: Instant
    var tenant: String
    static func < (left: Place, right: Place) -> Bool { left.due < right.due }
  }

  private struct State {
    /// A tenant may stand here twice; whoever does not wait any more is passed over.
    var queue = Heap<Place>()
    /// Rows that came since a tenant's last turn.
    var waiting: [String: Int] = [:]
    var lastTurn: [String: Instant] = [:]
    var lastArrival = Instant.now
    var workers = 0
    var failures: [String: Int] = [:]
    var isStopped = false
  }

  private let state = Mutex(State())
  private let apply: @Sendable (String) async throws -> Void
  private let logger: Logger
  /// As many as there are storage lanes.
  private static let mostWorkers = 4
  /// Between two turns of a tenant: for each tenant that waits, at least, at most.
  private static let share = Duration.milliseconds(2)
  private static let shortest = Duration.milliseconds(100)
  private static let longest = Duration.seconds(2)
  /// So many rows wait no longer.
  private static let enough = 2000
  /// Nothing has come for so long: no more is to be waited for.
  private static let calm = Duration.milliseconds(20)

  init(logger: Logger, apply: @escaping @Sendable (String) async throws -> Void) {
    self.logger = logger
    self.apply = apply
  }

  func wake(_ tenant: String) {
    let starts = state.withLock { state in
      guard !state.isStopped else { return false }
      let now = Instant.now
      state.lastArrival = now
      state.waiting[tenant, default: 0] += 1
      switch state.waiting[tenant] {
      case 1: state.queue.insert(Place(due: Self.due(tenant, state, now), tenant: tenant))
      case Self.enough: state.queue.insert(Place(due: now, tenant: tenant))
      default: return false
      }
      return Self.addsWorker(&state)
    }
    if starts { Task { await work() } }
  }

  private static func due(_ tenant: String, _ state: State, _ now: Instant) -> Instant {
    guard let last = state.lastTurn[tenant] else { return now }
    return max(now, last + min(max(share * state.waiting.count, shortest), longest))
  }

  private static func addsWorker(_ state: inout State) -> Bool {
    guard state.workers < mostWorkers else { return false }
    state.workers += 1
    return true
  }

  /// Nothing new begins; what is being applied ends.
  func stop() { state.withLock { $0.isStopped = true } }

  private func work() async {
    while true {
      switch takeNext() {
      case .done: return
      case .gathering: try? await Task.sleep(for: .milliseconds(5))
      case .tenant(let tenant, let helped):
        if helped { Task { await work() } }
        await take(tenant)
      }
    }
  }

  private func take(_ tenant: String) async {
    do {
      try await apply(tenant)
      state.withLock { state in
        state.failures[tenant] = nil
        state.lastTurn[tenant] = .now
      }
    } catch let refusal as Refusal where [404, 423].contains(refusal.status.code) {
      // Paused or gone: its rows are applied when its file is opened.
    } catch {
      tryLater(tenant, error)
    }
  }

  private enum Turn {
    /// The next one; another worker is wanted beside this one.
    case tenant(String, helped: Bool)
    case gathering
    case done
  }

  private func takeNext() -> Turn {
    state.withLock { state in
      let now = Instant.now
      let isCalm = now - state.lastArrival > Self.calm
      while !state.isStopped, let next = state.queue.min {
        guard state.waiting[next.tenant] != nil else {
          state.queue.removeMin()
          continue
        }
        guard isCalm || next.due <= now else {
          // One is enough to watch the clock.
          if state.workers == 1 { return .gathering }
          state.workers -= 1
          return .done
        }
        state.queue.removeMin()
        // Whoever gets a row from now on stands in the queue again.
        state.waiting[next.tenant] = nil
        let isMore = state.queue.min.map { isCalm || $0.due <= now } ?? false
        return .tenant(next.tenant, helped: isMore && Self.addsWorker(&state))
      }
      state.workers -= 1
      return .done
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
