import Synchronization

/// The last look before a call begins, from memory: the claim has already passed the gates in the file, but a pause, a kill
/// switch or an opt-out may have been answered since. Read on the outgoing thread, so it never blocks.
///
/// A phone leaves the set only when it opts in again: a claimed text may still wait for its connection after the opt-out has
/// reached the file. The set is as large as the number of opt-outs since the tenant was opened.
package final class SendGate: Sendable {
  private struct State: Sendable {
    var closed: String?
    var pausedCampaigns: Set<Int64> = []
    var optedOut: Set<PhoneNumber> = []
  }

  private let state = Mutex(State())

  package init() {}

  package func admits(phone: PhoneNumber, campaign: Int64?) -> Bool {
    state.withLock { state in
      state.closed == nil && !state.optedOut.contains(phone) && !(campaign.map(state.pausedCampaigns.contains) ?? false)
    }
  }

  package func close(_ reason: String) { state.withLock { $0.closed = reason } }
  package func open() { state.withLock { $0.closed = nil } }
  package func pause(campaign: Int64) { state.withLock { _ = $0.pausedCampaigns.insert(campaign) } }
  package func resume(campaign: Int64) { state.withLock { _ = $0.pausedCampaigns.remove(campaign) } }
  package func optedOut(_ phone: PhoneNumber) { state.withLock { _ = $0.optedOut.insert(phone) } }
  package func optedIn(_ phone: PhoneNumber) { state.withLock { _ = $0.optedOut.remove(phone) } }
  package func hasOptedOut(_ phone: PhoneNumber) -> Bool { state.withLock { $0.optedOut.contains(phone) } }
}
