import GRDB
import HTTPTypes
import Synchronization
import TenantRuntime
import TestKit
import Testing

@testable import ControlPlane

/// Who asks: a key that is found is remembered for a second, and no longer whatever the clock does.
@Suite struct AuthenticatorTests {
  private final class Clock: Sendable {
    private let milliseconds = Mutex<Int64>(1_000_000)
    var now: Moment { Moment(milliseconds: milliseconds.withLock { $0 }) }
    func move(_ by: Int64) { milliseconds.withLock { $0 += by } }
  }

  private let folder = try! TestFolder()
  private let clock = Clock()

  private func open() throws -> (file: SQLiteFile, authenticator: Authenticator, text: String) {
    let file = try ControlFile.open(folder.path)
    let (key, text) = APIKey.make(tenant: nil, role: .platform, name: "test")
    try file.writeNow { db in try key.insert(db, at: clock.now) }
    return (file, Authenticator(file: file) { [clock] in clock.now }, text)
  }

  private static func ask(_ authenticator: Authenticator, _ header: String?) async throws -> Caller {
    var headers = HTTPFields()
    headers[.authorization] = header
    return try await authenticator.caller(headers, address: "192.0.2.7", requestID: "r1")
  }

  @Test func aCallerIsTheKeyWithItsRoleAndWhereItAsksFrom() async throws {
    let (_, authenticator, text) = try open()
    for header in ["Bearer \(text)", "bearer \(text)"] {
      let caller = try await Self.ask(authenticator, header)
      #expect(caller.kind == .apiKey && caller.name.hasPrefix("key:rh_") && caller.tenant == nil)
      #expect((caller.address, caller.requestID, caller.role) == ("192.0.2.7", "r1", "platform"))
      #expect(caller.permissions == Role.platform.permissions)
    }
  }

  @Test func whatIsNoKeyIsNobody() async throws {
    let (_, authenticator, text) = try open()
    let parts = text.split(separator: "_")
    let wrong: [String?] = [
      nil, "", "Bearer", "Bearer ", "Basic \(text)", text, "Bearer \(text)0",
      "Bearer rh_\(parts[1])_\(parts[2].reversed())",
      "Bearer rh__", "Bearer \(text)\(String(repeating: "0", count: 400))",
    ]
    for header in wrong {
      await #expect(throws: Refusal.unauthenticated, "\(header ?? "none")") {
        try await Self.ask(authenticator, header)
      }
    }
  }

  @Test func aRevocationHoldsWithinASecondAlsoWhenTheClockGoesBack() async throws {
    for step in [Int64(1_000), -5_000] {
      let (file, authenticator, text) = try open()
      _ = try await Self.ask(authenticator, "Bearer \(text)")
      try await file.write { db in try db.execute(sql: "UPDATE api_keys SET revoked_at = 1") }
      // Known for a second; then it is looked up.
      _ = try await Self.ask(authenticator, "Bearer \(text)")
      clock.move(step)
      await #expect(throws: Refusal.unauthenticated) { try await Self.ask(authenticator, "Bearer \(text)") }
      try file.close()
    }
  }

  @Test func aRevocationHoldsAtOnceWhereItIsTold() async throws {
    let (file, authenticator, text) = try open()
    _ = try await Self.ask(authenticator, "Bearer \(text)")
    try await file.write { db in try db.execute(sql: "UPDATE api_keys SET revoked_at = 1") }
    authenticator.forget()
    await #expect(throws: Refusal.unauthenticated) { try await Self.ask(authenticator, "Bearer \(text)") }
  }

  @Test func anotherTenantsCallerIsAnsweredAsIfThereWereNoSuchTenant() throws {
    let caller = Caller(kind: .apiKey, name: "k", tenant: "acme", permissions: [.readContacts], role: "viewer")
    try caller.check(.readContacts, in: "acme")
    #expect(throws: Refusal.notFound("There is no such tenant.")) { try caller.check(.readContacts, in: "other") }
    #expect(throws: Refusal.forbidden("This key's role, viewer, may not do this.")) {
      try caller.check(.editContacts, in: "acme")
    }
    #expect(throws: Refusal.forbidden("This key's role, viewer, may not do this.")) {
      try caller.check(.readContacts, in: nil)
    }
  }
}
