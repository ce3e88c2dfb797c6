import ControlPlane
import HTTPTypes
import NIOCore
import NIOHTTP1
import TenantRuntime

/// Which requests the hot door answers, and by whom. Host first: a link host has nothing but links.
struct HotSite: Sendable {
  let house: ControlPlane
  let webhooks: Webhooks

  init(house: ControlPlane) {
    self.house = house
    webhooks = Webhooks(house: house)
  }

  /// Judged by the head alone, before a body is read.
  func takes(_ request: DoorRequest) -> Bool {
    guard house.routing.tenantOfHost[request.host] == nil else { return false }
    return Webhooks.Kind(request) != nil
  }

  func judge(_ request: DoorRequest) -> DoorVerdict {
    guard let kind = Webhooks.Kind(request) else { return .pass }
    return webhooks.judge(kind, request)
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
