import Foundation
import GRDB
import TenantRuntime
import TestKit
import Testing

@testable import ControlPlane

@Suite struct ArchivingTests {
  private static let operate = Caller.command("test")

  private func control(_ server: TestServer) -> String { "\(server.folder.path)/control.sqlite" }

  /// Nothing can be written of it between the two: as when the server ends there.
  @Test func anArchivingThatIsCutOffLeavesTheTenantAsItWas() async throws {
    let server = try await TestServer.provisioned("acme")
    try server.edit(
      control(server),
      """
      CREATE TRIGGER cut_off BEFORE UPDATE ON tenants WHEN OLD.state = 'paused'
      BEGIN SELECT RAISE(ABORT, 'the server has ended'); END
      """)
    for isAnEnd in [false, true] {
      let controlPlane = try server.begin()
      let command: Command =
        isAnEnd ? .delete(key: "acme", confirm: "acme", asTenant: false) : .archive(key: "acme", reason: "moving")
      await #expect(throws: (any Error).self) { try await controlPlane.perform(command, by: Self.operate) }
      #expect(try controlPlane.tenant("acme").state == .active && controlPlane.tenant("acme").deleteAfter == nil)
      try await controlPlane.open.with("acme") { _ in }
      await controlPlane.shutDown()
    }
    try server.edit(control(server), "DROP TRIGGER cut_off")
    let controlPlane = try server.begin()
    _ = try await controlPlane.perform(.archive(key: "acme", reason: "moving"), by: Self.operate)
    #expect(try controlPlane.tenant("acme").state == .archived && controlPlane.tenant("acme").reason == "moving")
    #expect(try await controlPlane.perform(.unarchive(key: "acme"), by: Self.operate)["state"] == "active")
    await controlPlane.shutDown()
  }

  @Test func hostsThatTheirOwnerHadProvedAreCheckedAgainAndThoseOfTheOperatorsWordComeBack() async throws {
    let server = try await TestServer.provisioned("acme")
    let controlPlane = try server.begin()
    for host in ["go.acme.test", "proved.acme.test"] {
      _ = try await controlPlane.perform(.addHost(key: "acme", host: host), by: Self.operate)
    }
    let at = controlPlane.now()
    try await controlPlane.directory.file.write { db in
      try db.execute(
        sql: "UPDATE link_hosts SET checked_at = ? WHERE host = ?", arguments: [at, "proved.acme.test"])
    }
    _ = try await controlPlane.perform(.makeDefaultHost(key: "acme", host: "proved.acme.test"), by: Self.operate)
    _ = try await controlPlane.perform(.archive(key: "acme", reason: "moving"), by: Self.operate)
    let answer = try await controlPlane.perform(.unarchive(key: "acme"), by: Self.operate)
    #expect(answer["hosts"] == ["go.acme.test"] && answer["not_given_back"] == ["proved.acme.test"])
    let hosts = try await controlPlane.commands.hosts.all(of: "acme")
    #expect(hosts.map(\.state) == [.verified, .pending] && hosts.map(\.isDefault) == [false, false])
    await controlPlane.shutDown()
  }
}
