import ControlPlane
import HTTPTypes
import Hummingbird
import NIOCore
import TenantRuntime

/// `https://LINK-HOST/u/TOKEN`: a person takes back consent with a button. Scanners open every link, so looking at the page changes nothing;
/// only its POST does (`facts.md` B).
struct UnsubscribePage: Sendable {
  let controlPlane: ControlPlane

  /// The path's token, if the path is a page's.
  static func token(_ path: String) -> Substring? {
    path.hasPrefix("/u/") ? Links.withoutPunctuation(path.dropFirst(3)) : nil
  }

  func answer(_ request: Request, _ text: Substring, tenant: Routing.Tenant, address: String) async throws -> Response {
    guard case .page(let job)? = LinkToken(page: text, keys: tenant.linkKeys) else {
      throw Refusal.notFound("There is nothing here.")
    }
    let words = Words.plain(Words.Language(accepting: request.headers[.acceptLanguage]), now: controlPlane.now())
    switch request.method {
    case .get, .head:
      return page(words("Stop texts from {0}?", tenant.name), button: words("Stop texts"), in: words.language)
    case .post:
      let done = page(words("You will get no more texts from {0}.", tenant.name), in: words.language)
      let phone = try await phone(job, tenant)
      // Of an erased person's text the number is gone; that nothing is texted there is kept with the erasure.
      if SendJob.isErased(phone) { return done }
      let optOut = Revocation(
        phone: phone, action: .optOut, method: "page",
        evidence: "pressed the button of the unsubscribe page", source: request.head.authority, address: address,
        at: controlPlane.now())
      try await controlPlane.events.appendNews([optOut], tenant: tenant.key)
      return done
    default: throw Refusal.methodNotAllowed(allowed: ["GET", "HEAD", "POST"])
    }
  }

  /// Whom the text went to. Of a tenant whose file is away the log of claims knows.
  private func phone(_ job: Int64, _ tenant: Routing.Tenant) async throws -> PhoneNumber {
    guard tenant.isOpenable else {
      if let found = try await controlPlane.intake.phone(ofJob: job, of: tenant.key) { return found }
      throw Refusal.unavailable("Try again later.")
    }
    let found = try await controlPlane.open.with(tenant.key) { runtime in
      try await runtime.file.read { db in try SendJob.find(db, id: job)?.phone }
    }
    guard let found else { throw Refusal.notFound("There is nothing here.") }
    return found
  }

  private func page(_ sentence: String, button: String? = nil, in language: Words.Language) -> Response {
    Response(
      status: .ok,
      headers: [
        .contentType: "text/html; charset=utf-8", .cacheControl: "no-store",
        .contentSecurityPolicy:
          "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
        .xContentTypeOptions: "nosniff",
      ], body: .init(byteBuffer: ByteBuffer(string: LinkPages.unsubscribe(sentence, button: button, in: language))))
  }
}
