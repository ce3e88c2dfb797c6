import ControlPlane
import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTP1
import TenantRuntime

/// What the fast path asks of the site around it; tests have one whose answers come when they say.
protocol FastPathAnswers: Sendable {
  var access: AccessLog { get }

  /// A request that the fast path answers, judged by its head alone; nil: not one of ours.
  func read(_ head: FastPathHead, peer: String) -> FastPathRequest?

  func judge(_ request: FastPathRequest) -> FastPathVerdict

  /// - Parameter answer: called once the hit is on disk, or why it is not, on the intake's thread.
  func keep(_ hit: LinkHit, of tenant: Routing.Tenant, then answer: @escaping IntakeAnswer)
}

/// Which requests the fast path answers, and by whom. Host first: a link host has nothing but links.
struct FastPathSite: FastPathAnswers {
  private let controlPlane: ControlPlane
  private let proxies: TrustedProxies
  private let webhooks: Webhooks
  private let links: Links
  private let names: OwnNames
  let access: AccessLog

  init(controlPlane: ControlPlane, proxies: TrustedProxies, links: Links) {
    (self.controlPlane, self.proxies, self.links) = (controlPlane, proxies, links)
    webhooks = Webhooks(controlPlane: controlPlane)
    names = OwnNames(controlPlane)
    access = AccessLog(logger: controlPlane.logger)
  }

  /// By whom a connection is counted: an IPv4 address, or the /64 of an IPv6 one; nil for a trusted proxy, behind which are many.
  func share(of remote: SocketAddress?) -> String? {
    guard let text = remote?.ipAddress, !proxies.contains(text), let address = IPAddress(withZone: text) else {
      return nil
    }
    return address.isV4 ? text : Network(address, bits: 64).description
  }

  func read(_ head: FastPathHead, peer: String) -> FastPathRequest? {
    let client = proxies.client(peer: peer, header: head.joined)
    let host = FastPathRequest.host(client.host ?? head.first("host") ?? "")
    if let tenant = controlPlane.routing.tenantOfHost[host] {
      guard head.method == .GET || head.method == .HEAD, UnsubscribePage.token(head.uri) == nil else { return nil }
      return FastPathRequest(head: head, client: client, purpose: .link(tenant))
    }
    guard names.contains(host) else { return nil }
    return Webhooks.Kind(head).map { FastPathRequest(head: head, client: client, purpose: .webhook($0)) }
  }

  func judge(_ request: FastPathRequest) -> FastPathVerdict {
    switch request.purpose {
    case .webhook(let kind): webhooks.judge(kind, request)
    case .link(let tenant):
      links.judge(
        .init(
          method: request.method.rawValue, path: request.path, client: request.client,
          language: { Words.Language(accepting: request.head.joined("accept-language")) }, read: { request.head.hit }),
        tenant: tenant)
    }
  }

  func keep(_ hit: LinkHit, of tenant: Routing.Tenant, then answer: @escaping IntakeAnswer) {
    controlPlane.intake.append(.hits([hit]), tenant: tenant.key, then: answer)
  }
}
