import GRDB

/// A change of what may be texted, however it came.
package struct Revocation: Sendable, Equatable, Codable {
  package enum Action: String, Sendable, Codable {
    case optOut = "opt_out"
    case optIn = "opt_in"
    /// Wrote what reads as an opt-out: campaigns leave the person out until somebody decides.
    case review
  }

  /// What makes it the same event wherever it is read (webhook, intake, fence, restore): the provider's SID of a text, else drawn with it.
  package var id: String
  package var phone: PhoneNumber
  package var action: Action
  /// Machine word for the way it came: `keyword`, `api`, `provider_21610`, `import`, `staff`; of a review the rule that fired.
  package var method: String
  /// What was said or shown: the text, the wording of a form, the reason given.
  package var evidence: String
  /// nil means both.
  package var purpose: CampaignPurpose?
  /// Where it was given: a page, a form, a shop.
  package var source: String?
  package var actor: String?
  /// The caller's network address.
  package var address: String?
  package var at: Moment

  private static let longestEvidence = 2_000

  package init(
    id: String? = nil, phone: PhoneNumber, action: Action, method: String, evidence: String,
    purpose: CampaignPurpose? = nil, source: String? = nil, actor: String? = nil, address: String? = nil, at: Moment
  ) {
    self.id = id ?? Self.newID()
    self.phone = phone
    self.action = action
    self.method = method
    self.evidence = String(evidence.unicodeScalars.prefix(Self.longestEvidence))
    self.purpose = purpose
    self.source = source
    self.actor = actor
    self.address = address
    self.at = at
  }

  private static func newID() -> String {
    String(UInt64.random(in: .min ... .max), radix: 36) + "-" + String(UInt64.random(in: .min ... .max), radix: 36)
  }
}

extension Revocation {
  /// Whether nothing at all may be texted any more. A revocation of marketing alone leaves informational texts.
  package var isOfEverything: Bool { action == .optOut && purpose == nil }
}

package protocol RevocationLog: Sendable {
  /// Returns once the revocations are on disk, every outgoing call knows them, and the tenant's file has applied them.
  func append(_ revocations: [Revocation], tenant: String) async throws
  /// What is kept for restored files says no more than that, when and how they opted out or in.
  func forgetWords(of numbers: [PersonNumber], tenant: String) async throws
  /// The same of opt-outs, without those of people who have opted out of everything already: a button pressed again, or a list sent again,
  /// writes nothing.
  func appendNews(_ optOuts: [Revocation], tenant: String) async throws
}

extension RevocationLog {
  package func append(_ revocation: Revocation, tenant: String) async throws {
    try await append([revocation], tenant: tenant)
  }
}

extension InboundReading {
  /// - Parameter sid: of the text, which is what makes a repeated one the same event.
  func revocation(_ phone: PhoneNumber, sid: String, evidence: String, at: Moment) -> Revocation? {
    func made(_ action: Revocation.Action, _ method: String) -> Revocation {
      Revocation(id: sid, phone: phone, action: action, method: method, evidence: evidence, at: at)
    }
    return switch intent {
    case .stop: made(.optOut, "keyword")
    case .start: made(.optIn, "keyword")
    case .help: nil
    case nil: reviewRule.map { made(.review, $0) }
    }
  }
}
