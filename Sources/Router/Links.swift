import ControlPlane
import HTTPTypes
import Hummingbird
import TenantRuntime

/// Short links: `GET https://LINK-HOST/PATH`, where PATH is a slug of the tenant or a token. A wrong one dies by arithmetic; a right one is
/// answered once its hit is on disk. A tenant's slugs are asked before its tokens; see `Slug` for why that is safe.
final class Links: Sendable {
  private let house: ControlPlane
  private let cache = LinkCache()
  /// Counts wrong paths per address. Right ones are never limited: a carrier shows thousands of phones as one address.
  private let refusals = RefusalLimiter()

  init(house: ControlPlane) { self.house = house }

  /// What a path leads to, as far as memory knows.
  enum Lookup: Sendable, Equatable {
    /// No link of this tenant, for sure.
    case wrong
    /// A link that has expired or is disabled.
    case closed
    case known(LinkToken, OpenLink)
    /// The tenant's file must say: `resolve`.
    case mustAsk
  }

  /// Never waits, opens nothing and throws nothing; safe from any thread.
  /// - Parameter path: of the request, with its slash, without its query.
  func lookup(path: Substring, tenant: Routing.Tenant, at: Moment) -> Lookup {
    let book = house.links(of: tenant.key)
    switch token(path, tenant, book) {
    case .wrong: return .wrong
    case .notKnownYet: return .mustAsk
    case .token(let token):
      switch cache.find(.init(book: book.id, token: token), version: book.version, at: at) {
      case .open(let link): return .known(token, link)
      case .closed: return .closed
      case .unknown, nil: return .mustAsk
      }
    }
  }

  private enum Named {
    case wrong, notKnownYet
    case token(LinkToken)
  }

  private func token(_ path: Substring, _ tenant: Routing.Tenant, _ book: LinkBook) -> Named {
    guard tenant.state != .archived, path.utf8.first == UInt8(ascii: "/"),
      (Slug.lengths.lowerBound + 1...Slug.lengths.upperBound + 1).contains(path.utf8.count)
    else { return .wrong }
    let name = path.dropFirst()
    if let slug = Slug(name) {
      switch book.find(slug) {
      case .code(let code): return .token(.own(code: code))
      case .notKnownYet: return .notKnownYet
      case .none: break
      }
    }
    return LinkToken(path: name, keys: tenant.linkKeys).map(Named.token) ?? .wrong
  }

  // MARK: Answering

  func answer(_ request: Request, tenant key: String, address: String) async throws -> Response {
    guard let tenant = house.routing.tenants[key] else { throw Refusal.notFound("There is nothing here.") }
    if let text = UnsubscribePage.token(request.uri.path), tenant.state != .archived {
      do {
        return try await UnsubscribePage(house: house).answer(request, text, tenant: tenant, address: address)
      } catch Refusal.notFound { return try wrong(tenant, address) }
    }
    guard request.method == .get || request.method == .head else {
      throw Refusal.methodNotAllowed(allowed: ["GET", "HEAD"])
    }
    var found = lookup(path: request.uri.path[...], tenant: tenant, at: house.now())
    if found == .mustAsk { found = try await resolve(path: request.uri.path[...], tenant: tenant) }
    switch found {
    case .wrong, .mustAsk: return try wrong(tenant, address)
    case .closed: return nowhere(tenant)
    case .known(let token, let link):
      let facts = facts(request, address: address)
      try await house.accept(.hit(LinkHit(token, facts: facts)), tenant: key)
      if let preview = link.preview, facts.isPreviewAgent { return LinkPages.preview(preview, target: link.target) }
      return Response(
        status: .found, headers: [.location: link.target, .cacheControl: "no-store", .robotsTag: "noindex"])
    }
  }

  private func wrong(_ tenant: Routing.Tenant, _ address: String) throws -> Response {
    if refusals.isTooMany(address) { throw Refusal.tooMany(retryAfterSeconds: 60) }
    return nowhere(tenant)
  }

  private func nowhere(_ tenant: Routing.Tenant) -> Response {
    LinkPages.nowhere(tenant.name, house.links(of: tenant.key).page)
  }

  private func facts(_ request: Request, address: String) -> HitFacts {
    HitFacts(
      method: request.method.rawValue, userAgent: request.headers[.userAgent] ?? "", address: address,
      headers: HitFacts.headers { name in HTTPField.Name(name).flatMap { request.headers[$0] } }, at: house.now())
  }

  /// Asks the tenant's file, which is opened for it if need be; what it says is remembered. Never `mustAsk`.
  func resolve(path: Substring, tenant: Routing.Tenant) async throws -> Lookup {
    guard tenant.isOpenable else { throw Refusal.unavailable("Try again later.") }
    let book = house.links(of: tenant.key)
    return try await house.open.with(tenant.key) { runtime in
      guard case .token(let token) = self.token(path, tenant, book) else { return .wrong }
      let version = book.version
      let now = self.house.now()
      let resolution = try await runtime.file.read { db in try ShortLink.resolve(db, token, at: now) }
      self.cache.insert(.init(book: book.id, token: token), resolution, version: version)
      switch resolution {
      case .open(let link): return .known(token, link)
      case .closed: return .closed
      case .unknown: return .wrong
      }
    }
  }
}

extension HTTPField.Name {
  static let robotsTag = HTTPField.Name("X-Robots-Tag")!
}
