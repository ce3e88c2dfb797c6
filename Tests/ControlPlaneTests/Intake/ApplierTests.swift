import Logging
import Synchronization
import TenantRuntime
import Testing

@testable import ControlPlane

@Suite struct ApplierTests {
  /// What came for a tenant before its turn began.
  struct Turn: Sendable {
    var tenant: String
    var seen: Int
  }

  @Test(.timeLimit(.minutes(5)), arguments: [true, false]) func everyRowIsFollowedByATurnAndATenantNeverHasTwo(
    _ isHit: Bool
  ) async {
    let tenants = ["acme", "bolt", "core"]
    let (came, running) = (Counts(), Counts())
    let (turns, teller) = AsyncStream.makeStream(of: Turn.self)
    let applier = Applier(logger: Logger(label: "test"))
    applier.begin { tenant in
      let seen = came.of(tenant)
      let count = running.add(tenant, 1)
      #expect(count == 1)
      for _ in 0..<20 { await Task.yield() }
      running.add(tenant, -1)
      teller.yield(Turn(tenant: tenant, seen: seen))
    }
    let rows = 30_000
    await withTaskGroup(of: Void.self) { group in
      for tenant in tenants {
        group.addTask {
          for row in 0..<rows {
            came.add(tenant, 1)
            applier.wake(tenant, of: isHit && row % 7 != 0 ? .clicks : .reports)
            if row % 100 == 0 { await Task.yield() }
          }
        }
      }
    }
    var done: Set<String> = []
    for await turn in turns {
      if turn.seen == rows { done.insert(turn.tenant) }
      if done.count == tenants.count { break }
    }
    applier.stop()
  }

  @Test(.timeLimit(.minutes(5))) func aLongTurnOfOneTenantDoesNotHoldAnother() async {
    let (turns, teller) = AsyncStream.makeStream(of: String.self)
    let (ends, ender) = AsyncStream.makeStream(of: Void.self)
    let applier = Applier(logger: Logger(label: "test"))
    applier.begin { tenant in
      teller.yield(tenant)
      if tenant == "long" { for await _ in ends { break } }
    }
    var others = 0
    applier.wake("long")
    for await tenant in turns {
      // From the second on it waits for its time, which somebody must watch while the long turn goes on.
      if tenant == "other" { others += 1 }
      if others == 4 { break }
      applier.wake("other")
    }
    ender.yield()
    applier.stop()
  }

  @Test(.timeLimit(.minutes(5))) func whatFailsIsNotForgotten() async {
    let tries = Counts()
    let (turns, teller) = AsyncStream.makeStream(of: Int.self)
    let applier = Applier(logger: Logger(label: "test"))
    applier.begin { _ in
      let count = tries.add("acme", 1)
      teller.yield(count)
      if count == 1 { throw CancellationError() }
    }
    applier.wake("acme")
    for await count in turns where count == 2 { break }
    applier.stop()
  }
}

private final class Counts: Sendable {
  private let counts = Mutex<[String: Int]>([:])

  func of(_ tenant: String) -> Int { counts.withLock { $0[tenant] ?? 0 } }

  @discardableResult func add(_ tenant: String, _ amount: Int) -> Int {
    counts.withLock { counts in
      counts[tenant, default: 0] += amount
      return counts[tenant] ?? 0
    }
  }
}
