import Synchronization
package import TenantRuntime

/// Rate limits of one process. Of each name only the moment is kept at which its whole quota will be there again (GCRA).
package final class MemoryRateLimits: RateLimits {
  private let now: @Sendable () -> Moment
  private let most: Int
  /// By policy, so that names of one kind never push out those of another; then by name. In microseconds.
  private let restored = Mutex<[RatePolicy: [String: Int64]]>([:])

  /// - Parameter most: names of a policy that are remembered. Beyond it those nearest to their whole quota are forgotten first.
  package init(most: Int = 50_000, now: @escaping @Sendable () -> Moment) { (self.most, self.now) = (most, now) }

  package func take(_ name: String, _ policy: RatePolicy) async -> RateVerdict { takeNow(name, policy) }

  package func shutDown() async {}

  func takeNow(_ name: String, _ policy: RatePolicy) -> RateVerdict {
    let now = now().milliseconds * 1000
    return restored.withLock { restored in
      // A clock that was set back must not lock anybody out.
      let before = min(max(restored[policy]?[name] ?? now, now), now + policy.most)
      let after = before + policy.cost
      guard after - now <= policy.most else {
        restored[policy]?[name] = before
        return RateVerdict(policy, isAllowed: false, owed: before - now)
      }
      Self.makeRoom(&restored[policy, default: [:]], for: name, most: most, now: now)
      restored[policy]?[name] = after
      return RateVerdict(policy, isAllowed: true, owed: after - now)
    }
  }

  /// Half of the places at once, so that it is seldom done.
  private static func makeRoom(_ names: inout [String: Int64], for name: String, most: Int, now: Int64) {
    guard names.count >= most, names[name] == nil else { return }
    names = names.filter { $0.value > now }
    guard names.count > most / 2 else { return }
    let bound = names.values.sorted()[names.count - most / 2 - 1]
    names = names.filter { $0.value > bound }
  }
}
