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
/// The door goes first. Clicks change figures alone, and come in storms: while one lasts they wait up to two seconds and are applied in one
/// long run, for applying a few at a time between the answers costs the door more than half of its speed. What somebody acts on, reports
/// and texts that came in, does not wait for that.
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

  /// Rows that came since a tenant's last turn.
  private struct Waiting {
    var hits = 0
    var others = 0
    /// Its place in the queue, and the only one that counts; nil: it has a turn now, and another one after that.
    var due: Instant?
  }

  private struct State {
    /// A tenant may stand here more than once.
    var queue = Heap<Place>()
    var waiting: [String: Waiting] = [:]
    /// Those that have a turn now: a tenant never has two.
    var running: Set<String> = []
    var lastTurn: [String: Instant] = [:]
    var lastArrival = Instant.now
    var workers = 0
    var failures: [String: Int] = [:]
    var isStopped = false

    /// Counts a row that has come; true when the tenant gets a place in the queue for it, its first or one further in front.
    mutating func count(_ tenant: String, isHit: Bool, _ now: Instant) -> Bool {
      var rows = waiting[tenant] ?? Waiting()
      if isHit { rows.hits += 1 } else { rows.others += 1 }
      waiting[tenant] = rows
      let isEnough = rows.hits == enoughHits || rows.others == enough
      guard isEnough || (isHit ? rows.hits : rows.others) == 1 else { return false }
      let gap = isHit ? longest : min(max(share * waiting.count, shortest), longest)
      let due = isEnough ? now : max(now, lastTurn[tenant].map { $0 + gap } ?? now)
      if let place = rows.due, place <= due { return false }
      waiting[tenant]?.due = due
      queue.insert(Place(due: due, tenant: tenant))
      return true
    }

    /// False when the place does not count any more, or the tenant has a turn now.
    mutating func begin(_ place: Place, _ now: Instant) -> Bool {
      guard waiting[place.tenant]?.due == place.due else { return false }
      guard !running.contains(place.tenant) else {
        waiting[place.tenant]?.due = nil
        return false
      }
      // Whoever gets a row from now on stands in the queue again.
      waiting[place.tenant] = nil
      lastTurn[place.tenant] = now
      running.insert(place.tenant)
      return true
    }

    /// Its turn has ended. Rows whose turn came meanwhile get theirs.
    mutating func end(_ tenant: String, _ now: Instant) {
      running.remove(tenant)
      lastTurn[tenant] = now
      guard let rows = waiting[tenant], rows.due == nil else { return }
      waiting[tenant]?.due = now
      queue.insert(Place(due: now, tenant: tenant))
    }
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
  /// So many rows wait no longer; of clicks fewer than the intake keeps in memory.
  private static let enough = 2_000
  private static let enoughHits = 100_000
  /// Nothing has come for so long: no more is to be waited for.
  private static let calm = Duration.milliseconds(20)

  init(logger: Logger, apply: @escaping @Sendable (String) async throws -> Void) {
    self.logger = logger
    self.apply = apply
  }

  func wake(_ tenant: String, isHit: Bool = false) {
    let starts = state.withLock { state in
      guard !state.isStopped else { return false }
      let now = Instant.now
      state.lastArrival = now
      return state.count(tenant, isHit: isHit, now) && Self.addsWorker(&state)
    }
    if starts { Task { await work() } }
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
      state.withLock { $0.failures[tenant] = nil }
    } catch let refusal as Refusal where [404, 423].contains(refusal.status.code) {
      // Paused or gone: its rows are applied when its file is opened.
    } catch {
      tryLater(tenant, error)
    }
    state.withLock { $0.end(tenant, .now) }
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
        guard state.waiting[next.tenant]?.due == next.due else {
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
        guard state.begin(next, now) else { continue }
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
