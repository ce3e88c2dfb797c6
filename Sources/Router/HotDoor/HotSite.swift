import ControlPlane
import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTP1
import TenantRuntime

/// Which requests the hot door answers, and by whom. Host first: a link host has nothing but links.
struct HotSite: Sendable {
  private let house: ControlPlane
  private let proxies: TrustedProxies
  private let webhooks: Webhooks
  private let links: Links
  private let names: OwnNames
  let access: AccessLog

  init(house: ControlPlane, proxies: TrustedProxies, links: Links) {
    (self.house, self.proxies, self.links) = (house, proxies, links)
    webhooks = Webhooks(house: house)
    names = OwnNames(house)
    access = AccessLog(logger: house.logger)
  }

  /// By whom a connection is counted: an IPv4 address, or the /64 of an IPv6 one; nil for a trusted proxy, behind which are many.
  func share(of remote: SocketAddress?) -> String? {
    guard let text = remote?.ipAddress, !proxies.contains(text), let address = Address(text) else { return nil }
    return address.isIPv4 ? text : Network(address, bits: 64).description
  }

  /// A request that this door answers, judged by its head alone; nil: not one of ours.
  func read(_ head: DoorHead, peer: String) -> DoorRequest? {
    let client = proxies.client(peer: peer, header: head.joined)
    let host = DoorRequest.host(client.host ?? head.first("host") ?? "")
    if let tenant = house.routing.tenantOfHost[host] {
      guard head.method == .GET || head.method == .HEAD, UnsubscribePage.token(head.uri) == nil else { return nil }
      return DoorRequest(head: head, client: client, purpose: .link(tenant))
    }
    guard names.contains(host) else { return nil }
    return Webhooks.Kind(head).map { DoorRequest(head: head, client: client, purpose: .webhook($0)) }
  }

  func judge(_ request: DoorRequest) -> DoorVerdict {
    switch request.purpose {
    case .webhook(let kind): webhooks.judge(kind, request)
    case .link(let tenant):
      links.judge(
        .init(method: request.method.rawValue, path: request.path, client: request.client) { request.head.hit },
        tenant: tenant)
    }
  }

  /// - Parameter answer: told once the hit is on disk, or why it is not, on the intake's thread.
  func keep(_ hit: LinkHit, of tenant: Routing.Tenant, then answer: @escaping Intake.Answer) {
    house.intake.append(.hits([hit]), tenant: tenant.key, then: answer)
  }
}

extension Refusal {
  var doorResponse: DoorResponse {
    let (status, headers, text) = problem
    return DoorResponse(
      status: .init(statusCode: status.code, reasonPhrase: status.reasonPhrase),
      headers: headers.map { ($0.name.rawName, $0.value) }, body: ByteBuffer(string: text))
  }
}

extension DoorResponse {
  /// The same, given by Hummingbird's router.
  var response: Response {
    var fields = HTTPFields()
    for (name, value) in headers { HTTPField.Name(name).map { fields[$0] = value } }
    return Response(
      status: .init(code: Int(status.code), reasonPhrase: status.reasonPhrase), headers: fields,
      body: .init(byteBuffer: body))
  }
}
