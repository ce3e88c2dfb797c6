import ControlPlane
import HTTPTypes
import TenantRuntime
import TestKit
import Testing

@testable import Router

/// Every route × every role × another tenant, over a real port.
@Suite struct AccessTests {
  let folder = try! TestFolder()

  @Test func everyRouteAnswersThoseWhoMayAndNobodyElse() async throws {
    try await ServedSite.run(folder) { site in
      let (controlPlane, client) = (site.controlPlane, site.client)
      var keys: [Role: String] = [:]
      for role in Role.tenantRoles { keys[role] = try await site.key("acme", role) }
      let platform = try await site.key(nil, .platform)
      let foreign = Credential.key(try await site.key("other", .owner))
      // Who may do what does not change when a tenant is suspended: it texts nobody, and that is another gate.
      for isSuspended in [false, true] {
        if isSuspended {
          _ = try await controlPlane.perform(.suspend(key: "acme", reason: "test"), by: .command("test"))
        }
        let found = try await holes(
          Self.tenantRoutes, keys.mapValues(Credential.key), foreign: foreign, platform: .key(platform), client)
        #expect(found == [], "suspended: \(isSuspended)")
      }
      for route in AdminRoutes.all {
        let path = "/api/v1/admin/" + address(route.path)
        let line = "\(route.method) \(route.path)"
        #expect(await client.status(route.method.rawValue, path, key: keys[.owner]) == 403, "\(line) as an owner")
        #expect(await client.status(route.method.rawValue, path, key: nil) == 401, "\(line) without a key")
        let status = await client.status(route.method.rawValue, path, key: platform)
        #expect(status != nil && status != 403 && status != 401, "\(line) as platform: \(status ?? 0)")
      }
    }
  }

  @Test func everyRouteAnswersWhoHasSignedInByTheirRole() async throws {
    try await ServedSite.run(folder) { site in
      let client = site.client
      var sessions: [Role: Credential] = [:]
      for role in Role.tenantRoles { sessions[role] = .session(try await site.session("acme", role)) }
      let foreign = Credential.session(try await site.session("other", .owner))
      let admin = try await site.session(nil, .platform)
      #expect(try await holes(Self.tenantRoutes, sessions, foreign: foreign, platform: .session(admin), client) == [])
      for route in AdminRoutes.all {
        let path = "/api/v1/admin/" + address(route.path)
        let line = "\(route.method) \(route.path)"
        #expect(
          await ask(client, route.method.rawValue, path, sessions[.owner] ?? .nobody) == 403, "\(line) as an owner")
        let status = await client.status(route.method.rawValue, path, key: nil, session: admin)
        #expect(status != nil && status != 403 && status != 401, "\(line) as an admin: \(status ?? 0)")
      }
      // One of another server's, or none that was ever given.
      #expect(await client.status("GET", "/api/v1/tenants/acme/contacts", key: nil, session: APIKey.hex(32)) == 401)
    }
  }

  /// A handler that was mounted beside the checks is found by the same walk.
  @Test func aRouteThatAsksNobodyWhoTheyAreIsFound() async throws {
    let planted: RouteInShort = (.get, "planted", .readContacts)
    try await ServedSite.run(folder, planting: planted.path) { site in
      let client = site.client
      let keys = [Role.viewer: Credential.key(try await site.key("acme", .viewer))]
      let foreign = Credential.key(try await site.key("other", .owner))
      let platform = Credential.key(try await site.key(nil, .platform))
      let found = try await holes([planted], keys, foreign: foreign, platform: platform, client)
      #expect(
        found == [
          "GET planted of another tenant: 200", "GET planted as platform: 200", "GET planted without a key: 200",
        ])
    }
  }

  private enum Credential: Sendable {
    case key(String), session(String), nobody
  }

  private func ask(_ client: TestClient, _ method: String, _ path: String, _ by: Credential) async -> Int? {
    switch by {
    case .key(let text): await client.status(method, path, key: text)
    case .session(let token): await client.status(method, path, key: nil, session: token)
    case .nobody: await client.status(method, path, key: nil)
    }
  }

  private typealias RouteInShort = (method: HTTPRequest.Method, path: String, needs: Permission)

  /// Who gets in and should not, or should and does not.
  private func holes(
    _ routes: [RouteInShort], _ by: [Role: Credential], foreign: Credential, platform: Credential, _ client: TestClient
  ) async throws -> [String] {
    var found: [String] = []
    for route in routes {
      let (path, line) = ("/api/v1/tenants/acme/" + address(route.path), "\(route.method) \(route.path)")
      for (role, credential) in by.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
        let status = await ask(client, route.method.rawValue, path, credential) ?? 0
        let may = role.permissions.contains(route.needs)
        if status == 0 || status == 401 || (status == 403) == may { found.append("\(line) as \(role): \(status)") }
      }
      for (who, by, expected) in [
        ("of another tenant", foreign, 404), ("as platform", platform, 404), ("without a key", Credential.nobody, 401),
      ] {
        let status = await ask(client, route.method.rawValue, path, by) ?? 0
        if status != expected { found.append("\(line) \(who): \(status)") }
      }
    }
    return found
  }

  @Test func noRouteAnswersAnEmptyRequestWithA5xx() async throws {
    try await ServedSite.run(folder) { site in
      let client = site.client
      let owner = try await site.key("acme", .owner)
      for route in Self.tenantRoutes {
        for body in ["", "{}", "[]", "{\"x\":", "\u{0}", "{\"phone\":{\"a\":[1,null]}}"] {
          let path = "/api/v1/tenants/acme/" + address(route.path)
          let status = await client.status(route.method.rawValue, path, key: owner, body: body)
          #expect(status.map { $0 < 500 } == true, "\(route.method) \(route.path) with \(body): \(status ?? 0)")
        }
      }
    }
  }

  /// Of the tenant's file, and of its account in the server.
  private static let tenantRoutes: [RouteInShort] =
    SiteMap.all.map { (method: $0.method, path: $0.path, needs: $0.needs) }
    + SiteMap.account.map { (method: $0.method, path: $0.path, needs: $0.needs) }

  /// A number that nothing has: the question is who may ask, not what is there.
  private func address(_ path: String) -> String {
    // A stream has no end to wait for; a cursor that is none is answered at once.
    if path == "inbox/events" { return path + "?after=none" }
    return path.split(separator: "/").map { $0.hasPrefix(":") ? "999" : String($0) }.joined(separator: "/")
  }
}
