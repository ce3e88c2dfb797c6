import Foundation
import GRDB
import TenantRuntime
import TestKit
import Testing

@testable import ControlPlane

/// A backup is one whole file under its name, or nothing.
@Suite(.timeLimit(.minutes(5))) struct BackupTests {
  private func backup(_ controlPlane: ControlPlane, to path: String) async throws {
    _ = try await controlPlane.perform(.backup(key: "acme", to: path), by: .command("test"))
  }

  private func names(_ server: TestServer) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: server.folder.path).filter { $0.contains("copy") }.sorted()
  }

  /// Each transaction writes two rows: a copy that was made in between has an odd number.
  @Test func aCopyMadeWhileTheTenantWritesIsWhole() async throws {
    let server = try await TestServer.provisioned("acme")
    let controlPlane = try server.begin()
    let begun = Signal()
    let writer = Task {
      var written = 0
      while !Task.isCancelled {
        let pair = written
        try await controlPlane.open.with("acme") { runtime in
          try await runtime.file.write { db in
            for row in [2 * pair, 2 * pair + 1] {
              try db.execute(
                sql: "INSERT INTO audit_log (at, actor, action, subject) VALUES (?, 'test', 'write', ?)",
                arguments: [row, String(repeating: "x", count: 2_000)])
            }
          }
        }
        written += 1
        if written == 20 { begun.give() }
      }
      return written
    }
    await begun.wait()
    var counts: [Int] = []
    for index in 0..<5 {
      let path = "\(server.folder.path)/copy\(index)"
      try await backup(controlPlane, to: path)
      counts.append(
        try TestServer.read(path) { db in
          #expect(try String.fetchOne(db, sql: "PRAGMA integrity_check") == "ok")
          #expect(try Identity.read(db)?.fence?.contains("backup") == true)
          let rows = try Int.fetchAll(db, sql: "SELECT at FROM audit_log WHERE actor = 'test' ORDER BY at")
          #expect(rows == Array(0..<rows.count) && rows.count % 2 == 0)
          return rows.count
        })
    }
    writer.cancel()
    // The last of its writes may be the one that was cancelled.
    _ = await writer.result
    #expect(counts == counts.sorted() && counts[0] >= 40)
    #expect(try names(server) == (0..<5).map { "copy\($0)" }, "nothing lies beside them")
    await controlPlane.shutDown()
  }

  /// Others keep files beside the folders, and folders that the server may not read.
  @Test func whatIsNoReadableFolderIsLeftOutOfTheListAndNamed() async throws {
    struct Closed: Error {}
    let server = try await TestServer.provisioned("acme")
    let controlPlane = try server.begin()
    var backups = controlPlane.commands.backups
    try await backup(controlPlane, to: try backups.newPath(of: "acme").path)
    let all = "\(server.folder.path)/backups"
    try Data("mine".utf8).write(to: URL(fileURLWithPath: "\(all)/notes"))
    try FileManager.default.createDirectory(atPath: "\(all)/old", withIntermediateDirectories: true)
    backups.list = { path in
      if path.hasSuffix("/old") { throw Closed() }
      return try FileManager.default.contentsOfDirectory(atPath: path)
    }
    #expect(try await backups.page(of: nil, behind: .max, atMost: 9).map(\.tenant) == ["acme"])
    #expect(try await backups.tenants() == ["acme"])
    #expect(try await backups.unreadable() == ["old"])
    for key in ["notes", "old", "nobody"] {
      #expect(try await backups.page(of: key, behind: .max, atMost: 9).isEmpty)
    }
    await controlPlane.shutDown()
  }

  @Test func aCopyIsForNobodyElseOnThisMachine() async throws {
    let server = try await TestServer.provisioned("acme")
    let controlPlane = try server.begin()
    let path = "\(server.folder.path)/copy"
    try await backup(controlPlane, to: path)
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    await controlPlane.shutDown()
  }

  @Test func aFileThatIsThereIsNotOverwritten() async throws {
    let server = try await TestServer.provisioned("acme")
    let controlPlane = try server.begin()
    let path = "\(server.folder.path)/copy"
    try Data("mine".utf8).write(to: URL(fileURLWithPath: path))
    await #expect { try await backup(controlPlane, to: path) } throws: {
      if case Refusal.conflict = $0 { true } else { false }
    }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "mine" && names(server) == ["copy"])
    await controlPlane.shutDown()
  }

  /// A file with another schema than ours is no backup that could be restored.
  @Test func aCopyThatIsNotSoundLeavesNothing() async throws {
    let server = try await TestServer.provisioned("acme")
    try server.edit(server.path("acme"), "CREATE TABLE strange (id INTEGER)")
    let controlPlane = try server.begin()
    for _ in 0..<2 {
      await #expect { try await backup(controlPlane, to: "\(server.folder.path)/copy") } throws: {
        "\($0)".contains("strange")
      }
      #expect(try names(server) == [])
    }
    await controlPlane.shutDown()
  }

  @Test func whatAKilledBackupHasLeftIsSweptByTheNext() async throws {
    let server = try await TestServer.provisioned("acme")
    let controlPlane = try server.begin()
    let path = "\(server.folder.path)/copy"
    try Data("half of a copy".utf8).write(to: URL(fileURLWithPath: path + ".part"))
    try await backup(controlPlane, to: path)
    #expect(try names(server) == ["copy"])
    try TenantFiles(data: server.folder.path).check(path, belongsTo: "acme")
    await controlPlane.shutDown()
  }

  @Test func aPausedTenantsFileIsCopiedAsItLies() async throws {
    let server = try await TestServer.provisioned("acme")
    let controlPlane = try server.begin()
    _ = try await controlPlane.perform(.pause(key: "acme", reason: "look"), by: .command("test"))
    let before = FileManager.default.contents(atPath: server.path("acme"))
    try await backup(controlPlane, to: "\(server.folder.path)/copy")
    #expect(FileManager.default.contents(atPath: server.path("acme")) == before)
    #expect(try server.names("acme") == ["tenant.sqlite"])
    #expect(await !controlPlane.isOpen("acme"))
    #expect(try TestServer.read(server.path("acme")) { db in try Identity.read(db)?.fence } == nil)
    await controlPlane.shutDown()
  }
}
