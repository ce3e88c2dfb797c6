import ControlPlane
import Foundation
import GRDB
import Logging
import Synchronization
import TenantRuntime
import TestKit
import Testing

@testable import Router

/// What the door knows of paths by itself, and when it must ask.
@Suite struct LinksTests {
  let folder = try! TestFolder()
  private static let start = Moment(milliseconds: 1_800_000_000_000)

  /// A clock that a test moves.
  private final class Clock: Sendable {
    private let moment = Mutex(LinksTests.start)
    var now: Moment { moment.withLock { $0 } }
    func move(seconds: Int64) { moment.withLock { $0 = $0.advanced(bySeconds: seconds) } }
  }

  private func controlPlane(_ clock: Clock, tenants: [String] = ["acme"]) async throws -> ControlPlane {
    let controlPlane = try ControlPlane(
      .init(data: folder.path, publicURL: "http://127.0.0.1", twilioAPI: "http://127.0.0.1:9"),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, now: { clock.now })
    for tenant in tenants where controlPlane.routing.tenants[tenant] == nil {
      _ = try await controlPlane.perform(
        .createTenant(
          key: tenant, name: tenant, ownerEmail: "o@x.test", timeZone: "UTC", twilioSID: nil, sealedToken: nil),
        by: .command("test"))
    }
    return controlPlane
  }

  private func insert(_ controlPlane: ControlPlane, _ code: Int64, slug: String?, expiresAt: Moment? = nil) async throws
  {
    try await controlPlane.open.with("acme") { runtime in
      try await runtime.file.write { db in
        try db.execute(
          sql: """
            INSERT INTO short_links (code, slug, target, expires_at, created_by, created_at, updated_at)
            VALUES (?, ?, 'https://shop.test/', ?, 't', 0, 0)
            """, arguments: [code, slug, expiresAt])
      }
      try await runtime.publishLinks()
    }
  }

  private func look(_ links: Links, _ controlPlane: ControlPlane, _ path: String, of tenant: String = "acme")
    -> Links.Lookup
  {
    links.lookup(path: path[...], tenant: controlPlane.routing.tenants[tenant]!, at: controlPlane.now())
  }

  private static let open = OpenLink(target: "https://shop.test/", isPersonal: false)

  @Test func aPathIsAskedForOnceAndKnownFromThenOn() async throws {
    let controlPlane = try await controlPlane(Clock())
    let links = Links(controlPlane: controlPlane)
    try await insert(controlPlane, 5, slug: "menu")
    let tenant = try controlPlane.tenant("acme")
    let token = "/" + LinkToken.own(code: 5).text(key: tenant.linkKeys.newest)
    for path in ["/menu", "/MENU", token] {
      #expect(look(links, controlPlane, path) != .wrong)
      #expect(try await links.resolve(path: path[...], tenant: tenant) == .known(.own(code: 5), Self.open))
      #expect(look(links, controlPlane, path) == .known(.own(code: 5), Self.open))
    }
    await controlPlane.shutDown()
  }

  /// What a phone takes for a part of the link, people's full stops and brackets.
  @Test(arguments: [".", ",", ")", "/", "”", ").", "%E2%80%9D", "!", "'", "…", "。"])
  func punctuationBehindALinkIsNotOfIt(_ more: String) async throws {
    let controlPlane = try await controlPlane(Clock())
    try await insert(controlPlane, 5, slug: "menu")
    let links = Links(controlPlane: controlPlane)
    let tenant = try controlPlane.tenant("acme")
    let token = "/" + LinkToken.own(code: 5).text(key: tenant.linkKeys.newest)
    for path in ["/menu", token] {
      #expect(try await links.resolve(path: (path + more)[...], tenant: tenant) == .known(.own(code: 5), Self.open))
    }
    await controlPlane.shutDown()
  }

  @Test(arguments: ["", "/", "/a", "menu", "/me.nu", "/zzzzzzzz", "/ü-ü", "/a/b", "/u/23456789"])
  func whatIsNoPathOfALinkIsWrongWithoutAsking(_ path: String) async throws {
    let controlPlane = try await controlPlane(Clock())
    try await insert(controlPlane, 5, slug: "menu")
    #expect(look(Links(controlPlane: controlPlane), controlPlane, path) == .wrong)
    await controlPlane.shutDown()
  }

  @Test func aWrongTokenDiesByArithmeticAlsoBeforeTheFileWasOpen() async throws {
    let clock = Clock()
    try await insert(try await controlPlane(clock), 5, slug: "menu")
    let controlPlane = try await controlPlane(clock, tenants: ["acme", "other"])
    let links = Links(controlPlane: controlPlane)
    #expect(!controlPlane.memory.links(of: "acme").isFilled)
    #expect(look(links, controlPlane, "/menu") == .mustAsk)
    #expect(look(links, controlPlane, "/no.slug.at.all") == .wrong)
    try await controlPlane.open.with("acme") { _ in }
    #expect(look(links, controlPlane, "/menu") == .mustAsk && look(links, controlPlane, "/menu2") == .wrong)
    await controlPlane.shutDown()
  }

  @Test func aTokenOfAnotherTenantIsWrong() async throws {
    let controlPlane = try await controlPlane(Clock(), tenants: ["acme", "other"])
    let links = Links(controlPlane: controlPlane)
    for tenant in ["acme", "other"] { try await controlPlane.open.with(tenant) { _ in } }
    let keys = try controlPlane.tenant("acme").linkKeys
    let paths = (0..<50).map { "/" + LinkToken.link(job: $0, number: 0).text(key: keys.newest) }
    #expect(paths.count { look(links, controlPlane, $0) == .mustAsk } == 50)
    #expect(paths.count { look(links, controlPlane, $0, of: "other") == .wrong } >= 49)
    await controlPlane.shutDown()
  }

  @Test func whatIsKnownEndsWithTheLinkAndWithAnyChange() async throws {
    let clock = Clock()
    let controlPlane = try await controlPlane(clock)
    let links = Links(controlPlane: controlPlane)
    let tenant = try controlPlane.tenant("acme")
    try await insert(controlPlane, 5, slug: "menu", expiresAt: Self.start.advanced(bySeconds: 60))
    _ = try await links.resolve(path: "/menu", tenant: tenant)
    clock.move(seconds: 59)
    guard case .known = look(links, controlPlane, "/menu") else { return #expect(Bool(false), "it is open yet") }
    clock.move(seconds: 1)
    #expect(look(links, controlPlane, "/menu") == .closed)
    #expect(try await links.resolve(path: "/menu", tenant: tenant) == .closed)
    #expect(look(links, controlPlane, "/menu") == .closed)
    // Any change of a link of this tenant, and the file's next opening.
    try await insert(controlPlane, 6, slug: "other")
    #expect(look(links, controlPlane, "/menu") == .mustAsk)
    await controlPlane.shutDown()
  }

  @Test func aTokenOutlivesARotationOfItsKey() async throws {
    let controlPlane = try await controlPlane(Clock())
    let links = Links(controlPlane: controlPlane)
    try await insert(controlPlane, 5, slug: nil)
    let old = "/" + LinkToken.own(code: 5).text(key: try controlPlane.tenant("acme").linkKeys.newest)
    _ = try await controlPlane.perform(.rotateLinkKey(key: "acme"), by: .command("test"))
    let tenant = try controlPlane.tenant("acme")
    #expect(tenant.linkKeys.all.count == 2)
    #expect(try await links.resolve(path: old[...], tenant: tenant) == .known(.own(code: 5), Self.open))
    let lease = await controlPlane.open.peek("acme")?.lease
    #expect(lease?.linkKeys == tenant.linkKeys)
    await controlPlane.shutDown()
  }

  @Test func manyThreadsMayLookAtOnce() async throws {
    let controlPlane = try await controlPlane(Clock())
    let links = Links(controlPlane: controlPlane)
    try await insert(controlPlane, 5, slug: "menu")
    let tenant = try controlPlane.tenant("acme")
    let right = await withTaskGroup(of: Int.self) { group in
      for task in 0..<8 {
        group.addTask {
          var right = 0
          for _ in 0..<300 {
            if task == 0 { try? await controlPlane.open.with("acme") { try await $0.publishLinks() } }
            let found = (try? await links.resolve(path: "/menu", tenant: tenant)) ?? .wrong
            if found == .known(.own(code: 5), Self.open), look(links, controlPlane, "/menu") != .wrong { right += 1 }
          }
          return right
        }
      }
      return await group.reduce(0, +)
    }
    #expect(right == 2_400)
    await controlPlane.shutDown()
  }
}
