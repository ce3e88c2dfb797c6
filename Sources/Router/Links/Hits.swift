import TenantRuntime

/// What is noted of a request of a short link: its facts, and how many recipients' links its network has asked for just now.
/// Knows nothing of the server around it, so that the redirect may be answered anywhere.
final class Hits: Sendable {
  private let bursts = BurstWindow()
  private let clients = HitClients()

  func note(tenant: String, _ token: LinkToken, _ asked: Links.Asked, at: Moment) -> LinkHit {
    let (jobID, link) = token.hit
    var context = HitContext()
    if let jobID, let network = IPAddress(withZone: asked.client.address)?.network {
      context.recipientsNearby = bursts.note(tenant: tenant, network: network, job: jobID, at: at)
    }
    let facts = HitFacts(
      method: asked.method, client: clients.client(asked.read()), address: asked.client.address,
      isSecure: asked.client.isSecure, at: at)
    return LinkHit(jobID: jobID, link: link, facts: facts, context: context)
  }
}
