package import Logging
package import TenantRuntime

package enum ChosenLimits {
  /// Kept in Redis when there is one to share with other nodes, else in this node's memory and its control file.
  /// `node` is this node's name, the same after a restart and different from every other's.
  package static func make(
    redisURL: String?, names: RedisNames, file: SQLiteFile, node: String, logger: Logger,
    now: @escaping @Sendable () -> Moment
  ) throws -> any NodeLimits {
    if let redisURL { return try RedisLimits(redisURL: redisURL, names: names, node: node, logger: logger) }
    return EmbeddedLimits(store: EmbeddedLimits.Store(file: file, now: now, logger: logger), node: node)
  }

  /// Counted in Redis when there is one, else in this process.
  package static func rates(
    redisURL: String?, names: RedisNames, logger: Logger, now: @escaping @Sendable () -> Moment
  ) throws -> any RateLimits {
    if let redisURL { return try RedisRateLimits(redisURL: redisURL, names: names, logger: logger, now: now) }
    return MemoryRateLimits(now: now)
  }
}
