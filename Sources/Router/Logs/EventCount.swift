import Dispatch
import Synchronization

/// Counts what anybody outside can make happen, so that the log shows it once a minute and not each time.
final class EventCount: Sendable {
  private let state = Mutex<(quietUntil: UInt64, unreported: Int)>((0, 0))
  private static let pause: UInt64 = 60_000_000_000

  /// How many there were since it was last logged, when it is time to log.
  func note(at now: UInt64 = DispatchTime.now().uptimeNanoseconds) -> Int? {
    state.withLock { state in
      state.unreported += 1
      guard now >= state.quietUntil else { return nil }
      defer { state = (now + Self.pause, 0) }
      return state.unreported
    }
  }
}
