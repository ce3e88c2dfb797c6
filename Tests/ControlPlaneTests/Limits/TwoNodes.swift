import ControlPlane
import Dispatch
import Foundation
import Logging
import Synchronization
import TenantRuntime
import TestKit

enum Keeper: CaseIterable, Sendable { case embedded, redis }

/// Two nodes that share one keeper of limits.
struct TwoNodes: Sendable {
  let first: any NodeLimits
  let second: any NodeLimits
  private let world: World

  var all: [any NodeLimits] { [first, second] }

  /// Redis has a clock of its own, so its leases are longer than any test takes on a busy machine; the embedded store's clock is
  /// the test's.
  private static let redisLease: Duration = .seconds(600)

  init(_ keeper: Keeper) throws {
    let world = try World(keeper)
    self.world = world
    if let server = world.server {
      // On a busy machine a slow answer must not become a local share.
      first = try RedisLimits(
        redisURL: server.url, names: .ofTests, node: "one", logger: .silent, timeout: .seconds(10),
        lease: Self.redisLease)
      second = try RedisLimits(
        redisURL: server.url, names: .ofTests, node: "two", logger: .silent, timeout: .seconds(10),
        lease: Self.redisLease)
    } else {
      let store = EmbeddedLimits.Store(
        file: try world.folder.controlFile(), now: { world.clock.withLock { $0 } }, logger: .silent)
      first = EmbeddedLimits(store: store, node: "one")
      second = EmbeddedLimits(store: store, node: "two")
    }
  }

  /// As much time passes as a lease lasts: by the embedded store's clock, and in Redis by bringing every lease's end forward.
  func letLeasesRunOut() {
    world.clock.withLock { $0 = $0.advanced(bySeconds: SlotLease.seconds) }
    world.server?.say(
      """
      EVAL "for _, key in ipairs(redis.call('KEYS', 'roundhouse:{*:slots:*')) do \
      local grants = redis.call('HGETALL', key) \
      for i = 1, #grants, 2 do \
      local slots, ends = string.match(grants[i + 1], '(%d+) (%d+)') \
      redis.call('HSET', key, grants[i], string.format('%d %d', slots, ends - \(Self.redisLease.components.seconds * 1000))) \
      end end" 0
      """)
  }

  func end() async {
    for node in all { await node.shutDown() }
    world.server?.kill()
  }
}

private final class World: Sendable {
  let folder: TestFolder
  let server: RedisServer?
  let clock = Mutex(Moment(milliseconds: 1_795_500_000_000))

  init(_ keeper: Keeper) throws {
    folder = try TestFolder()
    server = keeper == .redis ? try RedisServer() : nil
  }
}

extension RedisNames {
  static let ofTests = RedisNames(installation: Data(repeating: 1, count: 32))
  static let ofAnother = RedisNames(installation: Data(repeating: 2, count: 32))
}

extension TestFolder {
  func controlFile() throws -> SQLiteFile {
    let file = try SQLiteFile(path: "\(path)/control.sqlite", lanes: StorageLanes(label: "test"))
    try file.migrateNow(ControlMigrations.all, applicationID: ControlMigrations.applicationID)
    return file
  }
}

extension Logger {
  static var silent: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}

/// Looks again until it is so, for at most some 20 s.
func eventually(_ isSo: () async -> Bool) async -> Bool {
  for _ in 0..<400 {
    if await isSo() { return true }
    try? await Task.sleep(for: .milliseconds(50))
  }
  return false
}
