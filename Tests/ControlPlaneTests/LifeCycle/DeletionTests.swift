import Foundation
import GRDB
import Synchronization
import TenantRuntime
import TestKit
import Testing

@testable import ControlPlane

/// The end of a tenant: not before its time, not without a last backup, and no other tenant's.
@Suite struct DeletionTests {
  private final class Clock: Sendable {
    private let milliseconds = Mutex(TestServer.start.milliseconds)
    var now: Moment { Moment(milliseconds: milliseconds.withLock { $0 }) }
    func move(_ by: Int64) { milliseconds.withLock { $0 += by } }
  }

  private let clock = Clock()
  private let folder = try! TestFolder()

  private func begin() throws -> ControlPlane {
    try ControlPlane(
      .init(data: folder.path, publicURL: "https://app.test", twilioAPI: "http://127.0.0.1:9"), logger: .silent,
      now: { [clock] in clock.now })
  }

  private func provisioned(_ keys: String...) async throws -> ControlPlane {
    let controlPlane = try begin()
    for key in keys { _ = try await controlPlane.perform(TestServer.create(key), by: .command("test")) }
    return controlPlane
  }

  private func order(_ controlPlane: ControlPlane, _ key: String, asTenant: Bool = false) async throws {
    _ = try await controlPlane.perform(.delete(key: key, confirm: key, asTenant: asTenant), by: .command("test"))
  }

  private func exists(_ key: String) -> Bool { FileManager.default.fileExists(atPath: "\(folder.path)/tenants/\(key)") }

  private func copies(_ key: String) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/backups/\(key)")) ?? []
  }

  @Test func aTenantIsKeptToTheLastMomentOfItsGraceAndGoneAtItsEnd() async throws {
    let controlPlane = try await provisioned("acme", "other")
    try await order(controlPlane, "acme")
    clock.move(Deletion.graceSeconds * 1000 - 1)
    guard case .at(let due) = try await controlPlane.commands.deletion.takeTurn() else {
      Issue.record("nothing is due")
      return
    }
    #expect(exists("acme") && due == clock.now.advanced(byMilliseconds: 1) && copies("acme").isEmpty)
    clock.move(1)
    _ = try await controlPlane.commands.deletion.takeTurn()
    #expect(!exists("acme") && controlPlane.routing.tenants["acme"] == nil && copies("acme").count == 1)
    #expect(exists("other") && controlPlane.routing.tenants["other"]?.state == .active)
    let left = try await controlPlane.directory.file.read { db in
      try ["memberships", "api_keys", "number_routes", "link_hosts", "twilio_accounts"].map { table in
        try Int.fetchOne(db, sql: "SELECT count(*) FROM \(table) WHERE tenant_key = 'acme'") ?? -1
      }
    }
    #expect(left == [0, 0, 0, 0, 0])
    await #expect(throws: Refusal.self) {
      try await controlPlane.perform(TestServer.create("acme"), by: .command("test"))
    }
    await controlPlane.shutDown()
  }

  @Test func withoutALastBackupATenantStaysAndKeepsNobodyWaiting() async throws {
    let controlPlane = try await provisioned("acme", "other")
    for key in ["acme", "other"] { try await order(controlPlane, key) }
    clock.move(Deletion.graceSeconds * 1000)
    let path = "\(folder.path)/tenants/acme/tenant.sqlite"
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    try Data("nonsense".utf8).write(to: URL(fileURLWithPath: path))
    guard case .at(let due) = try await controlPlane.commands.deletion.takeTurn() else {
      Issue.record("it is not tried again")
      return
    }
    #expect(due > clock.now && exists("acme") && !exists("other") && copies("acme").isEmpty)
    #expect(controlPlane.routing.tenants["acme"]?.reason?.contains("its last copy cannot be made") == true)
    try whole.write(to: URL(fileURLWithPath: path))
    _ = try await controlPlane.commands.deletion.takeTurn()
    #expect(!exists("acme") && copies("acme").count == 1)
    await controlPlane.shutDown()
  }

  @Test(arguments: [true, false])
  func aTenantWhoseFileCannotBeCopiedEndsWithoutALastCopyAWeekLater(isGone: Bool) async throws {
    let controlPlane = try await provisioned("acme")
    try await order(controlPlane, "acme")
    clock.move(Deletion.graceSeconds * 1000)
    let path = "\(folder.path)/tenants/acme"
    if isGone {
      try FileManager.default.removeItem(atPath: path)
    } else {
      try Data("nonsense".utf8).write(to: URL(fileURLWithPath: "\(path)/tenant.sqlite"))
    }
    clock.move(Deletion.graceSeconds * 1000 - 1)
    _ = try await controlPlane.commands.deletion.takeTurn()
    #expect(controlPlane.routing.tenants["acme"] != nil)
    clock.move(1)
    guard case .whenNudged = try await controlPlane.commands.deletion.takeTurn() else {
      Issue.record("it is tried again")
      return
    }
    #expect(controlPlane.routing.tenants["acme"] == nil && !exists("acme"))
    let noted = try await controlPlane.directory.file.read { db in
      try String.fetchAll(db, sql: "SELECT detail FROM audit_log WHERE action = 'tenant.delete' ORDER BY id")
    }
    #expect(noted.last?.hasPrefix("deleted; there is no last copy: ") == true, "\(noted)")
    await controlPlane.shutDown()
  }

  @Test func aWholeFileIsNotLostBecauseNothingCanBeWrittenBesideIt() async throws {
    let controlPlane = try await provisioned("acme")
    try await order(controlPlane, "acme")
    try Data().write(to: URL(fileURLWithPath: "\(folder.path)/backups"))
    clock.move(Deletion.graceSeconds * 10_000)
    _ = try await controlPlane.commands.deletion.takeTurn()
    #expect(exists("acme") && controlPlane.routing.tenants["acme"] != nil)
    try FileManager.default.removeItem(atPath: "\(folder.path)/backups")
    _ = try await controlPlane.commands.deletion.takeTurn()
    #expect(!exists("acme") && copies("acme").count == 1)
    await controlPlane.shutDown()
  }

  @Test func whatACrashHasLeftOfADeletedTenantGoesWithTheNextTurn() async throws {
    let controlPlane = try await provisioned("acme")
    try await order(controlPlane, "acme")
    clock.move(Deletion.graceSeconds * 1000)
    _ = try await controlPlane.commands.deletion.takeTurn()
    try FileManager.default.createDirectory(
      atPath: "\(folder.path)/tenants/acme/imports", withIntermediateDirectories: true)
    _ = try await controlPlane.intake.append(.unreadable(Data("what a person wrote".utf8)), tenant: "acme")
    #expect(controlPlane.intake.waitingTenants == ["acme"])
    _ = try await controlPlane.commands.deletion.takeTurn()
    #expect(!exists("acme") && controlPlane.intake.waitingTenants == [])
    await controlPlane.shutDown()
  }

  @Test(arguments: [true, false])
  func whoOrderedItMayEndItAndAKeptTenantIsWhatItWas(asTenant: Bool) async throws {
    let controlPlane = try await provisioned("acme")
    _ = try await controlPlane.perform(.suspend(key: "acme", reason: "unpaid"), by: .command("test"))
    try await order(controlPlane, "acme", asTenant: asTenant)
    await #expect(throws: Refusal.self) { try await order(controlPlane, "acme") }
    if !asTenant {
      await #expect(throws: Refusal.self) {
        try await controlPlane.perform(.keep(key: "acme", asTenant: true), by: .command("test"))
      }
    }
    _ = try await controlPlane.perform(.keep(key: "acme", asTenant: asTenant), by: .command("test"))
    let tenant = try #require(controlPlane.routing.tenants["acme"])
    #expect(tenant.state == .suspended && tenant.reason == "unpaid" && tenant.deleteAfter == nil)
    clock.move(Deletion.graceSeconds * 1000)
    _ = try await controlPlane.commands.deletion.takeTurn()
    #expect(exists("acme"))
    await controlPlane.shutDown()
  }

  @Test func anotherKeyTypedDeletesNobody() async throws {
    let controlPlane = try await provisioned("acme", "other")
    for confirm in ["", "other", "ACME", "acme "] {
      await #expect(throws: Refusal.self) {
        try await controlPlane.perform(.delete(key: "acme", confirm: confirm, asTenant: false), by: .command("test"))
      }
    }
    #expect(controlPlane.routing.tenants["acme"]?.state == .active)
    await controlPlane.shutDown()
  }

  @Test func whatAnotherTenantHasTakenMeanwhileIsNotGivenBack() async throws {
    let controlPlane = try await provisioned("acme", "other")
    let numbers = ["+14155550100", "+14155550101"].compactMap { PhoneNumber(e164: $0) }
    for number in numbers {
      _ = try await controlPlane.perform(
        .addNumber(key: "acme", number: NumberChange(number: number, rate: 7)), by: .command("test"))
    }
    _ = try await controlPlane.perform(.addHost(key: "acme", host: "go.acme.test"), by: .command("test"))
    _ = try await controlPlane.perform(.archive(key: "acme", reason: "asked"), by: .command("test"))
    #expect(controlPlane.routing.tenantOfNumber.isEmpty && controlPlane.routing.tenantOfHost.isEmpty)
    #expect(try controlPlane.routing.tenant(named: "acme", from: numbers[0], service: nil).key == "acme")
    _ = try await controlPlane.perform(
      .addNumber(key: "other", number: NumberChange(number: numbers[0])), by: .command("test"))
    let back = try await controlPlane.perform(.unarchive(key: "acme"), by: .command("test"))
    #expect(back["not_given_back"] == [.text(numbers[0].description)] && back["state"] == "active")
    let tenant = try #require(controlPlane.routing.tenants["acme"])
    #expect(tenant.numbers.map(\.number) == [numbers[1]] && tenant.numbers.first?.rate == 7)
    #expect(tenant.linkHosts == ["go.acme.test"] && controlPlane.routing.tenantOfNumber[numbers[0]]?.key == "other")
    await controlPlane.shutDown()
  }
}
