import Dispatch
import Synchronization

/// Calls in flight per provider account. Twilio bounds requests at once, at a number it does not publish, and answers 429 beyond it; a
/// refused request was not processed, so it is offered again: fewer at once, and after a pause that doubles and is drawn at random.
///
/// The bound grows back by one for every full round of answers, up to the share this node was given of what all nodes may do.
package final class AccountPace: Sendable {
  private struct Account: Sendable {
    var inFlight = 0
    var limit: Double = Double(AccountPace.most)
    var share: Int
    /// Most calls in flight since the share was last asked for.
    var peak = 0
    var refusals = 0
    /// Nothing begins before; monotonic nanoseconds.
    var restsUntil: UInt64 = 0
    var room: Int { min(max(1, Int(limit)), share) }
  }

  package static let most = 256
  /// Until several nodes have agreed who may use how much.
  private static let firstShare = 8
  private static let firstRest: UInt64 = 100_000_000
  private static let longestRest: UInt64 = 30_000_000_000
  private let accounts = Mutex<[String: Account]>([:])
  private let share = Mutex(AccountPace.most)
  private let random: @Sendable () -> UInt64

  package init(random: @escaping @Sendable () -> UInt64 = { .random(in: .min ... .max) }) { self.random = random }

  /// From now on accounts are shared with other nodes: nobody takes more than a few before the first agreement.
  package func beShared() { share.withLock { $0 = Self.firstShare } }
  private var fresh: Account { Account(share: share.withLock { $0 }) }

  /// Counts a call in, unless the account is at its bound or resting.
  func begin(_ account: String, now: UInt64) -> Bool {
    accounts.withLock { accounts in
      var entry = accounts[account] ?? fresh
      guard now >= entry.restsUntil, entry.inFlight < entry.room else { return false }
      entry.inFlight += 1
      entry.peak = max(entry.peak, entry.inFlight)
      accounts[account] = entry
      return true
    }
  }

  func end(_ account: String) { accounts.withLock { $0[account]?.inFlight -= 1 } }

  /// The account takes calls as fast as they come.
  func answered(_ account: String) {
    accounts.withLock { accounts in
      guard var entry = accounts[account] else { return }
      entry.refusals = 0
      entry.limit = min(Double(Self.most), entry.limit + 1 / max(entry.limit, 1))
      accounts[account] = entry
    }
  }

  /// The account has said 429: half as many at once, after a rest. Refusals of one rest count once.
  func overloaded(_ account: String, now: UInt64 = DispatchTime.now().uptimeNanoseconds) {
    let draw = random()
    accounts.withLock { accounts in
      var entry = accounts[account] ?? fresh
      guard now >= entry.restsUntil else { return }
      entry.limit = max(1, (min(entry.limit, Double(max(entry.inFlight, 1))) / 2).rounded(.down))
      let rest = min(Self.firstRest << UInt64(min(entry.refusals, 9)), Self.longestRest)
      entry.refusals += 1
      // From half of it to the whole, so that nodes do not come back together.
      entry.restsUntil = now + rest / 2 + draw % (rest / 2 + 1)
      accounts[account] = entry
    }
  }

  /// How long the account rests still.
  func restMilliseconds(_ account: String, now: UInt64 = DispatchTime.now().uptimeNanoseconds) -> Int64 {
    accounts.withLock { accounts in
      guard let until = accounts[account]?.restsUntil, until > now else { return 0 }
      return Int64((until - now) / 1_000_000) + 1
    }
  }

  /// What this node may use of an account that several nodes share.
  package func setShare(_ account: String, _ share: Int) {
    accounts.withLock { $0[account, default: fresh].share = max(0, share) }
  }

  /// How many calls at once each account could use: some more than at its recent peak. Asking begins a new peak.
  package func takeDemand() -> [String: Int] {
    accounts.withLock { accounts in
      let demand = accounts.mapValues { min(2 * max($0.peak, Self.firstShare), Self.most) }
      accounts = accounts.mapValues { entry in
        var entry = entry
        entry.peak = entry.inFlight
        return entry
      }
      return demand
    }
  }

  package func share(_ account: String) -> Int { accounts.withLock { $0[account]?.share ?? Self.firstShare } }
  package func inFlight(_ account: String) -> Int { accounts.withLock { $0[account]?.inFlight ?? 0 } }
  func bound(_ account: String) -> Int { accounts.withLock { $0[account]?.room ?? Self.most } }
}
