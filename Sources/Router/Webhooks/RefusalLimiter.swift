import Dispatch
import HTTPTypes
import Synchronization
import TenantRuntime

/// Counts refusals per address and, beyond a bound, asks the address to stay away. What holds is never turned away: behind a proxy the
/// provider and a forger come from one address.
final class RefusalLimiter: Sendable {
  private struct State: Sendable {
    var minute: UInt64 = 0
    var refused: [String: Int] = [:]
  }

  private let state = Mutex(State())
  private static let mostPerMinute = 300
  private static let mostAddresses = 20_000

  /// The refusal, or the one that takes its place when there were too many.
  func counted(_ refusal: Refusal, address: String) -> Refusal {
    guard (400..<500).contains(refusal.status.code) else { return refusal }
    return isTooMany(address) ? .tooMany(retryAfterSeconds: 60) : refusal
  }

  /// Counts one refusal; true beyond the bound.
  func isTooMany(_ address: String) -> Bool { count(address) > Self.mostPerMinute }

  /// Refusals of this minute, with this one.
  private func count(_ address: String) -> Int {
    let minute = DispatchTime.now().uptimeNanoseconds / 60_000_000_000
    return state.withLock { state in
      if state.minute != minute {
        state.minute = minute
        state.refused = [:]
      }
      if state.refused[address] != nil || state.refused.count < Self.mostAddresses {
        state.refused[address, default: 0] += 1
      }
      return state.refused[address] ?? 0
    }
  }
}
