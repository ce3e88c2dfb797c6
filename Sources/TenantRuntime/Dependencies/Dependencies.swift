package import Logging

/// Everything outside one tenant's file that its runtime may touch, as values handed in: clock, randomness, the wire, and the
/// three small protocols the rest of the program implements. Tests hand in their own.
package struct Dependencies: Sendable {
  package var now: @Sendable () -> Moment
  package var random: @Sendable () -> UInt64
  package var http: any OutboundHTTP
  /// For addresses that tenants name.
  package var guarded: GuardedHTTP
  package var claims: any SendClaimLog
  package var revocations: any RevocationLog
  package var limits: any SharedLimits
  package var networks: KnownNetworks
  package var shares: Shares
  package var logger: Logger

  package init(
    now: @escaping @Sendable () -> Moment = { Moment.now() },
    random: @escaping @Sendable () -> UInt64 = { UInt64.random(in: .min ... .max) },
    http: any OutboundHTTP, guarded: GuardedHTTP, claims: any SendClaimLog, revocations: any RevocationLog,
    limits: any SharedLimits, networks: KnownNetworks = KnownNetworks(), shares: Shares = Shares(),
    logger: Logger
  ) {
    self.now = now
    self.random = random
    self.http = http
    self.guarded = guarded
    self.claims = claims
    self.revocations = revocations
    self.limits = limits
    self.networks = networks
    self.shares = shares
    self.logger = logger
  }
}
