import Foundation
import GRDB
import TenantRuntime
import TestKit
import Testing

@testable import ControlPlane

/// What `audit verify` finds of logs whose end was cut off, and of files that were put back.
@Suite struct AuditHeadTests {
  private func change(_ controlPlane: ControlPlane, _ key: String, _ times: Int) async throws {
    try await controlPlane.open.with(key) { runtime in
      for n in 0..<times {
        try await runtime.file.write { db in
          try Audit.append(db, call: "user:ada@acme.test", "test.change", "thing:\(n)", at: TestServer.start)
        }
      }
    }
  }

  private func verdict(_ server: TestServer, _ tenant: String?) throws -> AuditVerdict {
    try ControlReader(data: server.folder.path)
      .verifyAudit(of: tenant, try SecretKey.of(data: server.folder.path, given: nil))
  }

  private func cut(_ server: TestServer, _ key: String) throws {
    try server.edit(
      server.path(key),
      """
      DROP TRIGGER audit_log_kept; DELETE FROM audit_log WHERE id = (SELECT max(id) FROM audit_log);
      CREATE TRIGGER audit_log_kept BEFORE DELETE ON audit_log WHEN OLD.id > (SELECT audit_id FROM audit_anchor)
      BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END
      """)
  }

  @Test func aLogWhoseEndWasCutOffIsFoundAndStaysFoundWhenMoreIsWritten() async throws {
    let server = try await TestServer.provisioned("acme", "other")
    var controlPlane = try server.begin()
    for key in ["acme", "other"] { try await change(controlPlane, key, 3) }
    await controlPlane.shutDown()
    #expect(try verdict(server, "acme").wrong == nil && verdict(server, "other").check.rows == 3)
    try cut(server, "acme")
    for _ in 0..<2 {
      let wrong = try #require(try verdict(server, "acme").wrong)
      #expect(wrong.id == 3)
      #expect(try verdict(server, "other").wrong == nil && verdict(server, nil).wrong == nil)
      controlPlane = try server.begin()
      try await change(controlPlane, "acme", 2)
      await controlPlane.shutDown()
    }
  }

  @Test func aLogThatIsCutOffWhileTheServerRunsIsFoundAndHowFarItsEndIsProvedIsSaid() async throws {
    let server = try await TestServer.provisioned("acme", "other")
    let controlPlane = try server.begin()
    for key in ["acme", "other"] { try await change(controlPlane, key, 3) }
    #expect(try verdict(server, "acme").proved == nil)
    _ = try await controlPlane.start.take(HeadNotes.turn)
    try await change(controlPlane, "acme", 2)
    var proved = try #require(try verdict(server, "acme").proved)
    let head = try verdict(server, "acme").check.head.id
    #expect(proved.row == 3 && proved.at == TestServer.start && head == 5)
    #expect(try await controlPlane.start.take(HeadNotes.turn) == .at(TestServer.start.advanced(bySeconds: 60)))
    proved = try #require(try verdict(server, "acme").proved)
    #expect(proved.row == 5)
    try cut(server, "acme")
    _ = try await controlPlane.start.take(HeadNotes.turn)
    let found = try verdict(server, "acme")
    #expect(found.wrong?.id == 5 && found.proved == nil)
    #expect(try verdict(server, "other").wrong == nil && verdict(server, "other").proved?.row == 3)
    // The platform's own.
    _ = try await controlPlane.perform(.addHost(key: "acme", host: "go.acme.test"), by: .command("test"))
    _ = try await controlPlane.start.take(HeadNotes.turn)
    let whole = try verdict(server, nil)
    #expect(whole.wrong == nil && whole.proved?.row == whole.check.head.id)
    try server.edit(
      "\(server.folder.path)/control.sqlite",
      "DROP TRIGGER audit_log_kept; DELETE FROM audit_log WHERE id = (SELECT max(id) FROM audit_log)")
    #expect(try verdict(server, nil).wrong != nil)
    await controlPlane.shutDown()
  }

  @Test func whereNothingHappensNothingIsLookedAtAndTheFirstChangeIsNotedWithinAMinute() async throws {
    let server = try await TestServer.provisioned("acme")
    let controlPlane = try server.begin()
    #expect(try await controlPlane.start.take(HeadNotes.turn) == .whenNudged)
    controlPlane.scheduler.begin { _ in .whenNudged }
    controlPlane.start.headNotes.followCommits()
    #expect(controlPlane.scheduler.standing.counts.timed == 0)
    _ = try await controlPlane.perform(.addHost(key: "acme", host: "go.acme.test"), by: .command("test"))
    #expect(controlPlane.scheduler.standing.counts.timed == 1)
    await controlPlane.shutDown()
  }

  @Test func aFileThatWasPutBackIsSaidToBeOneAndIsNoAlarm() async throws {
    let server = try await TestServer.provisioned("acme")
    var controlPlane = try server.begin()
    try await change(controlPlane, "acme", 1)
    let copy = "\(server.folder.path)/copy.sqlite"
    _ = try await controlPlane.perform(.backup(key: "acme", to: copy), by: .command("test"))
    try await change(controlPlane, "acme", 3)
    await controlPlane.shutDown()
    controlPlane = try server.begin()
    _ = try await controlPlane.perform(.restore(key: "acme", from: copy), by: .command("test"))
    await controlPlane.shutDown()
    let restored = try verdict(server, "acme")
    #expect(restored.wrong == nil && restored.restored != nil && restored.check.departs != nil)
    controlPlane = try server.begin()
    _ = try await controlPlane.perform(.unfence(key: "acme"), by: .command("test"))
    await controlPlane.shutDown()
    let trusted = try verdict(server, "acme")
    #expect(trusted.wrong == nil && trusted.restored == nil && trusted.check.departs == nil)
  }

  @Test func thePlatformsLogIsHeldByItsNotedHead() async throws {
    let server = try await TestServer.provisioned("acme")
    #expect(try verdict(server, nil).wrong == nil && verdict(server, nil).check.rows > 0)
    try server.edit(
      "\(server.folder.path)/control.sqlite",
      "DROP TRIGGER audit_log_kept; DELETE FROM audit_log WHERE id = (SELECT max(id) FROM audit_log)")
    #expect(try verdict(server, nil).wrong != nil)
  }

  @Test func aTenantsLogShowsWhatThePlatformHasNotedOfItAndNothingOfOthers() async throws {
    let server = try await TestServer.provisioned("acme", "other")
    let controlPlane = try server.begin()
    for key in ["acme", "other"] {
      try await change(controlPlane, key, 2)
      _ = try await controlPlane.perform(.addHost(key: key, host: "go.\(key).test"), by: .command("command:root"))
    }
    var (position, seen) = (AuditLogs.Position?.some(.newest), [AuditLogs.Found]())
    while let from = position {
      let (rows, next) = try await controlPlane.commands.audit.rows(
        of: "acme", AuditFilter(), from: from, atMost: 1)
      #expect(rows.count == 1)
      seen += rows
      position = next
    }
    #expect(seen.count(where: { !$0.isPlatforms }) == 2)
    #expect(Set(seen.filter(\.isPlatforms).map(\.entry.action)) == ["tenant.create", "host.vouch"])
    #expect(!seen.contains { ($0.entry.after ?? "").contains("other") || $0.entry.subject == "other" })
    await controlPlane.shutDown()
  }
}
