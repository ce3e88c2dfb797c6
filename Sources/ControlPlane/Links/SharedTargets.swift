import Foundation
package import Logging
import NIOCore
import Synchronization
package import TenantRuntime

/// Where links lead, kept in Redis for every node: asked when a tenant's file is not open, so that the links of a paused tenant go on, also
/// after a restart.
///
///     hash of a tenant (`RedisNames`)   v: how often something has changed · one field per token: its resolution as JSON
///
/// Invariants:
/// - what was read from a file before a change is never kept after it: it is kept only under the version seen before the file was asked;
/// - a change that Redis could not be informed of makes what it has of that tenant worthless here until it has been informed;
/// - nobody waits for a Redis that is away longer than the client's deadline, and what is lost is only looked up again.
///
/// A file that is opened forgets what Redis has of its tenant: it may be an older one put back, or a change may have been lost with us.
package final class SharedTargets: Sendable {
  private struct State {
    var unreported: Set<String> = []
    var isAway = false
  }

  private let redis: RedisClient
  private let names: RedisNames
  private let logger: Logger
  private let state = Mutex(State())
  private static let secondsKept = 86_400
  /// Fields of a tenant's hash; beyond it begins anew.
  private static let mostOfTenant = 50_000

  package init(redisURL: String, names: RedisNames, logger: Logger, timeout: Duration = .milliseconds(250)) throws {
    self.names = names
    redis = RedisClient(try RedisAddress(redisURL), timeout: TimeAmount(timeout))
    self.logger = logger
  }

  package func close() async { await redis.close() }

  /// What Redis knows of a token, and under which version what the file says may be kept; nil: Redis is away.
  package func find(_ token: LinkToken, tenant: String) async -> (resolution: LinkResolution?, version: String)? {
    guard await hasTold(tenant) else { return nil }
    do {
      let reply = try await redis.call(["HMGET", names.links(tenant), "v", Self.field(token)])
      heard()
      guard case .list(let values) = reply, values.count == 2 else { return nil }
      return (values[1].text.flatMap(Self.resolution), values[0].text ?? "0")
    } catch {
      missed(error)
      return nil
    }
  }

  package func keep(_ resolution: LinkResolution, of token: LinkToken, tenant: String, version: String) async {
    guard let text = Self.text(resolution) else { return }
    do {
      _ = try await Self.keeping.run(
        redis, key: names.links(tenant),
        [version, Self.field(token), text, "\(Self.mostOfTenant)", "\(Self.secondsKept)"])
      heard()
    } catch { missed(error) }
  }

  /// A link of the tenant is other than before, or its file another. From now on nothing older is believed here; Redis is informed next.
  package func forgetSoon(tenant: String) {
    state.withLock { _ = $0.unreported.insert(tenant) }
    Task { await hasTold(tenant) }
  }

  package func forget(tenant: String) async {
    state.withLock { _ = $0.unreported.insert(tenant) }
    await hasTold(tenant)
  }

  @discardableResult private func hasTold(_ tenant: String) async -> Bool {
    guard state.withLock({ $0.unreported.contains(tenant) }) else { return true }
    // Anyone who changes something meanwhile puts the tenant in once more, and informs it again.
    state.withLock { _ = $0.unreported.remove(tenant) }
    do {
      _ = try await Self.forgetting.run(redis, key: names.links(tenant), ["\(Self.secondsKept)"])
      heard()
      return true
    } catch {
      state.withLock { _ = $0.unreported.insert(tenant) }
      missed(error)
      return false
    }
  }

  private static let keeping = RedisScript(
    """
    if (redis.call('HGET', KEYS[1], 'v') or '0') ~= ARGV[1] then return 0 end
    if redis.call('HLEN', KEYS[1]) > tonumber(ARGV[4]) then
      redis.call('DEL', KEYS[1])
      redis.call('HSET', KEYS[1], 'v', ARGV[1])
    end
    redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
    redis.call('EXPIRE', KEYS[1], ARGV[5])
    return 1
    """)
  private static let forgetting = RedisScript(
    """
    local version = redis.call('HINCRBY', KEYS[1], 'v', 1)
    redis.call('DEL', KEYS[1])
    redis.call('HSET', KEYS[1], 'v', version)
    redis.call('EXPIRE', KEYS[1], ARGV[1])
    return version
    """)

  // MARK: Words

  private static func field(_ token: LinkToken) -> String {
    switch token {
    case .link(let job, let number): "l\(job).\(number)"
    case .own(let code): "o\(code)"
    case .page(let job): "p\(job)"
    }
  }

  /// Targets made from a contact's data go with the contact, so they are not kept; nor is what is not there yet.
  private static func text(_ resolution: LinkResolution) -> String? {
    switch resolution {
    case .unknown: nil
    case .open(let link) where link.isPersonal: nil
    case .closed, .open: resolution.shared.serialized
    }
  }

  private static func resolution(_ text: String) -> LinkResolution? {
    (try? JSON(parsing: text)).flatMap(LinkResolution.init(shared:))
  }

  // MARK: Away and back

  private func missed(_ failure: any Error) {
    let isNew = state.withLock { state in
      defer { state.isAway = true }
      return !state.isAway
    }
    if isNew { logger.warning("Redis is away; links are asked of the files", metadata: ["error": "\(failure)"]) }
  }

  private func heard() {
    let isNew = state.withLock { state in
      defer { state.isAway = false }
      return state.isAway
    }
    if isNew { logger.notice("Redis is back; links are shared") }
  }
}
