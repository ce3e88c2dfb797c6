package import Logging
import NIOCore
import Synchronization
package import TenantRuntime

/// Rate limits that several nodes share. While Redis is away each node counts for itself and nobody waits: one task at a time asks
/// whether it is back, at most once a second, and only when somebody has need of it.
package final class RedisRateLimits: RateLimits {
  private struct State {
    var isAway = false
    var asksAgain = Moment(milliseconds: 0)
    var asking: Task<Void, Never>?
    var isClosed = false
  }

  private let redis: RedisClient
  private let names: RedisNames
  private let alone: MemoryRateLimits
  private let now: @Sendable () -> Moment
  private let logger: Logger
  private let state = Mutex(State())
  private static let askAgainSeconds: Int64 = 1

  /// Refuses an address that is none; does not wait for a connection.
  package init(
    redisURL: String, names: RedisNames, logger: Logger, timeout: Duration = .milliseconds(250),
    now: @escaping @Sendable () -> Moment
  ) throws {
    redis = RedisClient(try RedisAddress(redisURL), timeout: TimeAmount(timeout))
    (self.names, self.logger, self.now) = (names, logger, now)
    alone = MemoryRateLimits(now: now)
  }

  package func take(_ name: String, _ policy: RatePolicy) async -> RateVerdict {
    guard isPresent() else { return alone.takeNow(name, policy) }
    do { return try await ask(name, policy) } catch {
      leave(error)
      return alone.takeNow(name, policy)
    }
  }

  private func ask(_ name: String, _ policy: RatePolicy) async throws(RedisFailure) -> RateVerdict {
    let reply = try await Self.script.run(
      redis, key: names.rate(policy.name, name), ["\(policy.cost)", "\(policy.most)"])
    guard let values = reply.integers, values.count == 2 else { throw .refused("an unexpected answer") }
    return RateVerdict(policy, isAllowed: values[0] == 1, owed: values[1])
  }

  package func shutDown() async {
    let asking = state.withLock { state in
      state.isClosed = true
      return state.asking
    }
    asking?.cancel()
    await asking?.value
    await redis.close()
  }

  private func leave(_ failure: RedisFailure) {
    let again = now().advanced(bySeconds: Self.askAgainSeconds)
    let left = state.withLock { state in
      defer { (state.isAway, state.asksAgain) = (true, again) }
      return !state.isAway && !state.isClosed
    }
    guard left else { return }
    logger.warning("Redis is away; requests are counted by each node alone", metadata: ["reason": "\(failure)"])
  }

  private func isPresent() -> Bool {
    let now = now()
    return state.withLock { state in
      guard state.isAway, !state.isClosed else { return !state.isAway }
      if state.asking == nil, state.asksAgain <= now { state.asking = Task { await self.askAgain() } }
      return false
    }
  }

  private func askAgain() async {
    let isBack = (try? await redis.call(["PING"])) != nil
    let again = now().advanced(bySeconds: Self.askAgainSeconds)
    state.withLock { state in
      state.asking = nil
      state.asksAgain = again
      if isBack { state.isAway = false }
    }
    if isBack { logger.notice("Redis is back; requests are counted by all nodes together") }
  }

  /// The same sum as `MemoryRateLimits`, by Redis's clock. Arguments: cost and most in microseconds. Answers whether it is allowed,
  /// and what is owed then.
  private static let script = RedisScript(
    """
    local time = redis.call('TIME')
    local now = time[1] * 1000000 + time[2]
    local cost, most = tonumber(ARGV[1]), tonumber(ARGV[2])
    local before = math.min(math.max(tonumber(redis.call('GET', KEYS[1]) or now), now), now + most)
    local after = before + cost
    local allowed = 1
    if after - now > most then allowed, after = 0, before end
    redis.call('SET', KEYS[1], string.format('%.0f', after), 'PX', math.ceil((after - now) / 1000))
    return {allowed, after - now}
    """)
}
