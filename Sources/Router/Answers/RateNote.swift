import ControlPlane
import HTTPTypes
import Synchronization

/// What became of a request's count, for its answer's headers.
final class RateNote: Sendable {
  private let verdict = Mutex<RateVerdict?>(nil)
  private static let rate = HTTPField.Name("RateLimit")!
  private static let policy = HTTPField.Name("RateLimit-Policy")!

  func set(_ verdict: RateVerdict) { self.verdict.withLock { $0 = verdict } }

  /// As the IETF's draft has them (draft-ietf-httpapi-ratelimit-headers-10): structured fields.
  func add(to headers: inout HTTPFields) {
    guard let verdict = verdict.withLock({ $0 }) else { return }
    let policy = verdict.policy
    headers[Self.policy] = "\"\(policy.name)\";q=\(policy.quota);w=\(policy.seconds)"
    headers[Self.rate] = "\"\(policy.name)\";r=\(verdict.remaining);t=\(verdict.resetSeconds)"
  }
}
