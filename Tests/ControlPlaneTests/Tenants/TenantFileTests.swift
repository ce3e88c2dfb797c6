import Foundation
import GRDB
import TenantRuntime
import TestKit
import Testing

@testable import ControlPlane

/// Which files are opened as a tenant's, and what is said of others.
@Suite struct TenantFileTests {
  private func reason(_ controlPlane: ControlPlane, _ key: String) async -> String {
    do { try await controlPlane.open.with(key) { _ in } } catch {
      return (error as? Refusal)?.detail ?? "\(error)"
    }
    return "opened"
  }

  /// Without SQLite's three counters of changes, which rise by the mere opening: GRDB makes and drops a table where a WAL is empty.
  private func contents(_ path: String) -> Data? {
    guard var bytes = FileManager.default.contents(atPath: path) else { return nil }
    for offset in [24, 40, 92] where bytes.count >= 100 {
      bytes.replaceSubrange(offset..<offset + 4, with: [UInt8](repeating: 0, count: 4))
    }
    return bytes
  }

  /// Refused, again and again, with nothing written into the file or beside it, while another tenant is served; the right file put in its place is
  /// opened without a new start.
  private func expectRefusal(_ word: String, _ spoil: (TestServer) throws -> Void) async throws {
    let server = try await TestServer.provisioned("acme", "beta")
    let right = "\(server.folder.path)/right"
    try FileManager.default.copyItem(atPath: server.path("acme"), toPath: right)
    try spoil(server)
    let spoilt = contents(server.path("acme"))
    let controlPlane = try server.begin()
    for _ in 0..<2 {
      let said = await reason(controlPlane, "acme")
      #expect(said.contains(word), "\(said)")
    }
    #expect(await reason(controlPlane, "beta") == "opened")
    #expect(await !controlPlane.isOpen("acme"))
    #expect(contents(server.path("acme")) == spoilt)
    #expect(try server.names("acme").filter { $0 != "tenant.sqlite" } == [])
    for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: server.path("acme") + suffix) }
    try FileManager.default.copyItem(atPath: right, toPath: server.path("acme"))
    #expect(await reason(controlPlane, "acme") == "opened")
    await controlPlane.shutDown()
  }

  @Test func aMissingFileIsNotMadeAnew() async throws {
    try await expectRefusal("missing") { try FileManager.default.removeItem(atPath: $0.path("acme")) }
  }

  @Test(arguments: ["", "words", "SQLite format 3\0 and no more", String(repeating: "x", count: 8_192)])
  func whatIsNoDatabaseIsDamaged(_ text: String) async throws {
    try await expectRefusal("damaged") { try Data(text.utf8).write(to: URL(fileURLWithPath: $0.path("acme"))) }
  }

  @Test func aDatabaseOfAnotherProgramIsNotTouched() async throws {
    try await expectRefusal("not a tenant's file") {
      try FileManager.default.removeItem(atPath: $0.path("acme"))
      try $0.edit($0.path("acme"), "CREATE TABLE contacts (id INTEGER)")
    }
    try await expectRefusal("not a tenant's file") { try $0.edit($0.path("acme"), "PRAGMA application_id = 7") }
  }

  @Test func ourOwnOtherFilesAreNoTenantFiles() async throws {
    for name in ["control.sqlite", "intake.sqlite"] {
      try await expectRefusal("not a tenant's file") {
        try FileManager.default.removeItem(atPath: $0.path("acme"))
        try FileManager.default.copyItem(atPath: "\($0.folder.path)/\(name)", toPath: $0.path("acme"))
      }
    }
  }

  @Test func anotherTenantsFileIsNotServedUnderThisName() async throws {
    try await expectRefusal("belongs to another tenant") {
      try FileManager.default.removeItem(atPath: $0.path("acme"))
      try FileManager.default.copyItem(atPath: $0.path("beta"), toPath: $0.path("acme"))
    }
  }

  @Test func aFileOfALaterProgramIsLeftAsItIs() async throws {
    let version = TenantMigrations.all.count + 1
    try await expectRefusal("schema \(version)") { try $0.edit($0.path("acme"), "PRAGMA user_version = \(version)") }
  }

  @Test func aFileWithoutIdentityIsNobodys() async throws {
    try await expectRefusal("no identity") { try $0.edit($0.path("acme"), "DELETE FROM identity") }
  }

  @Test func aCopyTextsNobodyUntilAPersonSaysSo() async throws {
    let server = try await TestServer.provisioned("acme")
    let copy = "\(server.folder.path)/copy.sqlite"
    var controlPlane = try server.begin()
    #expect(try await controlPlane.fence("acme") == nil)
    _ = try await controlPlane.perform(.backup(key: "acme", to: copy), by: .command("test"))
    #expect(try await controlPlane.fence("acme") == nil, "the file itself is no copy")
    await controlPlane.shutDown()
    try FileManager.default.removeItem(atPath: server.path("acme"))
    try FileManager.default.copyItem(atPath: copy, toPath: server.path("acme"))
    controlPlane = try server.begin()
    #expect(try await controlPlane.fence("acme")?.contains("backup") == true)
    _ = try await controlPlane.perform(.unfence(key: "acme"), by: .command("test"))
    await controlPlane.shutDown()
    controlPlane = try server.begin()
    #expect(try await controlPlane.fence("acme") == nil)
    await controlPlane.shutDown()
  }

  @Test func aFileOfTheSameTenantElsewhereIsFenced() async throws {
    let (server, elsewhere) = (try await TestServer.provisioned("acme"), try await TestServer.provisioned("acme"))
    try FileManager.default.removeItem(atPath: server.path("acme"))
    try FileManager.default.copyItem(atPath: elsewhere.path("acme"), toPath: server.path("acme"))
    let controlPlane = try server.begin()
    #expect(try await controlPlane.fence("acme") == "the file is another one than this tenant's")
    await controlPlane.shutDown()
  }

  @Test func aCopyToLookIntoDeliversNothingThatTheOriginalHadWaiting() async throws {
    let server = try await TestServer.provisioned("acme")
    try server.edit(
      server.path("acme"),
      """
      INSERT INTO webhook_endpoints (id, url, secret, enabled_at, created_by, created_at) VALUES (1, 'https://crm.test', 's', 1, 'a', 1);
      INSERT INTO events (at, type, data) VALUES (1, 'campaign.completed', '{}');
      """)
    let copy = "\(server.folder.path)/copy.sqlite"
    let controlPlane = try server.begin()
    _ = try await controlPlane.perform(.backup(key: "acme", to: copy), by: .command("test"))
    #expect(try TestServer.read(copy) { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM outbox") } == 1)
    _ = try await controlPlane.perform(.restoreAs(key: "acme", from: copy, other: "look"), by: .command("test"))
    _ = try await controlPlane.perform(.unfence(key: "look"), by: .command("test"))
    let waiting = try await controlPlane.open.with("look") { runtime in
      try await runtime.file.read { db in
        try Int.fetchOne(
          db, sql: "SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM webhook_endpoints WHERE enabled = 1)")
      }
    }
    #expect(waiting == 0)
    await controlPlane.shutDown()
    let original = try TestServer.read(server.path("acme")) { db in
      try Int.fetchOne(db, sql: "SELECT count(*) FROM webhook_endpoints WHERE enabled = 1")
    }
    #expect(original == 1)
  }

  /// It had moved the file aside and not yet put the other one in its place.
  @Test func aRestoreThatWasCutOffIsTakenUpByTheNext() async throws {
    let server = try await TestServer.provisioned("acme")
    let copy = "\(server.folder.path)/copy.sqlite"
    let controlPlane = try server.begin()
    _ = try await controlPlane.perform(.backup(key: "acme", to: copy), by: .command("test"))
    _ = try await controlPlane.perform(.pause(key: "acme", reason: "look"), by: .command("test"))
    try FileManager.default.moveItem(atPath: server.path("acme"), toPath: server.path("acme") + ".replaced")
    _ = try await controlPlane.perform(.restore(key: "acme", from: copy), by: .command("test"))
    #expect(controlPlane.routing.tenants["acme"]?.state == .active)
    #expect(try await controlPlane.fence("acme")?.contains("backup") == true)
    #expect(try !server.names("acme").contains { $0.hasSuffix(".replaced") || $0.hasSuffix(".restore") })
    await controlPlane.shutDown()
  }
}
