import GRDB
import Logging
import TenantRuntime
import TestKit
import Testing

@testable import ControlPlane

@Suite struct LinkHostTests {
  let folder = try! TestFolder()
  private static let start = Moment(milliseconds: 1_800_000_000_000)
  private let host = try! HostName("go.acme.test")

  /// Nobody answers its questions about names.
  private func controlPlane(publicURL: String = "https://app.test") async throws -> ControlPlane {
    let controlPlane = try ControlPlane(
      .init(data: folder.path, publicURL: publicURL, twilioAPI: "http://127.0.0.1:9", dnsServer: "127.0.0.1:9"),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, now: { Self.start })
    for tenant in ["acme", "other"] where controlPlane.routing.tenants[tenant] == nil {
      _ = try await controlPlane.perform(
        .createTenant(
          key: tenant, name: tenant, ownerEmail: "o@x.test", timeZone: "UTC", twilioSID: nil, sealedToken: nil),
        by: .command("test"))
    }
    return controlPlane
  }

  private func hosts(_ controlPlane: ControlPlane, _ key: String) async throws -> [String] {
    try await controlPlane.commands.hosts.all(of: key).map { "\($0.host) \($0.state)\($0.isDefault ? " default" : "")" }
  }

  @Test func aPendingHostLeadsNowhereAndAVerifiedOneAtOnce() async throws {
    let controlPlane = try await controlPlane()
    let (made, isNew) = try await controlPlane.commands.hosts.propose(host, for: "acme", by: .command("key:1"))
    #expect(isNew && made.state == .pending && made.addedAt == Self.start && !made.isDefault)
    try await controlPlane.directory.routing.refresh()
    #expect(controlPlane.routing.tenantOfHost.isEmpty && controlPlane.routing.tenants["acme"]?.linkHosts == [])
    #expect(try await controlPlane.commands.hosts.propose(host, for: "acme", by: .command("key:1")).host == made)
    _ = try await controlPlane.commands.hosts.vouch(for: host, of: "acme", by: .command("command"))
    #expect(controlPlane.routing.tenantOfHost.mapValues(\.key) == ["go.acme.test": "acme"])
    #expect(try await hosts(controlPlane, "acme") == ["go.acme.test verified default"])
    await controlPlane.shutDown()
  }

  @Test func theDefaultIsTheFirstOfTheRuntimesHosts() async throws {
    let controlPlane = try await controlPlane()
    for name in ["a.acme.test", "b.acme.test"] {
      _ = try await controlPlane.commands.hosts.vouch(for: HostName(name), of: "acme", by: .command("command"))
    }
    try await controlPlane.open.with("acme") { _ in }
    #expect(controlPlane.routing.tenants["acme"]?.linkHosts == ["a.acme.test", "b.acme.test"])
    _ = try await controlPlane.commands.hosts.makeDefault(HostName("b.acme.test"), of: "acme", by: .command("key:1"))
    #expect(await controlPlane.open.peek("acme")?.lease.linkHosts == ["b.acme.test", "a.acme.test"])
    await #expect(throws: Refusal.self) {
      try await controlPlane.commands.hosts.remove(HostName("b.acme.test"), of: "acme", by: .command("key:1"))
    }
    try await controlPlane.commands.hosts.remove(HostName("a.acme.test"), of: "acme", by: .command("key:1"))
    #expect(await controlPlane.open.peek("acme")?.lease.linkHosts == ["b.acme.test"])
    await controlPlane.shutDown()
  }

  @Test func eachTenantAndHostHasATokenOfItsOwn() async throws {
    let controlPlane = try await controlPlane()
    var tokens: Set<String> = []
    for (key, name) in [("acme", "a.test"), ("acme", "b.test"), ("other", "a.test")] {
      tokens.insert(
        try await controlPlane.commands.hosts.propose(HostName(name), for: key, by: .command("t")).host.token)
    }
    #expect(tokens.count == 3 && tokens.allSatisfy { $0.utf8.count == 32 })
    await controlPlane.shutDown()
  }

  @Test func aHostOfAnotherTenantIsRefusedLikeThePublicOne() async throws {
    let controlPlane = try await controlPlane()
    _ = try await controlPlane.commands.hosts.propose(host, for: "acme", by: .command("t"))
    _ = try await controlPlane.commands.hosts.vouch(for: host, of: "other", by: .command("command"))
    try await controlPlane.commands.hosts.remove(host, of: "acme", by: .command("t"))
    func refusal(_ name: String) async -> String {
      do {
        return "\(try await controlPlane.commands.hosts.propose(HostName(name), for: "acme", by: .command("t")))"
      } catch {
        return ((error as? Refusal)?.detail ?? "\(error)").replacing(name, with: "HOST")
      }
    }
    let (taken, ours) = (await refusal("go.acme.test"), await refusal("app.test"))
    #expect(taken == ours && taken.hasPrefix("HOST cannot be used"))
    await #expect(throws: Refusal.conflict("go.acme.test belongs to another tenant.")) {
      try await controlPlane.commands.hosts.vouch(for: host, of: "acme", by: .command("command"))
    }
    await controlPlane.shutDown()
  }

  @Test func aCheckThatNobodyAnswersLeavesTheHostPendingAndSaysSo() async throws {
    let controlPlane = try await controlPlane()
    _ = try await controlPlane.commands.hosts.propose(HostName("go.invalid"), for: "acme", by: .command("key:1"))
    await #expect(throws: Refusal.self) {
      try await controlPlane.commands.hosts.verify(HostName("go.invalid"), of: "acme", by: .command("key:1"))
    }
    let found = try await controlPlane.commands.hosts.find(HostName("go.invalid"), of: "acme")
    #expect(found.state == .pending && found.checkedAt == Self.start)
    #expect(
      found.failure?.contains("could not be looked up") == true && found.failure?.contains("does not resolve") == true)
    let rows = try await controlPlane.directory.file.read { db in
      try String.fetchAll(
        db,
        sql: "SELECT actor || ' ' || action || ' ' || subject || ' ' || detail FROM audit_log WHERE actor = 'key:1'")
    }
    #expect(rows == ["key:1 host.add acme go.invalid", "key:1 host.check_failed acme go.invalid"])
    await controlPlane.shutDown()
  }

  @Test func manyAskersLeaveOneTenantWithTheHostAndOneDefault() async throws {
    let controlPlane = try await controlPlane()
    await withTaskGroup(of: Void.self) { group in
      for key in ["acme", "other"] {
        for n in 0..<10 {
          group.addTask {
            _ = try? await controlPlane.commands.hosts.vouch(for: HostName("h\(n).test"), of: key, by: .command("t"))
            _ = try? await controlPlane.commands.hosts.makeDefault(HostName("h\(n).test"), of: key, by: .command("t"))
          }
        }
      }
    }
    #expect(controlPlane.routing.tenantOfHost.count == 10)
    for key in ["acme", "other"] {
      let hosts = try await controlPlane.commands.hosts.all(of: key)
      #expect(hosts.allSatisfy { $0.state == .verified } && hosts.count { $0.isDefault } == (hosts.isEmpty ? 0 : 1))
      #expect(controlPlane.routing.tenants[key]?.linkHosts.first == hosts.first { $0.isDefault }?.host.description)
    }
    await controlPlane.shutDown()
  }

  @Test func aNameThatBecomesThePublicOneServesNoLinks() async throws {
    let first = try await controlPlane()
    _ = try await first.commands.hosts.vouch(for: host, of: "acme", by: .command("command"))
    await first.shutDown()
    let second = try await controlPlane(publicURL: "https://go.acme.test:8443/base")
    #expect(second.directory.routing.publicHost == "go.acme.test" && second.routing.tenantOfHost.isEmpty)
    #expect(second.routing.tenants["acme"]?.linkHosts == [])
    await second.shutDown()
  }
}
