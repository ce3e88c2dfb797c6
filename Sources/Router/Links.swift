import ControlPlane
import HTTPTypes
import Hummingbird
import Synchronization
import TenantRuntime

/// Short links: `GET https://LINK-HOST/TOKEN`. A wrong token dies by arithmetic; a right one is answered once its hit is on disk.
final class Links: Sendable {
  private let house: ControlPlane
  private let hits = Hits()
  private let targets = Mutex<[String: String]>([:])
  /// Beyond this the cache begins anew; it only saves a look into the tenant's file.
  private static let mostTargets = 50_000

  init(house: ControlPlane) { self.house = house }

  func answer(_ request: Request, tenant key: String, client: Client) async throws -> Response {
    if let text = UnsubscribePage.token(request.uri.path) {
      guard let tenant = house.routing.tenants[key], tenant.state != .archived else {
        throw Refusal.notFound("There is nothing here.")
      }
      return try await UnsubscribePage(house: house).answer(request, text, tenant: tenant, address: client.address)
    }
    guard request.method == .get || request.method == .head else {
      throw Refusal.methodNotAllowed(allowed: ["GET", "HEAD"])
    }
    guard let tenant = house.routing.tenants[key], tenant.state != .archived,
      let token = LinkToken(text: request.uri.path.dropFirst(), key: tenant.linkKey),
      token.link != LinkToken.unsubscribe
    else { throw Refusal.notFound("There is nothing here.") }
    let target = try await target(token, tenant)
    let hit = hits.note(
      tenant: key, jobID: token.jobID, link: token.link, method: request.method.rawValue, client: client,
      at: house.now(), header: request.header)
    try await house.accept(.hit(hit), tenant: key)
    return Response(
      status: .found, headers: [.location: target, .cacheControl: "no-store", .init("X-Robots-Tag")!: "noindex"])
  }

  private func target(_ token: LinkToken, _ tenant: Routing.Tenant) async throws -> String {
    let slot = "\(tenant.key)/\(token.jobID)/\(token.link)"
    if let cached = targets.withLock({ $0[slot] }) { return cached }
    guard tenant.isOpenable else { throw Refusal.unavailable("Try again later.") }
    let found = try await house.open.with(tenant.key) { runtime in
      try await runtime.file.read { db in try ShortLink.target(db, token) }
    }
    guard let found else { throw Refusal.notFound("There is nothing here.") }
    targets.withLock { targets in
      if targets.count >= Self.mostTargets { targets = [:] }
      targets[slot] = found
    }
    return found
  }
}
