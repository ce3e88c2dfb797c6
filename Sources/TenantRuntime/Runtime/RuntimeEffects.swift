import GRDB
import Logging
import Synchronization

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
