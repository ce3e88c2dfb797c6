import GRDB
import Logging
import Synchronization

/// What a transaction has decided that memory outside the file, or a worker, must know once it has committed.
struct Effects: Sendable {
  /// Where figures are summed until the transaction ends; nil: each is written at once.
  var tally: FigureTally?
  var events = EventBatch()
  var hitLinks = HitLink.Known()
  var clients = ClientDictionary()
  var pausedCampaigns: Set<Int64> = []
  var pausedNumbers: Set<PhoneNumber> = []
  /// Whether what they wrote was an opt-out is decided, or never was a question.
  var endedReviews: Set<PhoneNumber> = []
  /// Opt-outs that the file alone has understood: the log that outlives it does not have them yet.
  private(set) var unlogged: [Unlogged] = []
  /// The provider refuses the whole account, with this code.
  var stopsTenant: Int?
  /// A text to one person has been planned.
  var hasTexts = false
  /// Something came with a text that is to be fetched.
  var hasMedia = false
  /// Links that have a slug, by it, with their codes.
  var newSlugs: [String: Int64] = [:]
  /// A link leads elsewhere than before, or nowhere.
  var linksChanged = false
  /// Open inboxes have something to read.
  var inbox = false
  private var knownEndpoints: Bool?

  /// Kept in the file until the log has it: a crash in between forgets nothing.
  mutating func log(_ db: Database, _ revocation: Revocation) throws {
    unlogged.append(try Unlogged.keep(db, revocation))
  }

  /// Whether anybody receives events: `OutboxWatch` must see them then. Asked once.
  mutating func hasEndpoints(_ db: Database) throws -> Bool {
    if let knownEndpoints { return knownEndpoints }
    let has = try Bool.fetchOne(
      db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM webhook_endpoints WHERE enabled = 1)"))
    knownEndpoints = has
    return has ?? false
  }

  mutating func addStops(of other: Effects) {
    pausedCampaigns.formUnion(other.pausedCampaigns)
    pausedNumbers.formUnion(other.pausedNumbers)
  }

  /// What was summed until the transaction's end goes into the file.
  mutating func write(_ db: Database) throws {
    try tally?.write(db)
    try events.write(db)
    try clients.write(db)
  }
}

extension Runtime {
  /// - Parameter logs: false when the caller hands its opt-outs on itself, because its answer promises it.
  func applyEffects(_ effects: Effects, logs: Bool = true) {
    let now = dependencies.now()
    var stops = effects.pausedCampaigns.map { CampaignNote(id: $0, state: .paused, at: now) }
    stops += effects.pausedNumbers.map { .number($0, isPaused: true, at: now) }
    if effects.stopsTenant != nil { stops.append(.killSwitch(isOn: true, at: now)) }
    for stop in stops { beginNote(stop) }
    for campaign in effects.pausedCampaigns { stopped(.campaign(campaign)) }
    for number in effects.pausedNumbers { stopped(.number(number)) }
    for phone in effects.endedReviews { gate.endReview(phone) }
    if let code = effects.stopsTenant {
      stopped(.tenant)
      logger.error("Twilio refuses this account; sending is stopped", metadata: ["code": "\(code)"])
    }
    if logs { logSoon(effects.unlogged) }
    if !effects.newSlugs.isEmpty { links.add(slugs: effects.newSlugs) }
    if effects.linksChanged { links.changed() }
    if effects.hasTexts { nudge(.sending) }
    if effects.hasMedia { nudge(.fetchingMedia) }
    if effects.inbox { inbox.ring() }
  }

  /// Returns once no text is between its last look at the gate and the wire: what was closed before holds then.
  func afterPendingSends() async {
    let http = dependencies.http
    await withCheckedContinuation { done in http.afterPendingSends { done.resume() } }
  }

  /// So that a file put back from before does not go on with what was stopped since.
  func note(_ note: CampaignNote) async { await beginNote(note).value }

  /// Notes of a tenant are written in the order in which they are begun: the last one counts.
  @discardableResult
  private func beginNote(_ note: CampaignNote) -> Task<Void, Never> {
    noting.withLock { last in
      let task = Task { [last] in
        await last?.value
        do { try await dependencies.claims.append(note, tenant: lease.tenant) } catch {
          logger.error("What was stopped or resumed is known in the file alone", metadata: ["error": "\(error)"])
        }
      }
      last = task
      return task
    }
  }

  /// Something was stopped: claimed texts that still wait for their pace go back to the queue.
  func releaseWaiting() { dependencies.http.recheck(lease.tenant) }
}
