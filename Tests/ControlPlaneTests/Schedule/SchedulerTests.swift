import Logging
import Synchronization
import TenantRuntime
import Testing

@testable import ControlPlane

@Suite(.timeLimit(.minutes(2))) struct SchedulerTests {
  private static let start = Moment(milliseconds: 1_800_000_000_000)

  /// A disk that is away for a moment leaves what the tenant was at asleep for no longer than a quarter of an hour; what a person must mend waits for one.
  @Test(arguments: [
    (Refusal.unavailable("The tenant's file is missing."), true), (Refusal.conflict("The tenant is paused."), false),
  ])
  func aTenantThatCannotBeOpenedIsTriedAgainWhereThatMayPass(_ refusal: Refusal, _ passes: Bool) async {
    let scheduler = Scheduler(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }) { Self.start }
    let turn = Turn(tenant: "acme", work: .open)
    let tries = Mutex(0)
    scheduler.begin { _ in
      tries.withLock { $0 += 1 }
      throw refusal
    }
    scheduler.wake(turn)
    while tries.withLock({ $0 }) == 0 || scheduler.hasRunning { await Task.yield() }
    #expect(scheduler.standing.counts.timed == (passes ? 1 : 0))
    // A tenant that is paused is no failure that anybody must look at.
    #expect(scheduler.standing.failures[turn] == (passes ? 1 : nil))
    scheduler.stop()
  }
}
