import Synchronization

/// The last look before a call begins, from memory: the claim has already passed the gates in the file, but a pause, a kill
/// switch or an opt-out may have been answered since. Read on the outgoing thread, so it never blocks.
///
/// A phone leaves the set only when it opts in again: a claimed text may still wait for its connection after the opt-out has
/// reached the file. The set is as large as the number of opt-outs since the tenant was opened.
package final class SendGate: Sendable {
  private struct State: Sendable {
    /// Why nothing may begin; each reason is taken back by whoever gave it.
    var closed: Set<String> = []
    var pausedCampaigns: Set<Int64> = []
    var optedOut: Set<PhoneNumber> = []
  }

  private let state = Mutex(State())

  package init() {}

  package func admits(phone: PhoneNumber, campaign: Int64?) -> Bool {
    state.withLock { state in
      state.closed.isEmpty && !state.optedOut.contains(phone)
        && !(campaign.map(state.pausedCampaigns.contains) ?? false)
    }
  }

  package func close(_ reason: String) { state.withLock { _ = $0.closed.insert(reason) } }
  package func open(_ reason: String) { state.withLock { _ = $0.closed.remove(reason) } }
  /// False when it was paused already.
  @discardableResult
  package func pause(campaign: Int64) -> Bool { state.withLock { $0.pausedCampaigns.insert(campaign).inserted } }
  package func resume(campaign: Int64) { state.withLock { _ = $0.pausedCampaigns.remove(campaign) } }
  package func optedOut(_ phone: PhoneNumber) { state.withLock { _ = $0.optedOut.insert(phone) } }
  package func optedIn(_ phone: PhoneNumber) { state.withLock { _ = $0.optedOut.remove(phone) } }
  package func hasOptedOut(_ phone: PhoneNumber) -> Bool { state.withLock { $0.optedOut.contains(phone) } }
}
