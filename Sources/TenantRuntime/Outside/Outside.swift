package import Logging

/// Everything outside one tenant's file that its runtime may touch, as values handed in: clock, randomness, the wire, and the
/// three small protocols the rest of the house answers. Tests hand in their own.
package struct Outside: Sendable {
  package var now: @Sendable () -> Moment
  package var random: @Sendable () -> UInt64
  package var http: any OutboundHTTP
  /// For addresses that tenants name.
  package var guarded: GuardedHTTP
  package var claims: any SendClaimLog
  package var revocations: any RevocationLog
  package var limits: any SharedLimits
  package var networks: KnownNetworks
  package var logger: Logger

  package init(
    now: @escaping @Sendable () -> Moment = { Moment.now() },
    random: @escaping @Sendable () -> UInt64 = { UInt64.random(in: .min ... .max) },
    http: any OutboundHTTP, guarded: GuardedHTTP, claims: any SendClaimLog, revocations: any RevocationLog,
    limits: any SharedLimits, networks: KnownNetworks = KnownNetworks(), logger: Logger
  ) {
    self.now = now
    self.random = random
    self.http = http
    self.guarded = guarded
    self.claims = claims
    self.revocations = revocations
    self.limits = limits
    self.networks = networks
    self.logger = logger
  }
}

/// One claimed block of texts, written outside the tenant's file before the first call, so that a file restored from an older
/// copy knows what it has already sent (`design.md` 11, the fence).
package struct SendClaim: Sendable, Equatable {
  package var tenant: String
  package var epoch: Int64
  package var claimNumber: Int64
  package var jobIDs: [Int64]
  /// The highest campaign id the file had given out: ids continue above it after a restore.
  package var highestCampaignID: Int64

  package init(tenant: String, epoch: Int64, claimNumber: Int64, jobIDs: [Int64], highestCampaignID: Int64) {
    self.tenant = tenant
    self.epoch = epoch
    self.claimNumber = claimNumber
    self.jobIDs = jobIDs
    self.highestCampaignID = highestCampaignID
  }
}

package protocol SendClaimLog: Sendable {
  /// Returns once the claim is on disk.
  func append(_ claim: SendClaim) async throws
}

/// A change of what may be texted, from whichever door it came.
package struct Revocation: Sendable, Equatable, Codable {
  package enum Action: String, Sendable, Codable { case optOut = "opt_out", optIn = "opt_in" }
  package var phone: PhoneNumber
  package var action: Action
  /// Machine word for the door: `keyword`, `api`, `provider_21610`, `import`, `staff`.
  package var method: String
  /// What was said or shown: the text, the wording of a form, the reason given.
  package var evidence: String
  /// `marketing` or `informational`; nil means both.
  package var purpose: String?
  /// Where it was given: a page, a form, a shop.
  package var source: String?
  package var actor: String?
  /// The caller's network address.
  package var address: String?
  package var at: Moment

  package init(
    phone: PhoneNumber, action: Action, method: String, evidence: String, purpose: String? = nil, source: String? = nil,
    actor: String? = nil, address: String? = nil, at: Moment
  ) {
    self.phone = phone
    self.action = action
    self.method = method
    self.evidence = String(evidence.prefix(2000))
    self.purpose = purpose
    self.source = source
    self.address = address
    self.actor = actor
    self.at = at
  }
}

extension Revocation {
  /// Whether nothing at all may be texted any more. A revocation of marketing alone leaves informational texts.
  package var closesTheGate: Bool { action == .optOut && purpose == nil }
}

package protocol RevocationLog: Sendable {
  /// Returns once the revocations are on disk, every outgoing call knows them, and the tenant's file has applied them.
  func append(_ revocations: [Revocation], tenant: String) async throws
}

extension RevocationLog {
  package func append(_ revocation: Revocation, tenant: String) async throws {
    try await append([revocation], tenant: tenant)
  }
}
