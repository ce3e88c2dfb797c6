import Foundation
package import Logging
import NIOCore
import Synchronization
import TenantRuntime

/// Shared limits of several nodes, kept in Redis.
///
///     present ──a command fails──▶ away ──every second: report what is unreported──▶ present
///
/// Invariants:
/// - while Redis is away nobody waits for it: decisions come from `LocalShare`, and one task asks again;
/// - Redis may count more than is used (a grant whose answer got lost), until this node's next outage is settled; it counts less
///   only until this node speaks again.
package final class RedisLimits: NodeLimits {
  private struct State: Sendable {
    var share = LocalShare()
    var away = false
    var returning: Task<Void, Never>?
    var closed = false
  }

  private let redis: RedisClient
  private let names: RedisNames
  private let node: String
  /// Use is added up by process: another one after a restart begins at 0 again.
  private let process: String
  private let lease: Duration
  private let askAgain: Duration
  private let logger: Logger
  private let state = Mutex(State())
  private static let secondsKept: Int64 = 3 * 86_400

  /// `redisURL` is `redis://[user:password@]host[:port][/db]`. Refuses another; does not wait for a connection.
  package init(
    redisURL: String, names: RedisNames, node: String, logger: Logger, timeout: Duration = .milliseconds(250),
    lease: Duration = .seconds(SlotLease.seconds), askAgain: Duration = .seconds(1)
  ) throws {
    redis = RedisClient(try RedisAddress(redisURL), timeout: TimeAmount(timeout))
    self.names = names
    self.node = node
    process = "\(node):\(UUID().uuidString)"
    self.lease = lease
    self.askAgain = askAgain
    self.logger = logger
  }

  package func shutDown() async {
    let returning = state.withLock { state in
      state.closed = true
      return state.returning
    }
    returning?.cancel()
    await returning?.value
    await redis.close()
  }

  // MARK: Slots

  package func slots(account: String, wanted: Int, limit: Int) async -> Int {
    let alone = { [self] in state.withLock { $0.share.slots(account: account, wanted: wanted, limit: limit) } }
    guard isPresent else { return alone() }
    do {
      let milliseconds = Int64(lease / .milliseconds(1))
      let (granted, nodes) = try await pair(
        RedisLimitScripts.slots, names.slots(account),
        [node, "\(wanted)", "\(limit)", "\(milliseconds)"])
      state.withLock { $0.share.heard(account: account, nodes: Int(nodes)) }
      return Int(granted)
    } catch {
      leave(error)
      return alone()
    }
  }

  // MARK: Brands

  package func take(brand: String, day: Int64, segments: Int64, cap: Int64) async -> Int64 {
    guard segments > 0 else { return 0 }
    let key = LocalShare.BrandDay(brand: brand, day: day)
    let alone = { [self] in state.withLock { $0.share.take(key, segments, cap: cap) } }
    guard isPresent else { return alone() }
    do {
      let own = state.withLock { $0.share.own(key) }
      let (granted, used) = try await change(key, by: segments, own: own, cap: cap)
      state.withLock { $0.share.heard(key, used: used, change: granted) }
      return granted
    } catch {
      leave(error)
      return alone()
    }
  }

  package func giveBack(brand: String, day: Int64, segments: Int64) async {
    guard segments > 0 else { return }
    let key = LocalShare.BrandDay(brand: brand, day: day)
    guard isPresent else { return state.withLock { $0.share.giveBack(key, segments) } }
    let own = state.withLock { $0.share.willGiveBack(key, segments) }
    do {
      let (change, used) = try await change(key, by: -segments, own: own)
      state.withLock { $0.share.heard(key, used: used, change: segments + change) }
    } catch {
      leave(error)
      state.withLock { state in
        state.share.didNotGiveBack(key, segments)
        state.share.giveBack(key, segments)
      }
    }
  }

  package func used(brand: String, day: Int64) async -> Int64 {
    let key = LocalShare.BrandDay(brand: brand, day: day)
    let alone = { [self] in state.withLock { $0.share.used(key) } }
    guard isPresent else { return alone() }
    do {
      let own = state.withLock { $0.share.own(key) }
      let (_, used) = try await change(key, by: 0, own: own)
      state.withLock { $0.share.heard(key, used: used, change: 0) }
      return used
    } catch {
      leave(error)
      return alone()
    }
  }

  private func change(
    _ key: LocalShare.BrandDay, by segments: Int64, own: Int64, _ kind: RedisLimitScripts.Own = .atLeast,
    cap: Int64 = 0
  ) async throws(RedisFailure) -> (change: Int64, used: Int64) {
    try await pair(
      RedisLimitScripts.brandDay, names.brandDay(key.brand, key.day),
      [process, "\(own)", kind.rawValue, "\(segments)", "\(cap)", "\(Self.secondsKept)"])
  }

  private func pair(
    _ script: RedisScript, _ key: String, _ arguments: [String]
  ) async throws(RedisFailure) -> (Int64, Int64) {
    let reply = try await script.run(redis, key: key, arguments)
    guard let values = reply.integers, values.count == 2 else { throw .refused("an unexpected answer") }
    return (values[0], values[1])
  }

  // MARK: Away and back

  private var isPresent: Bool { state.withLock { !$0.away } }

  private func leave(_ failure: RedisFailure) {
    let left = state.withLock { state in
      guard !state.away, !state.closed else { return false }
      state.away = true
      state.share.markAllUnreported()
      state.returning = Task { await self.returnWhenPossible() }
      return true
    }
    guard left else { return }
    logger.warning(
      "Redis is away; shared limits are a safe local share until it is back", metadata: ["reason": "\(failure)"])
  }

  private func returnWhenPossible() async {
    while (try? await Task.sleep(for: askAgain)) != nil {
      guard await isToldEverything() else { continue }
      logger.notice("Redis is back; shared limits are shared again")
      return
    }
  }

  /// Reports to Redis what this process uses of each brand's day; present again once nothing is left to report.
  private func isToldEverything() async -> Bool {
    guard (try? await redis.call(["PING"])) != nil else { return false }
    while let (key, own) = nextUnreported() {
      do {
        let (_, used) = try await change(key, by: 0, own: own, .exactly)
        state.withLock { $0.share.reported(key, used: used) }
      } catch {
        state.withLock { $0.share.markUnreported(key) }
        return false
      }
    }
    return isPresent
  }

  private func nextUnreported() -> (LocalShare.BrandDay, own: Int64)? {
    state.withLock { state in
      guard let key = state.share.nextUnreported() else {
        state.away = false
        return nil
      }
      return (key, state.share.own(key))
    }
  }
}
