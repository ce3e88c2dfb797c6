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
  fileprivate struct State: Sendable {
    /// Why nothing may begin; each reason is taken back by the part that gave it.
    var closed: Set<String> = []
    var pausedCampaigns: Set<Int64> = []
    var pausedNumbers: Set<PhoneNumber> = []
    /// Are another tenant's now.
    var movedNumbers: Set<PhoneNumber> = []
    var held: [PhoneNumber: Held] = [:]
    /// Have opted in again by an intake row that is not applied yet.
    var returning: [PhoneNumber: Int64] = [:]
    /// Wrote what reads as an opt-out: no campaign texts them until a person has decided.
    var inReview: [PhoneNumber: Int64] = [:]
    /// What the tenant's people write to stop, start and ask for help.
    var words = KeywordWords.standard
    var languages: Set<String> = []
    /// Times that a file was opened which has forgotten something.
    var restores = 0
    var inFlight = 0
    var ofCampaign: [Int64: Int] = [:]
    var ofNumber: [PhoneNumber: Int] = [:]
    var ofPhone: [PhoneNumber: Int] = [:]
    /// Micros that a cut budget wants back of texts that are claimed and have not begun; by campaign, nil: the tenant's own.
    var cuts: [Int64?: Int64] = [:]

    func isAllowed(_ text: Text) -> Bool {
      closed.isEmpty && !(held[text.phone]?.holds(text.scope) ?? false) && !pausedNumbers.contains(text.number)
        && !movedNumbers.contains(text.number)
        && !(text.campaign.map { pausedCampaigns.contains($0) || inReview[text.phone] != nil } ?? false)
    }
  }

  /// A text that is about to begin, as far as the gate must know it.
  package struct Text: Sendable {
    package var phone: PhoneNumber
    package var number: PhoneNumber
    package var campaign: Int64?
    package var scope: Scopes
    package var cost: Int64

    package init(
      phone: PhoneNumber, number: PhoneNumber, campaign: Int64? = nil, scope: Scopes = .direct, cost: Int64 = 0
    ) {
      self.phone = phone
      self.number = number
      self.campaign = campaign
      self.scope = scope
      self.cost = cost
    }
  }

  /// Kinds of texts that a person may have taken their consent back from.
  package struct Scopes: OptionSet, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    /// Replies, tests and automatic answers, to one person each.
    package static let direct = Scopes(rawValue: 1)
    package static let marketing = Scopes(rawValue: 2)
    package static let informational = Scopes(rawValue: 4)
    package static let all: Scopes = [.direct, .marketing, .informational]

    /// What a statement about a purpose, or about both, is about.
    package init(_ purpose: CampaignPurpose?) {
      self =
        switch purpose {
        case .marketing: .marketing
        case .informational: .informational
        case nil: .all
        }
    }
  }

  /// Since which intake row each kind of text to a person is held back (0: it is not), so that an earlier opt-in, applied late, does not
  /// let it go.
  fileprivate struct Held: Sendable {
    private var since = InlineArray<3, Int64>(repeating: 0)
    private static let scopes: InlineArray<3, Scopes> = [.direct, .marketing, .informational]

    func holds(_ scope: Scopes) -> Bool { since.indices.contains { since[$0] > 0 && scope.contains(Self.scopes[$0]) } }
    var isEmpty: Bool { !since.indices.contains { since[$0] > 0 } }

    mutating func hold(_ scope: Scopes, id: Int64) {
      for index in since.indices where scope.contains(Self.scopes[index]) { since[index] = max(since[index], id) }
    }
    mutating func release(_ scope: Scopes = .all, where isOver: (Int64) -> Bool) {
      for index in since.indices where scope.contains(Self.scopes[index]) && isOver(since[index]) { since[index] = 0 }
    }
  }

  private let state = Mutex(State())

  package init() {}

  /// Whether the call may begin; counted until `ended`.
  package func admits(_ text: Text) -> Bool {
    state.withLock { state in
      guard state.isAllowed(text), !state.takeCut(text) else { return false }
      state.inFlight += 1
      if let campaign = text.campaign { state.ofCampaign[campaign, default: 0] += 1 }
      state.ofNumber[text.number, default: 0] += 1
      state.ofPhone[text.phone, default: 0] += 1
      return true
    }
  }

  /// Whether the text may still go, while it waits or connects; a caller that gets false holds it back, so that its money is back.
  package func isAllowed(_ text: Text) -> Bool { state.withLock { $0.isAllowed(text) && !$0.takeCut(text) } }

  package func ended(_ text: Text) {
    state.withLock { state in
      let (phone, campaign, number) = (text.phone, text.campaign, text.number)
      state.inFlight -= 1
      if let campaign, let left = state.ofCampaign[campaign] { state.ofCampaign[campaign] = left > 1 ? left - 1 : nil }
      if let left = state.ofNumber[number] { state.ofNumber[number] = left > 1 ? left - 1 : nil }
      if let left = state.ofPhone[phone] { state.ofPhone[phone] = left > 1 ? left - 1 : nil }
    }
  }

  package var inFlight: Int { state.withLock { $0.inFlight } }
  package func inFlight(campaign: Int64) -> Int { state.withLock { $0.ofCampaign[campaign] ?? 0 } }
  package func inFlight(number: PhoneNumber) -> Int { state.withLock { $0.ofNumber[number] ?? 0 } }

  /// False when it was closed for this reason already.
  @discardableResult
  package func close(_ reason: String) -> Bool { state.withLock { $0.closed.insert(reason).inserted } }
  package func open(_ reason: String) { state.withLock { _ = $0.closed.remove(reason) } }
  /// Whether the file is about to be closed: nothing new may be begun with it.
  package var isLeaving: Bool { state.withLock { !$0.closed.isDisjoint(with: ["paused", "stopping"]) } }
  /// False when it was paused already.
  @discardableResult
  package func pause(campaign: Int64) -> Bool { state.withLock { $0.pausedCampaigns.insert(campaign).inserted } }
  package func resume(campaign: Int64) { state.withLock { _ = $0.pausedCampaigns.remove(campaign) } }
  @discardableResult
  package func pause(number: PhoneNumber) -> Bool { state.withLock { $0.pausedNumbers.insert(number).inserted } }
  /// False when it had moved already.
  package func leave(number: PhoneNumber) -> Bool { state.withLock { $0.movedNumbers.insert(number).inserted } }
  package func take(number: PhoneNumber) { state.withLock { _ = $0.movedNumbers.remove(number) } }
  package func resume(number: PhoneNumber) { state.withLock { _ = $0.pausedNumbers.remove(number) } }
  /// Whether a text to this person had been let through before: it may be about to leave (`CurlClient.afterPendingSends`).
  @discardableResult
  package func optedOut(_ phone: PhoneNumber, _ scopes: Scopes = .all, id: Int64) -> Bool {
    state.withLock { state in
      state.held[phone, default: Held()].hold(scopes, id: id)
      if scopes.contains(.direct), let back = state.returning[phone], back < id { state.returning[phone] = nil }
      return state.ofPhone[phone] != nil
    }
  }
  /// - Parameter scopes: what the file, with the opt-in in it, lets go to them.
  package func optedIn(_ phone: PhoneNumber, _ scopes: Scopes = .all, id: Int64) {
    state.withLock { state in
      state.release(phone, scopes) { $0 < id }
      if let back = state.returning[phone], back <= id { state.returning[phone] = nil }
    }
  }
  /// The same of a campaign's text.
  package func beginReview(_ phone: PhoneNumber, id: Int64) -> Bool {
    state.withLock { state in
      state.inReview[phone] = id
      return state.ofPhone[phone] != nil
    }
  }
  /// What was written behind that row of the intake is still to be decided.
  package func endReview(_ phone: PhoneNumber, upTo row: Int64) {
    state.withLock { state in
      if let id = state.inReview[phone], id <= row { state.inReview[phone] = nil }
    }
  }

  /// The event with this id held the person back for nothing.
  func forget(_ phone: PhoneNumber, id: Int64) {
    state.withLock { state in
      state.release(phone, .all) { $0 == id }
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

  /// Why a text may not go to its person, as the ledger says it; nil when nothing that was said forbids it.
  package func reasonHeld(_ text: Text) -> String? {
    state.withLock { state in
      guard let held = state.held[text.phone], held.holds(text.scope) else { return nil }
      return held.holds(.direct) ? "opted_out" : "no_consent"
    }
  }
  package func isHeld(_ phone: PhoneNumber, _ scope: Scopes = .direct) -> Bool {
    state.withLock { $0.held[phone]?.holds(scope) ?? false }
  }

  /// What was said holds from now on. True when a text that it forbids may be about to leave.
  package func hold(_ said: Revocation, id: Int64) -> Bool {
    switch said.action {
    case .optIn: returns(said.phone, id: id)
    case .optOut: optedOut(said.phone, Scopes(said.purpose), id: id)
    case .review: beginReview(said.phone, id: id)
    }
  }

  private func returns(_ phone: PhoneNumber, id: Int64) -> Bool {
    state.withLock { $0.returning[phone] = id }
    return false
  }

  /// Whether an opt-in of theirs is about to be applied: what the file, or memory, says of them is not the last word.
  package func isReturning(_ phone: PhoneNumber) -> Bool { state.withLock { $0.returning[phone] != nil } }

  // MARK: Budgets

  /// A budget was cut below what is used and reserved: texts that are claimed and have not begun go back until so much is released.
  package func cut(_ micros: Int64, campaign: Int64?) {
    state.withLock { $0.cuts[campaign] = micros > 0 ? micros : nil }
  }

  /// A claim has found room under every budget: what was cut before has come back.
  package func claimed(campaigns: Set<Int64?>) {
    state.withLock { state in
      guard !state.cuts.isEmpty else { return }
      state.cuts[nil] = nil
      for campaign in campaigns { state.cuts[campaign] = nil }
    }
  }

  /// The file has forgotten what came since it was copied: what memory takes for repeated may be news to it.
  package func restored() { state.withLock { $0.restores += 1 } }
  package var restores: Int { state.withLock { $0.restores } }

  /// The file is open, with everything up to this intake row in it: what its rows say needs no memory here.
  package func opened(appliedUpTo id: Int64, suspended: Bool, killed: Bool) {
    state.withLock { state in
      // Lifting a suspension opens it; what this opening knows of the tenant may be older than a suspension.
      state.closed = state.closed.subtracting(["paused", "kill_switch"])
      if suspended { state.closed.insert("suspended") }
      if killed { state.closed.insert("kill_switch") }
      state.pausedCampaigns = []
      state.pausedNumbers = []
      for phone in Array(state.held.keys) { state.release(phone, .all) { $0 <= id } }
      state.cuts = [:]
      state.inReview = state.inReview.filter { $0.value > id }
      state.returning = state.returning.filter { $0.value > id }
    }
  }
}

extension SendGate.State {
  fileprivate mutating func release(_ phone: PhoneNumber, _ scopes: SendGate.Scopes, where isOver: (Int64) -> Bool) {
    guard var held = held[phone] else { return }
    held.release(scopes, where: isOver)
    self.held[phone] = held.isEmpty ? nil : held
  }

  /// True when the text's money is wanted back.
  fileprivate mutating func takeCut(_ text: SendGate.Text) -> Bool {
    for key in [nil, text.campaign] {
      guard let wanted = cuts[key] else { continue }
      cuts[key] = wanted > text.cost ? wanted - text.cost : nil
      return true
    }
    return false
  }
}
