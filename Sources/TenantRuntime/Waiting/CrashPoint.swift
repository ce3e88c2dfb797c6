import Foundation
import Synchronization

/// Named instants of a send at which a test may end the process (debug builds only): `ROUNDHOUSE_CRASH_AT=recorded:3` kills it, as a power
/// cut would, the third time it comes by.
enum CrashPoint: String, CaseIterable {
  /// A slice of the audience is planned, before its commit.
  case freezing
  /// In the claim's transaction, before its commit.
  case claiming
  /// The claim is on disk in the tenant's file, and nowhere else.
  case claimed
  /// It is in the send claims too; no call has begun.
  case recorded
  /// The block has been handed to the HTTP client: calls are in flight.
  case calling
  /// Answers have come, and nothing of them is written.
  case answered

  #if DEBUG
    private static let wanted: (point: CrashPoint, passes: Int)? = {
      let words = (ProcessInfo.processInfo.environment["ROUNDHOUSE_CRASH_AT"] ?? "").split(separator: ":")
      guard let point = words.first.flatMap({ CrashPoint(rawValue: String($0)) }) else { return nil }
      return (point, words.count > 1 ? Int(words[1]) ?? 1 : 1)
    }()
    private static let passes = Atomic<Int>(0)
  #endif

  static func pass(_ point: CrashPoint) {
    #if DEBUG
      guard let wanted, wanted.point == point else { return }
      if passes.add(1, ordering: .relaxed).newValue == wanted.passes { kill(getpid(), SIGKILL) }
    #endif
  }
}
