import Foundation
import GRDB
import GRDBSQLite
import Synchronization
import TenantRuntime
import TestKit
import Testing

@testable import ControlPlane

/// The cap of open tenant files.
@Suite(.timeLimit(.minutes(5))) struct OpenFilesTests {
  private func use(_ controlPlane: ControlPlane, _ keys: String...) async throws {
    for key in keys { try await controlPlane.open.with(key) { _ in } }
  }

  private func open(_ controlPlane: ControlPlane) async -> [String] { await controlPlane.open.keys.sorted() }

  /// Borrows a file until `done`.
  private func hold(_ controlPlane: ControlPlane, _ key: String, until done: Signal) async -> Task<Void, any Error> {
    let begun = Signal()
    let task = Task {
      try await controlPlane.open.with(key) { runtime in
        begun.give()
        await done.wait()
        // Still the same open file.
        _ = try await runtime.file.read { db in try Identity.read(db) }
      }
    }
    await begun.wait()
    return task
  }

  @Test func beyondTheCapTheFileIsClosedThatWasUsedLongestAgo() async throws {
    let server = try await TestServer.provisioned("aa", "bb", "cc", "dd")
    let controlPlane = try server.begin(openFiles: 2)
    try await use(controlPlane, "aa", "bb", "aa", "cc")
    #expect(await open(controlPlane) == ["aa", "cc"])
    #expect(try server.names("bb") == ["tenant.sqlite"], "it was closed whole")
    try await use(controlPlane, "dd")
    #expect(await open(controlPlane) == ["cc", "dd"])
    try await use(controlPlane, "bb", "bb")
    #expect(await open(controlPlane) == ["bb", "dd"])
    await controlPlane.shutDown()
  }

  @Test func aFileThatDoesNotCloseIsNeverOpenedBesideItself() async throws {
    let server = try await TestServer.provisioned("aa", "bb")
    let controlPlane = try server.begin(openFiles: 1)
    try await use(controlPlane, "aa")
    let first = try #require(await controlPlane.open.peek("aa"))
    // SQLite closes no connection of which a statement is left.
    let left = Mutex<UInt>(0)
    try await first.file.read { db in
      var statement: OpaquePointer?
      #expect(sqlite3_prepare_v2(db.sqliteConnection, "SELECT 1", -1, &statement, nil) == SQLITE_OK)
      left.withLock { $0 = UInt(bitPattern: statement) }
    }
    try await use(controlPlane, "bb")
    #expect(await open(controlPlane) == ["aa", "bb"], "the cap gives way")
    try await controlPlane.open.with("aa") { runtime in
      #expect(runtime === first)
      _ = try await runtime.file.read { db in try Identity.read(db) }
    }
    sqlite3_finalize(OpaquePointer(bitPattern: left.withLock { $0 }))
    await controlPlane.shutDown()
    #expect(try server.names("aa") == ["tenant.sqlite"])
  }

  @Test func aFileInUseIsNeverClosedAndTheCapGivesWay() async throws {
    let server = try await TestServer.provisioned("aa", "bb", "cc", "dd")
    let controlPlane = try server.begin(openFiles: 2)
    let (first, second) = (Signal(), Signal())
    let one = await hold(controlPlane, "aa", until: first)
    try await use(controlPlane, "bb", "cc", "dd")
    #expect(await open(controlPlane) == ["aa", "dd"], "the oldest is in use")
    let two = await hold(controlPlane, "dd", until: second)
    try await use(controlPlane, "bb")
    #expect(await open(controlPlane) == ["aa", "bb", "dd"], "both are in use")
    first.give()
    second.give()
    try await one.value
    try await two.value
    try await use(controlPlane, "cc")
    #expect(await open(controlPlane) == ["bb", "cc"], "aa and dd have been used longest ago by then")
    await controlPlane.shutDown()
  }

  @Test func aFileIsInUseAsLongAsOneOfItsUsersIs() async throws {
    let server = try await TestServer.provisioned("aa", "bb", "cc")
    let controlPlane = try server.begin(openFiles: 1)
    let (first, second) = (Signal(), Signal())
    let one = await hold(controlPlane, "aa", until: first)
    let two = await hold(controlPlane, "aa", until: second)
    first.give()
    try await one.value
    try await use(controlPlane, "bb")
    #expect(await open(controlPlane).contains("aa"))
    second.give()
    try await two.value
    try await use(controlPlane, "cc")
    #expect(await open(controlPlane) == ["cc"])
    await controlPlane.shutDown()
  }

  /// Many tasks over more tenants than may be open: each write is in its file, and no file is opened twice at once.
  @Test func whatManyWriteWhileFilesComeAndGoIsThere() async throws {
    let server = try await TestServer.provisioned("aa", "bb", "cc", "dd", "ee")
    let controlPlane = try server.begin(openFiles: 2)
    let keys = ["aa", "bb", "cc", "dd", "ee"]
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<100 {
        group.addTask {
          try await controlPlane.open.with(keys[index % 5]) { runtime in
            try await runtime.file.write { db in
              try db.execute(
                sql: "INSERT INTO audit_log (at, actor, action, subject) VALUES (?, 'test', 'write', '')",
                arguments: [index])
            }
          }
        }
      }
      try await group.waitForAll()
    }
    await controlPlane.shutDown()
    for (index, key) in keys.enumerated() {
      let written = try TestServer.read(server.path(key)) { db in
        try Int.fetchAll(db, sql: "SELECT at FROM audit_log WHERE actor = 'test' ORDER BY at")
      }
      #expect(written == Array(stride(from: index, to: 100, by: 5)))
      #expect(try server.names(key) == ["tenant.sqlite"])
    }
  }
}
