import Synchronization

/// The last look before a call begins, from memory: the claim has already passed the gates in the file, but a pause, a kill
/// switch or an opt-out may have been answered since. Read on the outgoing thread, so it never blocks.
///
/// It outlives the open file: an opt-out is known here from before its answer, also while the file is being opened. A phone
/// leaves the set when a later opt-in is applied, or when the file is opened with the opt-out in it: a claimed text may still
/// wait for its connection after the opt-out has reached the file.
///
/// It also counts the calls it has let through and that have not ended: a switch has taken its full effect when none is left.
package final class SendGate: Sendable {
  private struct State: Sendable {
    /// Why nothing may begin; each reason is taken back by whoever gave it.
    var closed: Set<String> = []
    var pausedCampaigns: Set<Int64> = []
    var pausedNumbers: Set<PhoneNumber> = []
    /// With the intake id of the opt-out, so that an earlier opt-in, applied late, does not lift it.
    var optedOut: [PhoneNumber: Int64] = [:]
    /// Wrote what reads as an opt-out: no campaign texts them until a person has decided.
    var inReview: [PhoneNumber: Int64] = [:]
    /// What the tenant's people write to stop, start and ask for help.
    var words = KeywordWords.standard
    var languages: Set<String> = []
    var inFlight = 0
    var ofCampaign: [Int64: Int] = [:]
    var ofNumber: [PhoneNumber: Int] = [:]
    var ofPhone: [PhoneNumber: Int] = [:]

    func lets(_ phone: PhoneNumber, _ campaign: Int64?, _ number: PhoneNumber) -> Bool {
      closed.isEmpty && optedOut[phone] == nil && !pausedNumbers.contains(number)
        && !(campaign.map { pausedCampaigns.contains($0) || inReview[phone] != nil } ?? false)
    }
  }

  private let state = Mutex(State())

  package init() {}

  /// Whether the call may begin; counted until `ended`.
  package func admits(phone: PhoneNumber, campaign: Int64?, number: PhoneNumber) -> Bool {
    state.withLock { state in
      guard state.lets(phone, campaign, number) else { return false }
      state.inFlight += 1
      if let campaign { state.ofCampaign[campaign, default: 0] += 1 }
      state.ofNumber[number, default: 0] += 1
      state.ofPhone[phone, default: 0] += 1
      return true
    }
  }

  /// The same, without letting it through.
  package func wants(phone: PhoneNumber, campaign: Int64?, number: PhoneNumber) -> Bool {
    state.withLock { $0.lets(phone, campaign, number) }
  }

  package func ended(phone: PhoneNumber, campaign: Int64?, number: PhoneNumber) {
    state.withLock { state in
      state.inFlight -= 1
      if let campaign, let left = state.ofCampaign[campaign] { state.ofCampaign[campaign] = left > 1 ? left - 1 : nil }
      if let left = state.ofNumber[number] { state.ofNumber[number] = left > 1 ? left - 1 : nil }
      if let left = state.ofPhone[phone] { state.ofPhone[phone] = left > 1 ? left - 1 : nil }
    }
  }

  package var inFlight: Int { state.withLock { $0.inFlight } }
  package func inFlight(campaign: Int64) -> Int { state.withLock { $0.ofCampaign[campaign] ?? 0 } }
  package func inFlight(number: PhoneNumber) -> Int { state.withLock { $0.ofNumber[number] ?? 0 } }

  package func close(_ reason: String) { state.withLock { _ = $0.closed.insert(reason) } }
  package func open(_ reason: String) { state.withLock { _ = $0.closed.remove(reason) } }
  /// Whether the file is about to be closed: nothing new may be begun with it.
  package var isLeaving: Bool { state.withLock { !$0.closed.isDisjoint(with: ["paused", "stopping"]) } }
  /// False when it was paused already.
  @discardableResult
  package func pause(campaign: Int64) -> Bool { state.withLock { $0.pausedCampaigns.insert(campaign).inserted } }
  package func resume(campaign: Int64) { state.withLock { _ = $0.pausedCampaigns.remove(campaign) } }
  package func pause(number: PhoneNumber) { state.withLock { _ = $0.pausedNumbers.insert(number) } }
  package func resume(number: PhoneNumber) { state.withLock { _ = $0.pausedNumbers.remove(number) } }
  /// Whether a text to this person had been let through before: it may be about to leave (`HTTPDoor.afterThisPass`).
  @discardableResult
  package func optedOut(_ phone: PhoneNumber, id: Int64) -> Bool {
    state.withLock { state in
      state.optedOut[phone] = max(state.optedOut[phone] ?? 0, id)
      return state.ofPhone[phone] != nil
    }
  }
  package func optedIn(_ phone: PhoneNumber, id: Int64) {
    state.withLock { state in
      if let since = state.optedOut[phone], since < id { state.optedOut[phone] = nil }
    }
  }
  /// The same of a campaign's text.
  package func beginReview(_ phone: PhoneNumber, id: Int64) -> Bool {
    state.withLock { state in
      state.inReview[phone] = id
      return state.ofPhone[phone] != nil
    }
  }
  package func endReview(_ phone: PhoneNumber) { state.withLock { $0.inReview[phone] = nil } }

  /// The event with this id held the person back for nothing.
  func forget(_ phone: PhoneNumber, id: Int64) {
    state.withLock { state in
      if state.optedOut[phone] == id { state.optedOut[phone] = nil }
      if state.inReview[phone] == id { state.inReview[phone] = nil }
    }
  }

  package func setWords(_ words: KeywordWords, languages: Set<String>) {
    state.withLock { state in
      state.words = words
      state.languages = languages
    }
  }
  package var words: (keywords: KeywordWords, languages: Set<String>) { state.withLock { ($0.words, $0.languages) } }

  package func hasOptedOut(_ phone: PhoneNumber) -> Bool { state.withLock { $0.optedOut[phone] != nil } }

  /// The file is open, with everything up to this intake row in it: what its rows say needs no memory here.
  package func opened(appliedUpTo id: Int64, suspended: Bool, killed: Bool) {
    state.withLock { state in
      state.closed = state.closed.subtracting(["paused", "suspended", "kill_switch"])
      if suspended { state.closed.insert("suspended") }
      if killed { state.closed.insert("kill_switch") }
      state.pausedCampaigns = []
      state.pausedNumbers = []
      state.optedOut = state.optedOut.filter { $0.value > id }
      state.inReview = state.inReview.filter { $0.value > id }
    }
  }
}
