import ControlPlane
import TenantRuntime

/// How often somebody may ask: those with credentials by their name, and those without by their address, whose refusals alone are counted. So a
/// key behind an address that many share is never turned away for what strangers there do.
///
/// Webhooks and short links have bounds of their own.
struct RequestRates: Sendable {
  private let rates: any RateLimits
  private let requests: RatePolicy?
  private let refusals: RatePolicy?

  init(_ rates: any RateLimits, _ bounds: RateBounds) {
    self.rates = rates
    requests = bounds.requests.map { RatePolicy("requests", quota: $0) }
    refusals = bounds.refusals.map { RatePolicy("refusals", quota: $0) }
  }

  /// Finds out who asks, and counts the request.
  func caller(_ context: RoundhouseContext, _ authenticate: () async throws -> Caller) async throws -> Caller {
    let caller: Caller
    do { caller = try await authenticate() } catch Refusal.unauthenticated {
      if let refusals { try await count(context.client.network, refusals, context) }
      throw Refusal.unauthenticated
    }
    if let requests { try await count(caller.name, requests, context) }
    return caller
  }

  private func count(_ name: String, _ policy: RatePolicy, _ context: RoundhouseContext) async throws {
    let verdict = await rates.take(name, policy)
    context.rate.set(verdict)
    guard verdict.isAllowed else { throw Refusal.tooMany(retryAfterSeconds: verdict.retryAfterSeconds) }
  }
}
