import ControlPlane
import Hummingbird
import TenantRuntime

/// `GET /internal/tls-ask?domain=HOST`: may the proxy in front get a certificate for this name (Caddy's `ask`)? 200: yes, 404: no.
///
/// For proxies themselves, on this machine or a trusted one; what comes through them from outside has a forwarding header and gets
/// what any address gets where nothing is.
struct TLSAsk: Sendable {
  let controlPlane: ControlPlane
  let proxies: TrustedProxies

  static let path = "internal/tls-ask"
  private static let local = ["127.0.0.0/8", "::1"].compactMap { Network($0) }
  private static let forwarding = ["x-forwarded-for", "forwarded", "via", "x-real-ip"]

  func answer(_ request: Request, peer: String) throws -> Response {
    guard isProxyItself(request, peer) else { throw Refusal.notFound("There is nothing at this address.") }
    let host = FastPathRequest.host(request.query("domain") ?? "")
    let isOurs =
      !host.isEmpty
      && (host == controlPlane.directory.routing.publicHost || controlPlane.routing.tenantOfHost[host] != nil)
    return Response(status: isOurs ? .ok : .notFound)
  }

  private func isProxyItself(_ request: Request, _ peer: String) -> Bool {
    guard !Self.forwarding.contains(where: { request.header($0) != nil }) else { return false }
    return proxies.contains(peer) || IPAddress(peer).map { peer in Self.local.contains { $0.contains(peer) } } ?? false
  }
}
