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
  private func house(publicURL: String = "https://app.test") async throws -> ControlPlane {
    let house = try ControlPlane(
      .init(data: folder.path, publicURL: publicURL, twilioAPI: "http://127.0.0.1:9", dnsServer: "127.0.0.1:9"),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, now: { Self.start })
    for tenant in ["acme", "other"] where house.routing.tenants[tenant] == nil {
      _ = try await house.perform(
        .createTenant(
          key: tenant, name: tenant, ownerEmail: "o@x.test", timeZone: "UTC", twilioSID: nil, sealedToken: nil),
        actor: "test")
    }
    return house
  }

  private func hosts(_ house: ControlPlane, _ key: String) async throws -> [String] {
    try await house.linkHosts(of: key).map { "\($0.host) \($0.state)\($0.isDefault ? " default" : "")" }
  }

  @Test func aPendingHostLeadsNowhereAndAVerifiedOneAtOnce() async throws {
    let house = try await house()
    let (made, isNew) = try await house.proposeHost(host, for: "acme", actor: "key:1")
    #expect(isNew && made.state == .pending && made.addedAt == Self.start && !made.isDefault)
    try await house.refreshRouting()
    #expect(house.routing.tenantOfHost.isEmpty && house.routing.tenants["acme"]?.linkHosts == [])
    #expect(try await house.proposeHost(host, for: "acme", actor: "key:1").host == made)
    _ = try await house.vouchForHost(host, for: "acme", actor: "command")
    #expect(house.routing.tenantOfHost.mapValues(\.key) == ["go.acme.test": "acme"])
    #expect(try await hosts(house, "acme") == ["go.acme.test verified default"])
    await house.shutDown()
  }

  @Test func theDefaultIsTheFirstOfTheRuntimesHosts() async throws {
    let house = try await house()
    for name in ["a.acme.test", "b.acme.test"] {
      _ = try await house.vouchForHost(HostName(name), for: "acme", actor: "command")
    }
    try await house.open.with("acme") { _ in }
    #expect(house.routing.tenants["acme"]?.linkHosts == ["a.acme.test", "b.acme.test"])
    _ = try await house.makeDefaultHost(HostName("b.acme.test"), of: "acme", actor: "key:1")
    #expect(await house.open.peek("acme")?.lease.linkHosts == ["b.acme.test", "a.acme.test"])
    await #expect(throws: Refusal.self) {
      try await house.removeHost(HostName("b.acme.test"), of: "acme", actor: "key:1")
    }
    try await house.removeHost(HostName("a.acme.test"), of: "acme", actor: "key:1")
    #expect(await house.open.peek("acme")?.lease.linkHosts == ["b.acme.test"])
    await house.shutDown()
  }

  @Test func eachTenantAndHostHasATokenOfItsOwn() async throws {
    let house = try await house()
    var tokens: Set<String> = []
    for (key, name) in [("acme", "a.test"), ("acme", "b.test"), ("other", "a.test")] {
      tokens.insert(try await house.proposeHost(HostName(name), for: key, actor: "t").host.token)
    }
    #expect(tokens.count == 3 && tokens.allSatisfy { $0.utf8.count == 32 })
    await house.shutDown()
  }

  @Test func aHostOfAnotherTenantIsRefusedLikeThePublicOne() async throws {
    let house = try await house()
    _ = try await house.proposeHost(host, for: "acme", actor: "t")
    _ = try await house.vouchForHost(host, for: "other", actor: "command")
    try await house.removeHost(host, of: "acme", actor: "t")
    func refusal(_ name: String) async -> String {
      do { return "\(try await house.proposeHost(HostName(name), for: "acme", actor: "t"))" } catch {
        return ((error as? Refusal)?.detail ?? "\(error)").replacing(name, with: "HOST")
      }
    }
    let (taken, ours) = (await refusal("go.acme.test"), await refusal("app.test"))
    #expect(taken == ours && taken.hasPrefix("HOST cannot be used"))
    await #expect(throws: Refusal.conflict("go.acme.test belongs to another tenant.")) {
      try await house.vouchForHost(host, for: "acme", actor: "command")
    }
    await house.shutDown()
  }

  @Test func aCheckThatNobodyAnswersLeavesTheHostPendingAndSaysSo() async throws {
    let house = try await house()
    _ = try await house.proposeHost(HostName("go.invalid"), for: "acme", actor: "key:1")
    await #expect(throws: Refusal.self) {
      try await house.verifyHost(HostName("go.invalid"), of: "acme", actor: "key:1")
    }
    let found = try await house.linkHost(HostName("go.invalid"), of: "acme")
    #expect(found.state == .pending && found.checkedAt == Self.start)
    #expect(
      found.failure?.contains("could not be looked up") == true && found.failure?.contains("does not resolve") == true)
    let rows = try await house.file.read { db in
      try String.fetchAll(
        db,
        sql: "SELECT actor || ' ' || action || ' ' || subject || ' ' || detail FROM audit_log WHERE actor = 'key:1'")
    }
    #expect(rows == ["key:1 host.add acme go.invalid", "key:1 host.check_failed acme go.invalid"])
    await house.shutDown()
  }

  @Test func manyAskersLeaveOneTenantWithTheHostAndOneDefault() async throws {
    let house = try await house()
    await withTaskGroup(of: Void.self) { group in
      for key in ["acme", "other"] {
        for n in 0..<10 {
          group.addTask {
            _ = try? await house.vouchForHost(HostName("h\(n).test"), for: key, actor: "t")
            _ = try? await house.makeDefaultHost(HostName("h\(n).test"), of: key, actor: "t")
          }
        }
      }
    }
    #expect(house.routing.tenantOfHost.count == 10)
    for key in ["acme", "other"] {
      let hosts = try await house.linkHosts(of: key)
      #expect(hosts.allSatisfy { $0.state == .verified } && hosts.count { $0.isDefault } == (hosts.isEmpty ? 0 : 1))
      #expect(house.routing.tenants[key]?.linkHosts.first == hosts.first { $0.isDefault }?.host.description)
    }
    await house.shutDown()
  }

  @Test func aNameThatBecomesThePublicOneServesNoLinks() async throws {
    let first = try await house()
    _ = try await first.vouchForHost(host, for: "acme", actor: "command")
    await first.shutDown()
    let second = try await house(publicURL: "https://go.acme.test:8443/base")
    #expect(second.publicHost == "go.acme.test" && second.routing.tenantOfHost.isEmpty)
    #expect(second.routing.tenants["acme"]?.linkHosts == [])
    await second.shutDown()
  }
}
