import Foundation
import GRDB
import Logging
import TenantRuntime
import TestKit
import Testing

@testable import ControlPlane

/// Many ask for one thing at once, through the verbs that commands and the API use: one gets it, the others are refused with a conflict, and
/// nothing of theirs is left.
@Suite struct UniquenessRaceTests {
  let folder = try! TestFolder()
  private static let number = PhoneNumber(e164: "+14155550100")!
  private static let keys = (0..<8).map { "tenant\($0)" }

  private func controlPlane(_ tenants: [String] = Self.keys) async throws -> ControlPlane {
    let controlPlane = try ControlPlane(
      .init(data: folder.path, publicURL: "https://app.test", twilioAPI: "http://127.0.0.1:9"), logger: .silent)
    for key in tenants { _ = try await controlPlane.perform(Self.create(key), by: .command("test")) }
    return controlPlane
  }

  private static func create(_ key: String, name: String = "T", email: String = "o@x.test") -> Command {
    .createTenant(key: key, name: name, ownerEmail: email, timeZone: "UTC", twilioSID: nil, sealedToken: nil)
  }

  /// All at once; which of them were carried out. Every other one must be refused with a conflict.
  private func race(_ controlPlane: ControlPlane, _ commands: [Command]) async -> [Int] {
    await withTaskGroup(of: Int?.self) { group in
      for (index, command) in commands.enumerated() {
        group.addTask {
          do {
            _ = try await controlPlane.perform(command, by: .command("racer \(index)"))
            return index
          } catch {
            #expect(Self.isConflict(error), "\(error)")
            return nil
          }
        }
      }
      return await group.reduce(into: []) { won, index in if let index { won.append(index) } }.sorted()
    }
  }

  private static func isConflict(_ error: any Error) -> Bool {
    if case Refusal.conflict = error { true } else { false }
  }

  private func texts(_ controlPlane: ControlPlane, _ sql: String) async throws -> [String] {
    try await controlPlane.directory.file.read { db in try String.fetchAll(db, sql: sql) }
  }

  @Test func ofManyTenantsOfOneKeyOneIsMadeWhole() async throws {
    let controlPlane = try await controlPlane(["acme", "beta"])
    var copies: [String: String] = [:]
    for key in ["acme", "beta"] {
      copies[key] = "\(folder.path)/\(key).copy"
      _ = try await controlPlane.perform(.backup(key: key, to: copies[key] ?? ""), by: .command("test"))
    }
    let commands =
      (0..<8).map { Self.create("new", name: "N\($0)", email: "o\($0)@x.test") }
      + copies.map { Command.restoreAs(key: $0.key, from: $0.value, other: "new") }
    let won = await race(controlPlane, commands)
    #expect(won.count == 1)
    let winner = try #require(won.first)
    #expect(try await texts(controlPlane, "SELECT actor FROM audit_log WHERE subject = 'new'") == ["racer \(winner)"])
    if winner < 8 {
      #expect(try await texts(controlPlane, "SELECT name FROM tenants WHERE key = 'new'") == ["N\(winner)"])
      let owners = "SELECT email FROM users JOIN memberships ON user_id = users.id WHERE tenant_key = 'new'"
      #expect(try await texts(controlPlane, owners) == ["o\(winner)@x.test"])
      #expect(
        try await texts(controlPlane, "SELECT email FROM users WHERE email LIKE 'o_@x.test'") == ["o\(winner)@x.test"])
    }
    let instance = try await controlPlane.open.with("new") { runtime in
      try await runtime.file.read { db in try Identity.read(db)?.instance }
    }
    #expect(instance == controlPlane.routing.tenants["new"]?.instance)
    let left = try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/tenants/new")
    #expect(!left.contains { $0.hasSuffix(".new") })
    await controlPlane.shutDown()
  }

  @Test func aNumberIsOneTenantsWithThatTenantsPace() async throws {
    let controlPlane = try await controlPlane()
    for key in Self.keys { try await controlPlane.open.with(key) { _ in } }
    let won = await race(
      controlPlane,
      Self.keys.indices.map {
        .addNumber(key: Self.keys[$0], number: NumberChange(number: Self.number, rate: Double($0 + 1)))
      })
    #expect(won.count == 1)
    let winner = try #require(won.first)
    #expect(controlPlane.routing.tenantOfNumber[Self.number]?.key == Self.keys[winner])
    for key in Self.keys {
      let rates = try await controlPlane.open.with(key) { runtime in
        try await runtime.file.read { db in try Double.fetchAll(db, sql: "SELECT rate FROM sending_numbers") }
      }
      #expect(rates == (key == Self.keys[winner] ? [Double(winner + 1)] : []))
    }
    await controlPlane.shutDown()
  }

  /// A copy that a restore believes closed is not opened by another meanwhile.
  @Test func aRestoreAndAResumptionComeOneAfterTheOther() async throws {
    let controlPlane = try await controlPlane(["acme"])
    let copy = "\(folder.path)/acme.copy"
    _ = try await controlPlane.perform(.backup(key: "acme", to: copy), by: .command("test"))
    for _ in 0..<5 {
      _ = try await controlPlane.perform(.pause(key: "acme", reason: "look"), by: .command("test"))
      let won = await race(
        controlPlane, [.restore(key: "acme", from: copy), .resume(key: "acme"), .resume(key: "acme")])
      #expect(!won.isEmpty)
      #expect(controlPlane.routing.tenants["acme"]?.state == .active)
      try await controlPlane.open.with("acme") { runtime in
        try await runtime.file.write { db in try db.execute(sql: "UPDATE identity SET claim_no = claim_no") }
      }
      let names = try FileManager.default.contentsOfDirectory(
        atPath: controlPlane.open.opening.files.folder(of: "acme"))
      #expect(!names.contains { $0.hasSuffix(".replaced") }, "\(names)")
    }
    await controlPlane.shutDown()
  }

  @Test func aNumberMovesOnce() async throws {
    let controlPlane = try await controlPlane()
    _ = try await controlPlane.perform(
      .addNumber(key: Self.keys[0], number: NumberChange(number: Self.number)), by: .command("test"))
    let won = await race(
      controlPlane, Self.keys.dropFirst().map { .moveNumber(key: Self.keys[0], number: Self.number, other: $0) })
    #expect(won.count == 1)
    let winner = Self.keys[try #require(won.first) + 1]
    #expect(controlPlane.routing.tenantOfNumber[Self.number]?.key == winner)
    #expect(controlPlane.routing.tenants.values.filter { !$0.numbers.isEmpty }.map(\.key) == [winner])
    #expect(try await texts(controlPlane, "SELECT tenant_key FROM former_number_routes") == [Self.keys[0]])
    await controlPlane.shutDown()
  }

  @Test func aHostIsOneTenants() async throws {
    let controlPlane = try await controlPlane()
    let won = await race(controlPlane, Self.keys.map { .addHost(key: $0, host: "go.shop.test") })
    #expect(won.count == 1)
    let winner = Self.keys[try #require(won.first)]
    #expect(controlPlane.routing.tenantOfHost.mapValues(\.key) == ["go.shop.test": winner])
    #expect(try await texts(controlPlane, "SELECT tenant_key FROM link_hosts") == [winner])
    await controlPlane.shutDown()
  }

  @Test func anAPIKeysIdIsOneKeys() async throws {
    let controlPlane = try await controlPlane(["acme", "beta"])
    let id = APIKey.make(tenant: nil, role: .viewer, name: "").key.id
    let won = await race(
      controlPlane,
      (0..<8).map { index in
        var key = APIKey.make(tenant: index % 2 == 0 ? "acme" : "beta", role: .viewer, name: "k\(index)").key
        key.id = id
        return .addKey(key)
      })
    #expect(won.count == 1)
    #expect(try await texts(controlPlane, "SELECT name FROM api_keys") == ["k\(try #require(won.first))"])
    #expect(try await texts(controlPlane, "SELECT actor FROM audit_log WHERE action = 'api_key.create'").count == 1)
    await controlPlane.shutDown()
  }

  @Test func anAddressIsOneUserHoweverItIsWrittenAndWhateverItIsMadeFor() async throws {
    let controlPlane = try await controlPlane([])
    let emails = ["ada@x.test", "Ada@X.test", "ADA@x.test", "ada@X.TEST"]
    let commands: [Command] =
      (0..<4).map { .addAdmin(email: emails[$0], linkHash: [UInt8($0)]) }
      + (0..<4).map { Self.create(Self.keys[$0], email: emails[$0]) }
    #expect(await race(controlPlane, commands).count == 8)
    #expect(try await texts(controlPlane, "SELECT email FROM users").count == 1)
    #expect(
      try await texts(controlPlane, "SELECT tenant_key FROM memberships ORDER BY 1") == Array(Self.keys.prefix(4)))
    #expect(try await texts(controlPlane, "SELECT hex(hash) FROM sign_in_links WHERE purpose = 'sign_in'").count == 4)
    await controlPlane.shutDown()
  }

  @Test func aBrandIsOneAndHasTheLastCap() async throws {
    let controlPlane = try await controlPlane([])
    #expect(await race(controlPlane, (1...8).map { .setBrand(name: "agency", dailyCap: $0) }).count == 8)
    let last = try await texts(controlPlane, "SELECT detail FROM audit_log ORDER BY id DESC LIMIT 1")
    #expect(try await texts(controlPlane, "SELECT CAST(daily_cap AS TEXT) FROM brands") == last)
    await controlPlane.shutDown()
  }

  @Test func aStateIsLeftOnce() async throws {
    let controlPlane = try await controlPlane(["acme"])
    let (four, states) = (0..<4, { (controlPlane: ControlPlane) in controlPlane.routing.tenants["acme"]?.state })
    #expect(await race(controlPlane, four.map { .suspend(key: "acme", reason: "r\($0)") }).count == 1)
    #expect(
      await race(controlPlane, four.map { _ in .reinstate(key: "acme") }).count == 1 && states(controlPlane) == .active)
    #expect(await race(controlPlane, four.map { .pause(key: "acme", reason: "r\($0)") }).count == 1)
    #expect(
      await race(controlPlane, four.map { _ in .resume(key: "acme") }).count == 1 && states(controlPlane) == .active)
    #expect(try await texts(controlPlane, "SELECT action FROM audit_log WHERE actor LIKE 'racer%'").count == 4)
    try await controlPlane.open.with("acme") { _ in }
    await controlPlane.shutDown()
  }

  @Test func aBackupsNameIsOneBackups() async throws {
    let controlPlane = try await controlPlane()
    let path = "\(folder.path)/copy.sqlite"
    let won = await race(controlPlane, Self.keys.map { .backup(key: $0, to: path) })
    #expect(won.count == 1)
    try controlPlane.open.opening.files.check(path, belongsTo: Self.keys[try #require(won.first)])
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasPrefix("copy") } == [
        "copy.sqlite"
      ])
    await controlPlane.shutDown()
  }

  @Test func rotationsOfLinkKeysLeaveFileAndControlFileAgreed() async throws {
    let controlPlane = try await controlPlane(["acme"])
    #expect(await race(controlPlane, (0..<20).map { _ in .rotateLinkKey(key: "acme") }).count == 20)
    let filed = try await controlPlane.open.with("acme") { runtime in
      try await runtime.file.read { db in try LinkKeys.read(db) }
    }
    #expect(filed != nil && filed == controlPlane.routing.tenants["acme"]?.linkKeys && filed?.all.count == 4)
    await controlPlane.shutDown()
  }
}
