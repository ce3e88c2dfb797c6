import HTTPTypes
import Logging
import Synchronization
import TenantRuntime

/// Hands tenants the intake rows that wait for them, a few tenants at a time, each all it has.
///
/// Who is next, and when, says `TurnQueue`.
///
/// A tenant that cannot take its rows now (paused, being restored, a damaged file) keeps them in the intake; it is tried again at growing
/// intervals, and drained in any case when its file is opened.
final class Applier: Sendable {
  private struct State {
    var queue = TurnQueue()
    var workers = 0
    /// One worker without a turn watches the clock for the next.
    var isWatched = false
    var failures: [String: Int] = [:]
    /// Those whose next try has its time: what arrives meanwhile waits with the rest.
    var waiting: Set<String> = []
    /// Applies what waits for a tenant.
    var apply: (@Sendable (String) async throws -> Void)?
    var isStopped = false
  }

  private let state = Mutex(State())
  private let logger: Logger
  /// Half of the storage lanes: what people wait for has the others.
  private static let mostWorkers = 4

  init(logger: Logger) { self.logger = logger }

  /// From now on turns are given; what came before waits until then.
  func begin(_ apply: @escaping @Sendable (String) async throws -> Void) {
    let starts = state.withLock { state in
      guard !state.isStopped else { return false }
      state.apply = apply
      return Self.addsWorker(&state)
    }
    if starts { Task { await work() } }
  }

  func wake(_ tenant: String, events: Int = 1, of kind: IntakeEvent.Kind = .texts) {
    let starts = state.withLock { state in
      guard !state.isStopped, !state.waiting.contains(tenant) else { return false }
      return state.queue.count(tenant, events, of: kind, at: .now) && state.apply != nil && Self.addsWorker(&state)
    }
    if starts { Task { await work() } }
  }

  /// The tenant's file was opened, and has all that waited.
  func recovered(_ tenant: String) {
    state.withLock { state in
      state.failures[tenant] = nil
      state.waiting.remove(tenant)
    }
  }

  private static func addsWorker(_ state: inout State) -> Bool {
    guard state.workers < mostWorkers else { return false }
    state.workers += 1
    return true
  }

  /// Nothing new begins; what is being applied ends.
  func stop() {
    state.withLock { state in
      state.isStopped = true
      state.apply = nil
    }
  }

  private func work() async {
    var isWatching = false
    while true {
      switch takeNext(isWatching: isWatching) {
      case .done: return
      case .gathering:
        isWatching = true
        try? await Task.sleep(for: .milliseconds(5))
      case .tenant(let tenant, let helped):
        isWatching = false
        if helped { Task { await work() } }
        await take(tenant)
      }
    }
  }

  private func take(_ tenant: String) async {
    do {
      try await state.withLock { $0.apply }?(tenant)
      state.withLock { $0.failures[tenant] = nil }
    } catch let refusal as Refusal where [404, 423].contains(refusal.status.code) {
      // Paused or gone: its rows are applied when its file is opened.
    } catch {
      tryLater(tenant, error)
    }
    state.withLock { $0.queue.end(tenant, at: .now) }
  }

  private enum Turn {
    /// The next one; another worker is to take or watch for those behind it.
    case tenant(String, helped: Bool)
    case gathering
    case done
  }

  private func takeNext(isWatching: Bool) -> Turn {
    state.withLock { state in
      if isWatching { state.isWatched = false }
      switch state.isStopped ? .nobody : state.queue.next(at: .now) {
      case .turn(let tenant, let isMore):
        return .tenant(tenant, helped: isMore && !state.isWatched && Self.addsWorker(&state))
      case .later where !state.isWatched:
        state.isWatched = true
        return .gathering
      case .later, .nobody:
        state.workers -= 1
        return .done
      }
    }
  }

  private func tryLater(_ tenant: String, _ error: any Error) {
    let seconds = state.withLock { state in
      let count = min(state.failures[tenant, default: 0] + 1, 7)
      state.failures[tenant] = count
      state.waiting.insert(tenant)
      return min(1 << (count - 1), 60)
    }
    logger.error(
      "A tenant's events cannot be applied; they wait",
      metadata: ["tenant": "\(tenant)", "error": "\(error)", "seconds": "\(seconds)"])
    Task {
      try? await Task.sleep(for: .seconds(seconds))
      state.withLock { _ = $0.waiting.remove(tenant) }
      wake(tenant)
    }
  }
}
