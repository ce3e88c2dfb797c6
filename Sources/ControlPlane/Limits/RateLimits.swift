import TenantRuntime

/// How often something may be done under one name: `quota` at once, and as many again every `seconds`, evenly.
package struct RatePolicy: Sendable, Hashable {
  /// As answers show it (`RateLimit-Policy`): letters, digits and dashes.
  package let name: String
  package let quota: Int
  package let seconds: Int

  /// - Parameter quota: from 1 to 1,000,000.
  package init(_ name: String, quota: Int, seconds: Int = 60) {
    precondition((1...1_000_000).contains(quota) && (1...86_400).contains(seconds), "a policy within its bounds")
    (self.name, self.quota, self.seconds) = (name, quota, seconds)
  }

  /// What one costs, in microseconds of refilling.
  var cost: Int64 { max(1, Int64(seconds) * 1_000_000 / Int64(quota)) }
  /// What may be owed at most.
  var most: Int64 { cost * Int64(quota) }
}

/// What became of one attempt.
package struct RateVerdict: Sendable, Equatable {
  package let policy: RatePolicy
  package let isAllowed: Bool
  /// How many more may follow at once.
  package let remaining: Int
  /// Until the whole quota is there again, if nothing is done meanwhile.
  package let resetSeconds: Int
  /// Until one more may be done; 0 when this one was.
  package let retryAfterSeconds: Int

  /// - Parameter owed: microseconds of refilling that are used up, after the attempt.
  init(_ policy: RatePolicy, isAllowed: Bool, owed: Int64) {
    self.policy = policy
    self.isAllowed = isAllowed
    remaining = Int(max(0, policy.most - owed) / policy.cost)
    resetSeconds = Self.seconds(owed)
    retryAfterSeconds = isAllowed ? 0 : max(1, Self.seconds(owed + policy.cost - policy.most))
  }

  private static func seconds(_ microseconds: Int64) -> Int { Int((max(0, microseconds) + 999_999) / 1_000_000) }
}

/// Counts what is done under a name. Several nodes share the counts when there is a Redis; what is counted may be lost with it.
package protocol RateLimits: Sendable {
  /// Counts one attempt, unless it is one too many. Never fails: a store that is away does not hold up the request.
  func take(_ name: String, _ policy: RatePolicy) async -> RateVerdict

  /// Ends what runs in the background.
  func shutDown() async
}

extension RateLimits {
  /// Counts one attempt; throws `tooMany` for one too many.
  package func check(_ name: String, _ policy: RatePolicy) async throws {
    let verdict = await take(name, policy)
    guard verdict.isAllowed else { throw Refusal.tooMany(retryAfterSeconds: verdict.retryAfterSeconds) }
  }
}
