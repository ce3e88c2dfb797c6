import GRDB
import HTTPTypes
import TenantRuntime
import TestKit
import Testing

@testable import ControlPlane

/// Keys: nobody makes one that can do more than they may, and a key that has ended authenticates nobody.
@Suite struct APIKeysTests {
  private static let hour: Int64 = 3_600

  private func caller(_ permissions: Set<Permission>, _ name: String = "user:ada@acme.test") -> Caller {
    Caller(
      kind: .apiKey, name: name, tenant: "acme", permissions: permissions, address: "192.0.2.7", requestID: "r1")
  }

  private func key(
    _ scope: KeyScope = .role(.viewer), tenant: String? = "acme", expiresAt: Moment? = nil
  ) -> (key: APIKey, text: String) {
    APIKey.make(tenant: tenant, scope: scope, name: "Shop", expiresAt: expiresAt)
  }

  private func ask(_ controlPlane: ControlPlane, _ text: String, at now: Moment = TestServer.start) async throws
    -> Caller
  {
    let authenticator = Authenticator(file: controlPlane.directory.file) { now }
    return try await authenticator.caller([.authorization: "Bearer \(text)"], address: "192.0.2.9", requestID: nil)
  }

  private func withKeys(_ body: (ControlPlane, APIKeys) async throws -> Void) async throws {
    let server = try await TestServer.provisioned("acme", "other")
    let controlPlane = try server.begin()
    try await body(controlPlane, controlPlane.commands.keys)
    await controlPlane.shutDown()
  }

  @Test func aKeyMayDoWhatWasChosenForItAndNothingElse() async throws {
    try await withKeys { controlPlane, keys in
      let (made, text) = key(.chosen([.readContacts, .runImports]))
      _ = try await keys.add(made, by: caller(Role.owner.permissions))
      let asked = try await ask(controlPlane, text)
      #expect(asked.permissions == [.readContacts, .runImports] && asked.tenant == "acme")
      #expect(throws: Refusal.self) { try asked.check(.readCampaigns, in: "acme") }
    }
  }

  @Test func nobodyMakesAKeyThatMayDoMoreThanThey() async throws {
    try await withKeys { _, keys in
      let limited = caller([.editAPIKeys, .readContacts])
      for scope in [KeyScope.role(.owner), .role(.viewer), .chosen([.readContacts, .editContacts])] {
        await #expect(throws: Refusal.self, "\(scope)") { try await keys.add(key(scope).key, by: limited) }
      }
      _ = try await keys.add(key(.chosen([.readContacts])).key, by: limited)
      // Nor one of the platform, whoever asks.
      await #expect(throws: Refusal.self) {
        try await keys.add(key(.chosen([.editTenants])).key, by: .command("command:root"))
      }
      await #expect(throws: Refusal.self) { try await keys.add(key(.chosen([])).key, by: .command("command:root")) }
    }
  }

  @Test func aKeyThatEndsMakesNoneThatLivesLongerNorASuccessorOfAStrongerOne() async throws {
    try await withKeys { _, keys in
      let end = TestServer.start.advanced(bySeconds: 100)
      let (lent, _) = key(.role(.owner), expiresAt: end)
      _ = try await keys.add(lent, by: .command("command:root"))
      let lender = caller(Role.owner.permissions, "key:rh_\(lent.id)")
      for expiry in [nil, end.advanced(bySeconds: 1)] {
        await #expect(throws: Refusal.self) { try await keys.add(key(expiresAt: expiry).key, by: lender) }
      }
      _ = try await keys.add(key(expiresAt: end).key, by: lender)
      let (strong, _) = key(.role(.owner))
      _ = try await keys.add(strong, by: .command("command:root"))
      for asker in [lender, caller([.editAPIKeys])] {
        await #expect(throws: Refusal.self) {
          try await keys.rotate(strong.id, of: .tenant("acme"), into: key().key, overlapHours: 1, by: asker)
        }
      }
    }
  }

  @Test(arguments: [-1, 0, 5 * 366 * 86_400 + 1])
  func anExpiryIsInTheFutureAndWithinFiveYears(seconds: Int64) async throws {
    try await withKeys { _, keys in
      let end = TestServer.start.advanced(bySeconds: seconds)
      await #expect(throws: Refusal.invalid("expires_at", "must be in the future, and within five years")) {
        try await keys.add(key(expiresAt: end).key, by: .command("command:root"))
      }
    }
  }

  @Test func anExpiredKeyAndARevokedOneAreNobodys() async throws {
    try await withKeys { controlPlane, keys in
      let end = TestServer.start.advanced(bySeconds: 10)
      let (made, text) = key(expiresAt: end)
      _ = try await keys.add(made, by: .command("command:root"))
      _ = try await ask(controlPlane, text, at: end.advanced(byMilliseconds: -1))
      await #expect(throws: Refusal.unauthenticated) { try await ask(controlPlane, text, at: end) }
      _ = try await keys.revoke(made.id, of: .tenant("acme"), by: .command("command:root"))
      await #expect(throws: Refusal.unauthenticated) { try await ask(controlPlane, text) }
    }
  }

  @Test func aRevocationHoldsAtOnceForWhoeverRemembersTheKey() async throws {
    try await withKeys { controlPlane, keys in
      let (made, text) = key()
      _ = try await keys.add(made, by: .command("command:root"))
      let directory = controlPlane.directory
      let authenticator = Authenticator(file: directory.file, changes: directory.keyChanges) { TestServer.start }
      let headers: HTTPFields = [.authorization: "Bearer \(text)"]
      _ = try await authenticator.caller(headers, address: "192.0.2.9", requestID: nil)
      _ = try await keys.revoke(made.id, of: .tenant("acme"), by: .command("command:root"))
      await #expect(throws: Refusal.unauthenticated) {
        try await authenticator.caller(headers, address: "192.0.2.9", requestID: nil)
      }
    }
  }

  @Test func aRotationGivesASuccessorWithTheSameRightsAndTheOldKeyAnOverlap() async throws {
    try await withKeys { controlPlane, keys in
      let (old, oldText) = key(.chosen([.readContacts]))
      _ = try await keys.add(old, by: .command("command:root"))
      let (made, newText) = key(.role(.owner), tenant: nil)
      let answer = try await keys.rotate(
        old.id, of: .tenant("acme"), into: made, overlapHours: 2, by: .command("command:root"))
      #expect(answer["successor_of"] == .text(old.id) && answer["name"] == "Shop" && answer["tenant"] == "acme")
      let (before, after) = (
        TestServer.start.advanced(bySeconds: 2 * Self.hour - 1), TestServer.start.advanced(bySeconds: 2 * Self.hour)
      )
      #expect(try await ask(controlPlane, oldText, at: before).permissions == [.readContacts])
      await #expect(throws: Refusal.unauthenticated) { try await ask(controlPlane, oldText, at: after) }
      #expect(try await ask(controlPlane, newText, at: after).permissions == [.readContacts])
      // Without an overlap the old one ends now, and an ended one has no successor.
      let next = key().key
      _ = try await keys.rotate(made.id, of: .tenant("acme"), into: next, overlapHours: 0, by: .command("command:root"))
      await #expect(throws: Refusal.unauthenticated) { try await ask(controlPlane, newText) }
      await #expect(throws: Refusal.self) {
        try await keys.rotate(
          made.id, of: .tenant("acme"), into: key().key, overlapHours: 0, by: .command("command:root"))
      }
    }
  }

  @Test func anotherTenantsKeyIsNotThere() async throws {
    try await withKeys { _, keys in
      let (made, _) = key()
      _ = try await keys.add(made, by: .command("command:root"))
      let there = Refusal.notFound("There is no such key.")
      for owner in [APIKeys.Owner.tenant("other"), .platform] {
        await #expect(throws: there) { try await keys.find(made.id, of: owner) }
        await #expect(throws: there) { try await keys.revoke(made.id, of: owner, by: .command("test")) }
        await #expect(throws: there) {
          try await keys.rotate(made.id, of: owner, into: key().key, overlapHours: 1, by: .command("test"))
        }
      }
      #expect(try await keys.page(of: "other", .all)["data"]?.list?.isEmpty == true)
      #expect(try await keys.find(made.id, of: .tenant("acme"))["state"] == "active")
    }
  }

  private func state(_ keys: APIKeys, _ key: APIKey) async throws -> JSON? {
    try await keys.find(key.id, of: .tenant("acme"))["state"]
  }

  private func successor(_ keys: APIKeys, of id: String, hours: Int64 = 2) async throws -> APIKey {
    let made = key().key
    _ = try await keys.rotate(id, of: .tenant("acme"), into: made, overlapHours: hours, by: .command("test"))
    return made
  }

  @Test func aKeyThatIsRotatedOnceMoreHasOneSuccessor() async throws {
    try await withKeys { _, keys in
      let (old, _) = key()
      _ = try await keys.add(old, by: .command("test"))
      let first = try await successor(keys, of: old.id)
      let below = try await successor(keys, of: first.id)
      let second = try await successor(keys, of: old.id)
      for ended in [first, below] { #expect(try await state(keys, ended) == "revoked") }
      for stays in [old, second] { #expect(try await state(keys, stays) == "active") }
    }
  }

  @Test func aRevokedKeyTakesItsSuccessorsWithItAndAnEndedOneNobody() async throws {
    try await withKeys { controlPlane, keys in
      let (leaked, _) = key()
      let (bystander, _) = key()
      for key in [leaked, bystander] { _ = try await keys.add(key, by: .command("test")) }
      let first = try await successor(keys, of: leaked.id)
      let second = try await successor(keys, of: first.id)
      _ = try await keys.revoke(leaked.id, of: .tenant("acme"), by: .command("test"))
      for ended in [leaked, first, second] { #expect(try await state(keys, ended) == "revoked") }
      #expect(try await state(keys, bystander) == "active")
      let after = try await successor(keys, of: bystander.id)
      try await controlPlane.directory.file.write { db in
        try db.execute(
          sql: "UPDATE api_keys SET expires_at = ? WHERE id = ?", arguments: [TestServer.start, bystander.id])
      }
      _ = try await keys.revoke(bystander.id, of: .tenant("acme"), by: .command("test"))
      #expect(try await state(keys, after) == "active")
      let rows = try await controlPlane.directory.file.read { db in
        try String.fetchAll(
          db, sql: "SELECT detail FROM audit_log WHERE action = 'api_key.revoke' AND detail IS NOT NULL")
      }
      #expect(rows == Array(repeating: "a successor of rh_\(leaked.id)", count: 2))
    }
  }

  @Test func theLastUseIsWrittenToTheMinute() async throws {
    try await withKeys { controlPlane, keys in
      let (made, _) = key()
      _ = try await keys.add(made, by: .command("test"))
      let uses = KeyUse(file: controlPlane.directory.file)
      let steps: [(seconds: Int64, address: String, isWritten: Bool)] = [
        (0, "192.0.2.1", true), (1, "192.0.2.1", false), (59, "192.0.2.2", false), (60, "192.0.2.1", true),
        (120, "192.0.2.2", true), (179, "192.0.2.2", false), (86_400 + 120, "192.0.2.2", true),
      ]
      for step in steps {
        try await controlPlane.directory.file.write { db in
          try db.execute(sql: "UPDATE api_keys SET last_used_at = NULL")
        }
        let now = TestServer.start.advanced(bySeconds: step.seconds)
        uses.note(made.id, address: step.address, at: now)
        await uses.written()
        let used = try await keys.find(made.id, of: .tenant("acme"))
        #expect((used["last_used_at"] == .moment(now)) == step.isWritten, "\(step)")
        if step.isWritten { #expect(used["last_used_address"] == .text(step.address)) }
      }
    }
  }

  @Test func neitherListsNorTheAuditLogKnowASecret() async throws {
    try await withKeys { controlPlane, keys in
      let (made, text) = key()
      let shown = try await keys.add(made, by: .command("test"))
      let secret = try #require(text.split(separator: "_").last)
      let hash = made.hash.map { String($0, radix: 16) }.joined()
      #expect(!shown.serialized.contains(secret) && !shown.serialized.contains(hash))
      _ = try await keys.revoke(made.id, of: .tenant("acme"), by: .command("test"))
      let rows = try await controlPlane.directory.file.read { db in
        try String.fetchAll(db, sql: "SELECT subject || coalesce(before, '') || coalesce(detail, '') FROM audit_log")
      }
      #expect(rows.contains { $0.contains("rh_\(made.id)") } && !rows.contains { $0.contains(secret) })
    }
  }
}
