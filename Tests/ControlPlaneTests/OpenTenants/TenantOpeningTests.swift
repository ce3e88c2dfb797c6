import GRDB
import Logging
import TenantRuntime
import TestKit
import Testing

@testable import ControlPlane

/// What is changed of a tenant while its file is being opened holds when it is open.
@Suite struct TenantOpeningTests {
  let folder = try! TestFolder()
  private static let start = Moment(milliseconds: 1_800_000_000_000)

  private func controlPlane() async throws -> ControlPlane {
    let controlPlane = try ControlPlane(
      .init(data: folder.path, publicURL: "https://app.test", twilioAPI: "http://127.0.0.1:9"),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, now: { Self.start })
    _ = try await controlPlane.perform(
      .createTenant(
        key: "acme", name: "Acme", ownerEmail: "o@x.test", timeZone: "UTC", twilioSID: nil, sealedToken: nil),
      by: .command("test"))
    return controlPlane
  }

  @Test func aTenantSuspendedWhileItsFileIsOpenedTextsNobody() async throws {
    let controlPlane = try await controlPlane()
    let before = controlPlane.routing.tenants["acme"]
    // The opening has read the tenant before the suspension, and ends after it.
    try await controlPlane.open.with("acme") { _ in }
    let runtime = try #require(await controlPlane.open.peek("acme"))
    _ = try await controlPlane.perform(.suspend(key: "acme", reason: "unpaid"), by: .command("test"))
    runtime.gate.opened(appliedUpTo: 0, suspended: before?.state == .suspended, killed: false)
    #expect(!runtime.gate.close("suspended"))
    runtime.renew(controlPlane.directory.routing.lease(try #require(before)))
    #expect(runtime.lease.suspended == nil)
    try await controlPlane.open.opening.agree(runtime, since: before)
    #expect(runtime.lease.suspended == "unpaid" && !runtime.gate.close("suspended"))
    _ = try await controlPlane.perform(.reinstate(key: "acme"), by: .command("test"))
    #expect(runtime.lease.suspended == nil && runtime.gate.close("suspended"))
    await controlPlane.shutDown()
  }

  @Test func aTenantReinstatedWhileItsFileIsOpenedTextsAgain() async throws {
    let controlPlane = try await controlPlane()
    _ = try await controlPlane.perform(.suspend(key: "acme", reason: "unpaid"), by: .command("test"))
    let before = controlPlane.routing.tenants["acme"]
    try await controlPlane.open.with("acme") { _ in }
    let runtime = try #require(await controlPlane.open.peek("acme"))
    _ = try await controlPlane.perform(.reinstate(key: "acme"), by: .command("test"))
    // What the opening has read before is over.
    runtime.gate.opened(appliedUpTo: 0, suspended: before?.state == .suspended, killed: false)
    try await controlPlane.open.opening.agree(runtime, since: before)
    #expect(runtime.gate.close("suspended"))
    await controlPlane.shutDown()
  }

  /// What had been parked works again: nobody else would wake it.
  @Test(.timeLimit(.minutes(5))) func aPauseThatCannotBeWrittenLeavesATenantThatWorks() async throws {
    let controlPlane = try await controlPlane()
    controlPlane.scheduler.begin { turn in try await controlPlane.start.take(turn) }
    try await controlPlane.open.with("acme") { _ in }
    try await controlPlane.directory.file.write { db in
      try db.execute(
        sql: """
          CREATE TRIGGER full BEFORE UPDATE ON tenants WHEN new.state = 'paused' BEGIN SELECT RAISE(ABORT, 'full'); END
          """)
    }
    await #expect(throws: (any Error).self) {
      _ = try await controlPlane.perform(.pause(key: "acme", reason: "look"), by: .command("test"))
    }
    #expect(controlPlane.routing.tenants["acme"]?.state == .active)
    while await controlPlane.open.peek("acme") == nil { await Task.yield() }
    await controlPlane.shutDown()
  }

  @Test func aNumberAddedWhileTheFileIsOpenedIsInIt() async throws {
    let controlPlane = try await controlPlane()
    let before = controlPlane.routing.tenants["acme"]
    try await controlPlane.open.with("acme") { _ in }
    let runtime = try #require(await controlPlane.open.peek("acme"))
    let number = PhoneNumber(digits: 14_155_550_100)!
    _ = try await controlPlane.perform(
      .addNumber(key: "acme", number: NumberChange(number: number)), by: .command("test"))
    try await runtime.file.write { db in try db.execute(sql: "DELETE FROM sending_numbers") }
    try await controlPlane.open.opening.agree(runtime, since: before)
    let count = try await runtime.file.read { db in
      try Int.fetchOne(db, sql: "SELECT count(*) FROM sending_numbers")
    }
    #expect(count == 1)
    await controlPlane.shutDown()
  }
}
