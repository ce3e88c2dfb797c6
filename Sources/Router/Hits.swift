import TenantRuntime

/// What the door notes of a request of a short link: its facts, and how many recipients' links its network has asked for just now.
/// Knows nothing of the server around it, so that the redirect may be answered anywhere.
final class Hits: Sendable {
  private let bursts = BurstWindow()

  /// - Parameter header: answers by a name in lower case.
  func note(
    tenant: String, jobID: Int64?, link: Int, method: String, client: Client, at: Moment,
    header: (_ name: String) -> String?
  ) -> LinkHit {
    var context = HitContext()
    if let jobID, let network = Address(client.address)?.network {
      context.recipientsNearby = bursts.note(tenant: tenant, network: network, job: jobID, at: at)
    }
    let facts = HitFacts(
      method: method, userAgent: header("user-agent") ?? "", address: client.address, headers: HitFacts.headers(header),
      isSecure: client.isSecure, at: at)
    return LinkHit(jobID: jobID, link: link, facts: facts, context: context)
  }
}
