import ControlPlane
import HTTPTypes
import Hummingbird
import Logging
import TenantRuntime

/// In front of every route: link hosts, problem documents, and one access line that names no person.
struct HostMiddleware: RouterMiddleware {
  let controlPlane: ControlPlane
  let links: Links
  let proxies: TrustedProxies
  let names: OwnNames
  let headers: AnswerHeaders
  let crossOrigin: CrossOrigin?

  func handle(
    _ request: Request, context: RoundhouseContext, next: (Request, RoundhouseContext) async throws -> Response
  ) async throws -> Response {
    let begin = ContinuousClock.now
    let id = RequestID.of(request.header("x-request-id"))
    var context = context
    context.client = proxies.client(peer: context.client.address, header: request.header)
    let host = FastPathRequest.host(context.client.host ?? request.head.authority ?? "")
    let tenant = controlPlane.routing.tenantOfHost[host]
    // A name that is not ours, and a page of links, learns nothing of us.
    context.requestID = tenant == nil && names.contains(host) ? id : nil
    var answer = await answer(request, host: host, linksOf: tenant, context: context, next: next)
    if let id = context.requestID, let field = RequestID.field {
      answer.headers[field] = id
      context.rate.add(to: &answer.headers)
      headers.add(to: &answer.headers)
      crossOrigin?.add(to: &answer.headers, of: request)
    }
    log(request, answer, route: tenant == nil ? context.endpointPath : "link", tenant: tenant?.key, id, since: begin)
    // HEAD is GET without its body (RFC 9110 9.3.2), refusals included.
    return request.method == .head ? answer.createHeadResponse() : answer
  }

  /// The route and not the address: that may hold a person's number, or a token.
  private func log(
    _ request: Request, _ answer: Response, route: String?, tenant: String?, _ id: String,
    since begin: ContinuousClock.Instant
  ) {
    controlPlane.logger.info(
      "Request",
      metadata: [
        "method": "\(Self.methods.contains(request.method) ? request.method.rawValue : "other")",
        "route": "\(route ?? "none")", "status": "\(answer.status.code)",
        "ms": "\((ContinuousClock.now - begin) / .milliseconds(1))",
        "tenant": "\(tenant ?? self.tenant(of: request.uri.path) ?? "")", "request_id": "\(id)",
      ])
  }

  /// A person who has mistyped an address, and no program that expects problem documents.
  private static func isBrowser(_ request: Request) -> Bool {
    request.method == .get && !request.uri.path.hasPrefix("/api/")
      && request.headers[.accept]?.contains("text/html") == true
  }

  private static let methods: Set<HTTPRequest.Method> = [.get, .head, .post, .put, .patch, .delete, .options]

  /// Of an address below a tenant that there is.
  private func tenant(of path: String) -> String? {
    let parts = path.split(separator: "/", maxSplits: 5)
    guard parts.count >= 4, parts[..<3] == ["api", "v1", "tenants"] else { return nil }
    return controlPlane.routing.tenants[String(parts[3])]?.key
  }

  private func answer(
    _ request: Request, host: String, linksOf tenant: Routing.Tenant?, context: RoundhouseContext,
    next: (Request, RoundhouseContext) async throws -> Response
  ) async -> Response {
    do {
      if let tenant { return try await links.answer(request, tenant: tenant, client: context.client) }
      guard names.contains(host) else { return OwnNames.nothing }
      if let answer = crossOrigin?.preflight(request, methods: SitePaths.methods) { return answer }
      return try await next(request, context)
    } catch let refusal as Refusal {
      return refusal.response(requestID: context.requestID)
    } catch let upload as RefusedUpload {
      return upload.refusal.response(requestID: context.requestID)
    } catch let error as HTTPError where error.status == .notFound {
      let allowed = SitePaths.methods(of: request.uri.path)
      if allowed.isEmpty, Self.isBrowser(request) {
        return SignInPages.refusal(
          .notFound("There is nothing at this address."),
          in: Words.Language(accepting: request.headers[.acceptLanguage]))
      }
      return
        (allowed.isEmpty ? Refusal.notFound("There is nothing at this address.") : .methodNotAllowed(allowed: allowed))
        .response(requestID: context.requestID)
    } catch let error as HTTPError where error.status.code < 500 {
      return Refusal.invalid("", error.body ?? error.status.reasonPhrase).response(requestID: context.requestID)
    } catch let error where controlPlane.isStopping {
      controlPlane.logger.notice(
        "A request met the end of the server",
        metadata: ["request_id": "\(context.requestID ?? "")", "error": "\(error)"])
      return Refusal.unavailable("The server is stopping; try again in a moment.").response(
        requestID: context.requestID)
    } catch {
      let reference = APIKey.hex(6)
      controlPlane.logger.error(
        "A request failed",
        metadata: ["reference": "\(reference)", "request_id": "\(context.requestID ?? "")", "error": "\(error)"])
      return Refusal.unavailable("Something went wrong on our side. Reference \(reference).")
        .response(requestID: context.requestID)
    }
  }
}
