import ControlPlane
import Dispatch
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

  /// `lease` is for Redis, which has a clock of its own; the embedded store's clock is the test's.
  init(_ keeper: Keeper, lease: Duration = .seconds(SlotLease.seconds)) throws {
    let world = try World(keeper)
    self.world = world
    if let server = world.server {
      // On a busy machine a slow answer must not become a local share.
      first = try RedisLimits(
        redisURL: server.url, node: "one", logger: .silent, timeout: .seconds(10), lease: lease)
      second = try RedisLimits(
        redisURL: server.url, node: "two", logger: .silent, timeout: .seconds(10), lease: lease)
    } else {
      let store = EmbeddedLimits.Store(
        file: try world.folder.controlFile(), now: { world.clock.withLock { $0 } }, logger: .silent)
      first = EmbeddedLimits(store: store, node: "one")
      second = EmbeddedLimits(store: store, node: "two")
    }
  }

  func letLeasesRunOut() { world.clock.withLock { $0 = $0.advanced(bySeconds: SlotLease.seconds) } }

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

extension TestFolder {
  func controlFile() throws -> SQLiteFile {
    let file = try SQLiteFile(path: "\(path)/control.sqlite", lane: DispatchQueue(label: "test"))
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
