import GRDB
import Logging
import Synchronization

/// One sending turn of a tenant: claim → record → call → settle, claims pipelined.
///
/// Invariants:
/// - one turn at a time, so at its start no call of this tenant is in flight: a row that still says `sending` is left from a crash or a
///   failed commit, and its outcome is unknown;
/// - a claim is on disk in the file and in `send_claims` before its first call begins;
/// - never more than `Claim.most` jobs claimed beyond the calls in flight.
struct Sender {
  let runtime: Runtime
  /// Claims per turn; then others of this tenant's workers and the loop get a word in.
  private static let claimsPerTurn = 500
  private static let callsInFlight = 256
  private static let restMilliseconds: Int64 = 1000

  func takeTurn() async throws -> NextTurn {
    try await markInterrupted()
    let mailbox = Mailbox<Settlement>()
    var open = 0
    var claims = 0
    var next = NextTurn.now
    var news = false  // settled since the last claim: the next one may find the campaign complete
    while true {
      if claims < Self.claimsPerTurn, open <= Self.callsInFlight, isDue(next), !Task.isCancelled {
        let claim = try await take()
        claims += 1
        news = false
        next = claim.jobs.isEmpty ? claim.next : .now
        if !claim.jobs.isEmpty {
          try await begin(claim, mailbox)
          open += claim.jobs.count
          if case .at = claim.next { next = claim.next }
          continue
        }
      }
      if open == 0 { break }
      let settled = await mailbox.take()
      open -= settled.count
      news = true
      if try await settle(settled) { next = .at(runtime.outside.now().advanced(byMilliseconds: Self.restMilliseconds)) }
    }
    return news && !isSoon(next) ? .now : next
  }

  /// What was settled may have ended a campaign; only a claim that finds nothing says so. A pause for pace brings that claim anyway.
  private func isSoon(_ next: NextTurn) -> Bool {
    if case .at(let moment) = next { moment <= runtime.outside.now().advanced(bySeconds: 1) } else { next == .now }
  }

  private func isDue(_ next: NextTurn) -> Bool {
    switch next {
    case .now: true
    case .at(let moment): moment <= runtime.outside.now()
    case .whenNudged: false
    }
  }

  private func markInterrupted() async throws {
    let now = runtime.outside.now()
    try await runtime.file.write { db in
      for row in try Row.fetchAll(db, sql: "SELECT * FROM send_jobs WHERE state = 'sending'") {
        var job = try SendJob(row)
        try job.move(db, to: .unknown, reason: "interrupted", at: now)
        try Event.append(db, .unknown, at: now, phone: job.phone, campaign: job.campaignID, job: job.id)
      }
    }
  }

  private func take() async throws -> Claim {
    let lease = runtime.lease
    let now = runtime.outside.now()
    let random = runtime.outside.random
    let turn = runtime.sendingTurns.add(1, ordering: .relaxed).newValue
    return try await runtime.file.write(.durable) { db in
      try Claim.take(db, atMost: Claim.most, lease: lease, linkKey: lease.linkKey, turn: turn, now: now, random: random)
    }
  }

  /// Records the claim outside the file, then hands its calls to the door.
  private func begin(_ claim: Claim, _ mailbox: Mailbox<Settlement>) async throws {
    let lease = runtime.lease
    do {
      try await runtime.outside.claims.append(
        SendClaim(
          tenant: lease.tenant, epoch: lease.epoch, claimNumber: claim.number, jobIDs: claim.jobs.map(\.id),
          highestCampaignID: claim.highestCampaignID))
    } catch {
      _ = try await settle(claim.jobs.map { Settlement(job: $0, answer: .notTaken("not_begun")) })
      throw error
    }
    let now = runtime.outside.now()
    let gate = runtime.gate
    for job in claim.jobs {
      guard let account = lease.twilio else {
        mailbox.put(Settlement(job: job, answer: .notTaken("not_begun")))
        continue
      }
      var call = TwilioMessage.call(job, lease: lease, account: account, now: now)
      call.admit = { gate.admits(phone: job.phone, campaign: job.campaignID, number: job.number) }
      runtime.outside.http.submit(call) { outcome in
        let optedOut = outcome == .notBegun && gate.hasOptedOut(job.phone)
        mailbox.put(Settlement(job: job, answer: TwilioMessage.read(outcome), optedOut: optedOut))
      }
    }
  }

  /// True when sending should rest before the next claim.
  private func settle(_ settlements: [Settlement]) async throws -> Bool {
    let now = runtime.outside.now()
    let consequences = try await runtime.file.write(.replayable) { db in
      let consequences = try Settlement.settle(db, settlements, now: now)
      if let code = consequences.pauseTenant {
        try KillSwitch.throwOn(db, reason: "Twilio answered \(code) to a send", actor: "provider", at: now)
      }
      return consequences
    }
    for phone in consequences.optOuts {
      try await runtime.outside.revocations.append(
        Revocation(phone: phone, action: .optOut, method: "provider_21610", evidence: "Twilio error 21610", at: now),
        tenant: runtime.lease.tenant)
    }
    if let code = consequences.pauseTenant {
      runtime.logger.error("Twilio refuses this account; sending is stopped", metadata: ["code": "\(code)"])
    }
    return consequences.rest
  }
}

/// Outcomes on their way from the outgoing thread to the turn: put from anywhere, taken all at once by one.
final class Mailbox<Letter: Sendable>: Sendable {
  private struct State {
    var letters: [Letter] = []
    var waiter: CheckedContinuation<[Letter], Never>?
  }
  private let state = Mutex(State())

  func put(_ letter: Letter) {
    let (waiter, letters) = state.withLock { state -> (CheckedContinuation<[Letter], Never>?, [Letter]) in
      state.letters.append(letter)
      guard let waiter = state.waiter else { return (nil, []) }
      defer {
        state.waiter = nil
        state.letters = []
      }
      return (waiter, state.letters)
    }
    waiter?.resume(returning: letters)
  }

  /// Waits for at least one.
  func take() async -> [Letter] {
    await withCheckedContinuation { continuation in
      let ready = state.withLock { state -> [Letter] in
        if state.letters.isEmpty {
          state.waiter = continuation
          return []
        }
        defer { state.letters = [] }
        return state.letters
      }
      if !ready.isEmpty { continuation.resume(returning: ready) }
    }
  }
}
