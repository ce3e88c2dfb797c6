import ControlPlane
import InMemoryLogging
import Logging
import Synchronization
import TenantRuntime
import TestKit
import Testing

/// What both stores of rate limits promise. A day's quota: nothing of it comes back while a test runs.
@Suite struct RateLimitsTests {
  private final class Clock: Sendable {
    let now = Mutex(Moment(milliseconds: 1_800_000_000_000))
  }

  enum Store: String, CaseIterable { case memory, redis }

  private static let three = RatePolicy("three", quota: 3, seconds: 86_400)
  private static let sameOfAnotherName = RatePolicy("other", quota: 3, seconds: 86_400)

  private func with(_ store: Store, _ body: (any RateLimits) async throws -> Void) async throws {
    let server = store == .redis ? try RedisServer() : nil
    // On a busy machine a slow answer must not become a count of this node alone.
    let limits: any RateLimits =
      if let server {
        try RedisRateLimits(
          redisURL: server.url, names: .ofTests, logger: .silent, timeout: .seconds(10), now: { .now() })
      } else { MemoryRateLimits(now: { .now() }) }
    try await body(limits)
    await limits.shutDown()
  }

  @Test(arguments: Store.allCases) func aQuotaIsThereAtOnceAndOneMoreIsRefused(_ store: Store) async throws {
    try await with(store) { limits in
      var remaining: [Int] = []
      for _ in 0..<3 {
        let verdict = await limits.take("key:1", Self.three)
        #expect(verdict.isAllowed && verdict.retryAfterSeconds == 0)
        remaining.append(verdict.remaining)
      }
      #expect(remaining == [2, 1, 0])
      let refused = await limits.take("key:1", Self.three)
      #expect(!refused.isAllowed && refused.remaining == 0)
      #expect((28_000...28_800).contains(refused.retryAfterSeconds), "a third of a day: \(refused.retryAfterSeconds)")
      #expect((86_000...86_400).contains(refused.resetSeconds), "all of it in a day: \(refused.resetSeconds)")
    }
  }

  @Test(arguments: Store.allCases) func whatIsRefusedIsNotCounted(_ store: Store) async throws {
    try await with(store) { limits in
      for _ in 0..<3 { _ = await limits.take("key:1", Self.three) }
      let first = await limits.take("key:1", Self.three)
      for _ in 0..<20 { _ = await limits.take("key:1", Self.three) }
      let last = await limits.take("key:1", Self.three)
      #expect(last.resetSeconds <= first.resetSeconds)
    }
  }

  @Test(arguments: Store.allCases) func namesAndPoliciesAreCountedApart(_ store: Store) async throws {
    try await with(store) { limits in
      for _ in 0..<4 { _ = await limits.take("key:1", Self.three) }
      #expect(await limits.take("key:2", Self.three).remaining == 2)
      #expect(await limits.take("key:1", Self.sameOfAnotherName).remaining == 2)
      #expect(await limits.take("kéy:\u{0}\r\n 1", Self.three).remaining == 2)
    }
  }

  @Test(arguments: Store.allCases) func whatIsUsedUpComesBackWithTime(_ store: Store) async throws {
    try await with(store) { limits in
      let fast = RatePolicy("fast", quota: 1, seconds: 1)
      #expect(await limits.take("key:1", fast).isAllowed)
      #expect(await eventually { await limits.take("key:1", fast).isAllowed })
    }
  }

  @Test(arguments: Store.allCases) func manyAtOnceGetTheQuotaTogether(_ store: Store) async throws {
    try await with(store) { limits in
      let policy = RatePolicy("fifty", quota: 50, seconds: 86_400)
      let allowed = await withTaskGroup(of: Bool.self) { group in
        for _ in 0..<200 { group.addTask { await limits.take("key:1", policy).isAllowed } }
        return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
      }
      #expect(allowed == 50)
    }
  }

  @Test(arguments: Store.allCases) func aCheckThrowsWhatTheAnswerSays(_ store: Store) async throws {
    try await with(store) { limits in
      for _ in 0..<3 { try await limits.check("sign-in:a@b.test", Self.three) }
      await #expect(throws: Refusal.self) { try await limits.check("sign-in:a@b.test", Self.three) }
    }
  }

  @Test func nodesOfOneInstallationCountTogetherAndAnothersApart() async throws {
    let server = try RedisServer()
    func node(_ names: RedisNames) throws -> RedisRateLimits {
      try RedisRateLimits(redisURL: server.url, names: names, logger: .silent, timeout: .seconds(5), now: { .now() })
    }
    let (one, two, other) = (try node(.ofTests), try node(.ofTests), try node(.ofAnother))
    for _ in 0..<2 { _ = await one.take("key:1", Self.three) }
    #expect(await two.take("key:1", Self.three).remaining == 0)
    #expect(await one.take("key:1", Self.three).isAllowed == false)
    #expect(await other.take("key:1", Self.three).remaining == 2)
    #expect(server.say("DBSIZE") == ":2")
    for node in [one, two, other] { await node.shutDown() }
  }

  @Test func withoutRedisEachNodeCountsForItselfAndTogetherAgainOnceItIsBack() async throws {
    let log = InMemoryLogHandler()
    let server = try RedisServer()
    let limits = try RedisRateLimits(
      redisURL: server.url, names: .ofTests, logger: Logger(label: "test") { _ in log }, timeout: .seconds(5),
      now: { .now() })
    #expect(await limits.take("key:1", Self.three).remaining == 2)
    server.kill()
    #expect(await limits.take("key:1", Self.three).remaining == 2)
    #expect(await limits.take("key:1", Self.three).remaining == 1)
    #expect(log.entries.count { $0.level == .warning } == 1)
    try server.start()
    #expect(
      await eventually {
        _ = await limits.take("another", Self.three)
        return log.entries.contains { $0.level == .notice }
      })
    #expect(await limits.take("key:1", Self.three).remaining == 2)
    #expect(server.say("DBSIZE") != ":0")
    await limits.shutDown()
  }

  @Test func memoryForgetsThoseNearestToTheirWholeQuotaFirst() async throws {
    let limits = MemoryRateLimits(most: 10, now: { Moment(milliseconds: 1_800_000_000_000) })
    for _ in 0..<3 { _ = await limits.take("busy", Self.three) }
    for number in 0..<500 { _ = await limits.take("passing \(number)", Self.three) }
    #expect(await limits.take("busy", Self.three).isAllowed == false)
  }

  @Test func aClockThatIsSetBackLocksNobodyOut() async throws {
    let clock = Clock()
    let limits = MemoryRateLimits(now: { clock.now.withLock { $0 } })
    for _ in 0..<3 { _ = await limits.take("key:1", Self.three) }
    clock.now.withLock { $0 = Moment(milliseconds: 0) }
    #expect(await limits.take("key:1", Self.three).retryAfterSeconds == 28_800)
    clock.now.withLock { $0 = Moment(milliseconds: 28_800_000) }
    #expect(await limits.take("key:1", Self.three).isAllowed)
  }
}
