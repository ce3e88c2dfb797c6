import Foundation
import GRDB
import Logging
import TenantRuntime
import TestKit
import Testing

@testable import ControlPlane

/// The snapshot keeps what it has opened of tenants that stayed as they were, and nothing of those that did not.
@Suite struct RoutingTests {
  let folder = try! TestFolder()

  private func controlPlane() async throws -> ControlPlane {
    let controlPlane = try ControlPlane(
      .init(data: folder.path, publicURL: "https://app.test", twilioAPI: "http://127.0.0.1:9"),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    for key in ["acme", "bob"] {
      _ = try await controlPlane.perform(
        .createTenant(
          key: key, name: key, ownerEmail: "o@x.test", timeZone: "UTC",
          twilioSID: "AC" + String(repeating: key == "acme" ? "0" : "1", count: 32),
          sealedToken: try controlPlane.directory.secret.seal(Array("first".utf8))), by: .command("test"))
    }
    return controlPlane
  }

  private func set(_ controlPlane: ControlPlane, _ column: String, _ value: Data) async throws {
    let (table, key) = column == "link_keys" ? ("tenants", "key") : ("twilio_accounts", "tenant_key")
    try await controlPlane.directory.file.write { db in
      try db.execute(sql: "UPDATE \(table) SET \(column) = ? WHERE \(key) = 'acme'", arguments: [value])
    }
    try await controlPlane.directory.routing.refresh()
  }

  private func token(_ controlPlane: ControlPlane, _ key: String) -> String? {
    controlPlane.routing.tenants[key]?.twilio?.token
  }

  @Test func aChangedTokenIsTheOneThatCountsAndOthersStay() async throws {
    let controlPlane = try await controlPlane()
    try await set(controlPlane, "token", Data(try controlPlane.directory.secret.seal(Array("second".utf8))))
    #expect(token(controlPlane, "acme") == "second" && token(controlPlane, "bob") == "first")
    #expect(controlPlane.routing.tenants["acme"]?.tokens.count == 1)
    try await set(controlPlane, "former_token", Data(try controlPlane.directory.secret.seal(Array("first".utf8))))
    #expect(controlPlane.routing.tenants["acme"]?.tokens.count == 2 && token(controlPlane, "acme") == "second")
    await controlPlane.shutDown()
  }

  @Test(arguments: ["token", "link_keys"]) func damagedSecretsAreSeenAndSoIsTheirRepair(_ column: String) async throws {
    let controlPlane = try await controlPlane()
    let table = column == "link_keys" ? "tenants WHERE key" : "twilio_accounts WHERE tenant_key"
    let whole = try await controlPlane.directory.file.read { db in
      try Data.fetchOne(db, sql: "SELECT \(column) FROM \(table) = 'acme'")
    }
    let keys = controlPlane.routing.tenants["acme"]?.linkKeys
    for _ in 0..<2 {
      try await set(controlPlane, column, Data([1, 2, 3]))
      #expect(controlPlane.routing.tenants["acme"]?.state == .damaged && token(controlPlane, "bob") == "first")
      try await set(controlPlane, column, try #require(whole))
      #expect(controlPlane.routing.tenants["acme"]?.state == .active && token(controlPlane, "acme") == "first")
      #expect(controlPlane.routing.tenants["acme"]?.linkKeys == keys)
    }
    await controlPlane.shutDown()
  }
}
