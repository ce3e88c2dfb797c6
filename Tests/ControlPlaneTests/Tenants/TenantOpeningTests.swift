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

  private func house() async throws -> ControlPlane {
    let house = try ControlPlane(
      .init(data: folder.path, publicURL: "https://app.test", twilioAPI: "http://127.0.0.1:9"),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, now: { Self.start })
    _ = try await house.perform(
      .createTenant(
        key: "acme", name: "Acme", ownerEmail: "o@x.test", timeZone: "UTC", twilioSID: nil, sealedToken: nil),
      actor: "test")
    return house
  }

  @Test func aTenantSuspendedWhileItsFileIsOpenedTextsNobody() async throws {
    let house = try await house()
    let before = house.routing.tenants["acme"]
    // The opening has read the tenant before the suspension, and ends after it.
    try await house.open.with("acme") { _ in }
    let runtime = try #require(await house.open.peek("acme"))
    _ = try await house.perform(.suspend(key: "acme", reason: "unpaid"), actor: "test")
    runtime.gate.opened(appliedUpTo: 0, suspended: before?.state == .suspended, killed: false)
    #expect(!runtime.gate.close("suspended"))
    runtime.renew(house.lease(try #require(before)))
    #expect(runtime.lease.suspended == nil)
    try await house.agree(runtime, since: before)
    #expect(runtime.lease.suspended == "unpaid" && !runtime.gate.close("suspended"))
    _ = try await house.perform(.reinstate(key: "acme"), actor: "test")
    #expect(runtime.lease.suspended == nil && runtime.gate.close("suspended"))
    await house.shutDown()
  }

  @Test func aTenantReinstatedWhileItsFileIsOpenedTextsAgain() async throws {
    let house = try await house()
    _ = try await house.perform(.suspend(key: "acme", reason: "unpaid"), actor: "test")
    let before = house.routing.tenants["acme"]
    try await house.open.with("acme") { _ in }
    let runtime = try #require(await house.open.peek("acme"))
    _ = try await house.perform(.reinstate(key: "acme"), actor: "test")
    // What the opening has read before is over.
    runtime.gate.opened(appliedUpTo: 0, suspended: before?.state == .suspended, killed: false)
    try await house.agree(runtime, since: before)
    #expect(runtime.gate.close("suspended"))
    await house.shutDown()
  }

  /// What had been parked works again: nobody else would wake it.
  @Test(.timeLimit(.minutes(1))) func aPauseThatCannotBeWrittenLeavesATenantThatWorks() async throws {
    let house = try await house()
    await house.open.beginWork()
    try await house.open.with("acme") { _ in }
    try await house.file.write { db in
      try db.execute(
        sql: """
          CREATE TRIGGER full BEFORE UPDATE ON tenants WHEN new.state = 'paused' BEGIN SELECT RAISE(ABORT, 'full'); END
          """)
    }
    await #expect(throws: (any Error).self) {
      _ = try await house.perform(.pause(key: "acme", reason: "look"), actor: "test")
    }
    #expect(house.routing.tenants["acme"]?.state == .active)
    while await house.open.peek("acme") == nil { await Task.yield() }
    await house.shutDown()
  }

  @Test func aNumberAddedWhileTheFileIsOpenedIsInIt() async throws {
    let house = try await house()
    let before = house.routing.tenants["acme"]
    try await house.open.with("acme") { _ in }
    let runtime = try #require(await house.open.peek("acme"))
    let number = PhoneNumber(digits: 14_155_550_100)!
    _ = try await house.perform(.addNumber(key: "acme", number: NumberChange(number: number)), actor: "test")
    try await runtime.file.write { db in try db.execute(sql: "DELETE FROM sending_numbers") }
    try await house.agree(runtime, since: before)
    let count = try await runtime.file.read { db in
      try Int.fetchOne(db, sql: "SELECT count(*) FROM sending_numbers")
    }
    #expect(count == 1)
    await house.shutDown()
  }
}
