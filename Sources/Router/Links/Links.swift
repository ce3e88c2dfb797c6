import ControlPlane
import Foundation
import Hummingbird
import NIOCore
import NIOHTTP1
import TenantRuntime

/// Short links: `GET https://LINK-HOST/PATH`, where PATH is a slug of the tenant or a token. A wrong one dies by arithmetic; a right one is
/// answered once its hit is on disk. A tenant's slugs are asked before its tokens; see `Slug` for why that is safe.
///
/// What memory knows is answered on the fast path (`judge`); what a tenant's file must be asked for, behind it (`answer`).
final class Links: Sendable {
  private let controlPlane: ControlPlane
  private let hits = Hits()
  private let cache = LinkCache()
  /// Counts wrong paths per address. Right ones are never limited: a carrier shows thousands of phones as one address.
  private let refusals = RefusalLimiter()

  init(controlPlane: ControlPlane) {
    self.controlPlane = controlPlane
    // Read now, not on a thread of the connections.
    _ = (LinkPages.templates, TenantPageSources.spanish.count)
  }

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
    let book = controlPlane.memory.links(of: tenant.key)
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

  /// A phone takes the full stop, the bracket or the quote behind a link for a part of it, as it is or percent-encoded; no token or slug ends
  /// in one.
  static func withoutPunctuation(_ path: Substring) -> Substring {
    // What is far longer than a link with something behind it is none, and a stranger may send 80 kB.
    guard path.utf8.count <= Slug.lengths.upperBound + 64 else { return path }
    var path = path
    while path.utf8.count > 1, let last = path.utf8.last, !isOfAName(last) {
      guard let character = path.last, !character.isLetter, !character.isNumber, character != "%" else { break }
      path = path.dropLast()
    }
    let escaped = escapes(path)
    if escaped.isEmpty { return path }
    let text = String(escaped).removingPercentEncoding ?? "x"
    return text.contains { $0.isLetter || $0.isNumber } ? path : withoutPunctuation(path[..<escaped.startIndex])
  }

  private static func isOfAName(_ byte: UInt8) -> Bool {
    (byte | 0x20) &- 97 < 26 || byte &- 48 < 10 || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
  }

  /// `%E2%80%9D` at the end.
  private static func escapes(_ path: Substring) -> Substring {
    var start = path.endIndex
    while let before = path.utf8.index(start, offsetBy: -3, limitedBy: path.startIndex), before > path.startIndex,
      path.utf8[before] == UInt8(ascii: "%")
    {
      start = before
    }
    return path[start...]
  }

  private func token(_ path: Substring, _ tenant: Routing.Tenant, _ book: LinkCacheState) -> Named {
    let path = Self.withoutPunctuation(path)
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

  /// A request of a link, however it was read.
  struct Asked {
    let method: String
    let path: Substring
    let client: Client
    /// Read only for a page.
    let language: () -> Words.Language
    /// Read only of a link that is there.
    let read: () -> HitHeaderReader
  }

  /// On the fast path; `pass` when the file must be asked.
  func judge(_ asked: Asked, tenant: Routing.Tenant) -> FastPathVerdict {
    let now = controlPlane.now()
    let found = lookup(path: asked.path, tenant: tenant, at: now)
    return found == .mustAsk ? .pass : verdict(found, asked, tenant, now)
  }

  private func verdict(_ found: Lookup, _ asked: Asked, _ tenant: Routing.Tenant, _ now: Moment) -> FastPathVerdict {
    switch found {
    case .wrong, .mustAsk: return .answer(wrong(tenant, asked.client.address, asked.language))
    case .closed: return .answer(nowhere(tenant, asked.language()))
    case .known(let token, let link):
      let hit = hits.note(tenant: tenant.key, token, asked, at: now)
      let isPreview = link.preview != nil && hit.facts.isPreviewAgent
      return .keep(hit, of: tenant, then: Self.response(link, isPreview: isPreview))
    }
  }

  private static func response(_ link: OpenLink, isPreview: Bool) -> FastPathResponse {
    if isPreview, let preview = link.preview { return LinkPages.preview(preview, target: link.target) }
    return FastPathResponse(
      status: .found,
      headers: [("Location", link.target), ("Cache-Control", "no-store"), ("X-Robots-Tag", "noindex")])
  }

  private func wrong(
    _ tenant: Routing.Tenant, _ address: String, _ language: () -> Words.Language
  ) -> FastPathResponse {
    refusals.isTooMany(address) ? Refusal.tooMany(retryAfterSeconds: 60).fastPathResponse : nowhere(tenant, language())
  }

  private func nowhere(_ tenant: Routing.Tenant, _ language: Words.Language) -> FastPathResponse {
    LinkPages.nowhere(tenant.name, controlPlane.memory.links(of: tenant.key).page, in: language)
  }

  /// Behind the fast path: the unsubscribe page, and what a tenant's file must be asked for.
  func answer(_ request: Request, tenant: Routing.Tenant, client: Client) async throws -> Response {
    let language = { Words.Language(accepting: request.headers[.acceptLanguage]) }
    if let text = UnsubscribePage.token(request.uri.path), tenant.state != .archived {
      do {
        return try await UnsubscribePage(controlPlane: controlPlane).answer(
          request, text, tenant: tenant, address: client.address)
      } catch Refusal.notFound { return wrong(tenant, client.address, language).response }
    }
    guard request.method == .get || request.method == .head else {
      throw Refusal.methodNotAllowed(allowed: ["GET", "HEAD"])
    }
    let path = request.uri.path[...]
    let asked = Asked(method: request.method.rawValue, path: path, client: client, language: language) {
      var reader = HitHeaderReader()
      for field in request.headers { reader.note(field.name.rawName, field.value) }
      return reader
    }
    let now = controlPlane.now()
    var found = lookup(path: path, tenant: tenant, at: now)
    if found == .mustAsk { found = try await resolve(path: path, tenant: tenant) }
    switch verdict(found, asked, tenant, now) {
    case .answer(let response): return response.response
    case .pass: throw Refusal.notFound("There is nothing here.")
    case .later(_, let begin):
      return await withCheckedContinuation { done in begin { done.resume(returning: $0.response) } }
    case .keep(let hit, let tenant, let response):
      try await controlPlane.events.accept(.hits([hit]), tenant: tenant.key)
      return response.response
    }
  }

  /// Asks Redis while the tenant's file is not open, else the file, which is opened for it if need be; what is said is remembered. Never
  /// `mustAsk`.
  func resolve(path: Substring, tenant: Routing.Tenant) async throws -> Lookup {
    let book = controlPlane.memory.links(of: tenant.key)
    let version = book.version
    if tenant.state != .archived, await controlPlane.open.peek(tenant.key) == nil,
      let (token, known) = await shared(path, tenant, book)
    {
      cache.insert(.init(book: book.id, token: token), known, version: version)
      return Lookup(token, known, at: controlPlane.now())
    }
    guard tenant.isOpenable else { throw Refusal.unavailable("Try again later.") }
    return try await controlPlane.open.with(tenant.key) { runtime in
      guard case .token(let token) = self.token(path, tenant, book) else { return .wrong }
      let version = book.version
      let shared = await self.controlPlane.sharedTargets?.find(token, tenant: tenant.key)
      let now = self.controlPlane.now()
      let resolution = try await runtime.file.read { db in try ShortLink.resolve(db, token, at: now) }
      self.cache.insert(.init(book: book.id, token: token), resolution, version: version)
      if let shared {
        await self.controlPlane.sharedTargets?.keep(resolution, of: token, tenant: tenant.key, version: shared.version)
      }
      return Lookup(token, resolution, at: now)
    }
  }
}

extension Links {
  /// What Redis knows of a path. While slugs are not known yet it is read as a token: no slug is given that reads as one of a link or text
  /// that is there, and Redis has no others.
  private func shared(
    _ path: Substring, _ tenant: Routing.Tenant, _ book: LinkCacheState
  ) async -> (LinkToken, LinkResolution)? {
    let named: LinkToken? =
      switch token(path, tenant, book) {
      case .token(let token): token
      case .notKnownYet: LinkToken(path: Self.withoutPunctuation(path).dropFirst(), keys: tenant.linkKeys)
      case .wrong: nil
      }
    guard let named, let known = await controlPlane.sharedTargets?.find(named, tenant: tenant.key)?.resolution else {
      return nil
    }
    return (named, known)
  }
}

extension Links.Lookup {
  init(_ token: LinkToken, _ resolution: LinkResolution, at: Moment) {
    self =
      switch resolution {
      case .open(let link) where link.expiresAt.map({ at >= $0 }) ?? false: .closed
      case .open(let link): .known(token, link)
      case .closed: .closed
      case .unknown: .wrong
      }
  }
}
