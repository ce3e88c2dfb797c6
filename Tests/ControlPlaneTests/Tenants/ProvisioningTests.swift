import Foundation
import GRDB
import TenantRuntime
import TestKit
import Testing

@testable import ControlPlane

/// A tenant is a file and a row. Wherever making it is cut off, it is finished later or made anew, and never half there.
@Suite struct ProvisioningTests {
  private func expectWhole(_ controlPlane: ControlPlane, _ server: TestServer, _ key: String) async throws {
    let instance = try await controlPlane.open.with(key) { runtime in
      try await runtime.file.read { db in try Identity.read(db)?.instance }
    }
    #expect(instance == controlPlane.routing.tenants[key]?.instance && instance != nil)
    #expect(try server.names(key).filter { !$0.hasPrefix("tenant.sqlite-") } == ["tenant.sqlite"])
    let owners = try await controlPlane.directory.file.read { db in
      try String.fetchAll(
        db, sql: "SELECT email FROM users JOIN memberships ON user_id = users.id WHERE tenant_key = ?", arguments: [key]
      )
    }
    #expect(owners == ["o@\(key).test"])
  }

  /// The file is made by then, and of the row's transaction nothing may be left.
  @Test(arguments: ["tenants", "audit_log", "users", "memberships"])
  func whatCannotBeWrittenDownLeavesNoTenantAndCanBeAskedForAgain(_ table: String) async throws {
    let server = try TestServer()
    var controlPlane = try server.begin()
    try await controlPlane.directory.file.write { db in
      try db.execute(
        sql: "CREATE TRIGGER full BEFORE INSERT ON \(table) BEGIN SELECT RAISE(ABORT, 'disk full'); END")
    }
    for _ in 0..<2 {
      await #expect { try await controlPlane.perform(TestServer.create("acme"), by: .command("test")) } throws: {
        "\($0)".contains("disk full")
      }
    }
    #expect(controlPlane.routing.tenants["acme"] == nil && !FileManager.default.fileExists(atPath: server.path("acme")))
    let rows = try await controlPlane.directory.file.read { db in
      try Int.fetchOne(
        db,
        sql: "SELECT (SELECT count(*) FROM tenants) + (SELECT count(*) FROM users) + (SELECT count(*) FROM memberships)"
      )
    }
    #expect(rows == 0)
    // Also by the next server.
    await controlPlane.shutDown()
    controlPlane = try server.begin()
    #expect(controlPlane.routing.tenants["acme"] == nil)
    try await controlPlane.directory.file.write { db in try db.execute(sql: "DROP TRIGGER full") }
    _ = try await controlPlane.perform(TestServer.create("acme"), by: .command("test"))
    try await expectWhole(controlPlane, server, "acme")
    await controlPlane.shutDown()
  }

  @Test func aFileThatCannotBeMadeLeavesNoTenant() async throws {
    let server = try TestServer()
    let controlPlane = try server.begin()
    let folder = "\(server.folder.path)/tenants/acme"
    try FileManager.default.createDirectory(atPath: "\(server.folder.path)/tenants", withIntermediateDirectories: true)
    try Data("in the way".utf8).write(to: URL(fileURLWithPath: folder))
    await #expect(throws: (any Error).self) {
      try await controlPlane.perform(TestServer.create("acme"), by: .command("test"))
    }
    #expect(controlPlane.routing.tenants["acme"] == nil)
    try FileManager.default.removeItem(atPath: folder)
    _ = try await controlPlane.perform(TestServer.create("acme"), by: .command("test"))
    try await expectWhole(controlPlane, server, "acme")
    await controlPlane.shutDown()
  }

  /// As after a kill between the row and the file's name: whoever opens it finishes it.
  @Test func aTenantWhoseFileIsNotInPlaceYetIsFinishedWhenItIsOpened() async throws {
    let server = try await TestServer.provisioned("acme")
    #expect(rename(server.path("acme"), server.path("acme") + ".new") == 0)
    let controlPlane = try server.begin()
    try await expectWhole(controlPlane, server, "acme")
    #expect(try await controlPlane.fence("acme") == nil)
    await controlPlane.shutDown()
  }

  /// As after a kill before the row: what lies there is nobody's.
  @Test func whatAKilledServerHadBegunIsMadeAnew() async throws {
    let server = try TestServer()
    try FileManager.default.createDirectory(
      atPath: "\(server.folder.path)/tenants/acme", withIntermediateDirectories: true)
    for suffix in [".new", ".new-wal", ".new-shm"] {
      try Data("half of a file".utf8).write(to: URL(fileURLWithPath: server.path("acme") + suffix))
    }
    try Data("half of a file".utf8).write(to: URL(fileURLWithPath: "\(server.folder.path)/tenants/.template.sqlite"))
    let controlPlane = try server.begin()
    #expect(controlPlane.routing.tenants["acme"] == nil)
    _ = try await controlPlane.perform(TestServer.create("acme"), by: .command("test"))
    try await expectWhole(controlPlane, server, "acme")
    await controlPlane.shutDown()
  }

  @Test func aFileThatLiesThereIsNotTakenForANewTenants() async throws {
    let (server, elsewhere) = (try TestServer(), try await TestServer.provisioned("acme"))
    let controlPlane = try server.begin()
    try FileManager.default.createDirectory(
      atPath: "\(server.folder.path)/tenants/acme", withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: elsewhere.path("acme"), toPath: server.path("acme"))
    let before = FileManager.default.contents(atPath: server.path("acme"))
    await #expect { try await controlPlane.perform(TestServer.create("acme"), by: .command("test")) } throws: {
      if case Refusal.conflict = $0 { true } else { false }
    }
    #expect(FileManager.default.contents(atPath: server.path("acme")) == before)
    await controlPlane.shutDown()
  }

  /// The template is made by the first of them.
  @Test func tenantsMadeAtOnceHaveFilesOfTheirOwn() async throws {
    let server = try TestServer()
    let controlPlane = try server.begin()
    let keys = (0..<6).map { "tenant\($0)" }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for key in keys {
        group.addTask { _ = try await controlPlane.perform(TestServer.create(key), by: .command("test")) }
      }
      try await group.waitForAll()
    }
    for key in keys { try await expectWhole(controlPlane, server, key) }
    #expect(Set(controlPlane.routing.tenants.values.map(\.instance)).count == 6)
    #expect(Set(controlPlane.routing.tenants.values.compactMap { $0.linkKeys.all.first?.bytes }).count == 6)
    await controlPlane.shutDown()
  }
}
