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
  private static let restMilliseconds: Int64 = 1000
  /// A disk that refuses an outcome is asked again, for about half a minute.
  private static let settleTries = 12

  func takeTurn() async throws -> NextTurn {
    try await markInterrupted()
    let mailbox = Mailbox<Settlement>()
    var open = 0
    var claims = 0
    var next = NextTurn.now
    var news = false  // settled since the last claim: the next one may find the campaign complete
    var trouble: (any Error)?
    while true {
      if trouble == nil, claims < Self.claimsPerTurn, open <= callsInFlight, isDue(next), !Task.isCancelled,
        !runtime.gate.isLeaving
      {
        do {
          let claim = try await take()
          claims += 1
          news = false
          next = claim.jobs.isEmpty ? claim.next : .now
          if !claim.jobs.isEmpty {
            CrashPoint.pass(.claimed)
            try await begin(claim, mailbox)
            open += claim.jobs.count
            if case .at = claim.next { next = claim.next }
            continue
          }
        } catch {
          // What is in flight comes back first: its outcomes are known to nobody else.
          trouble = error
        }
      }
      if open == 0 { break }
      let settled = await mailbox.take()
      open -= settled.count
      news = true
      CrashPoint.pass(.answered)
      if let rest = try await settleSurely(settled) {
        next = .at(runtime.dependencies.now().advanced(byMilliseconds: rest))
      }
    }
    if let trouble { throw trouble }
    return news && !isSoon(next) ? .now : next
  }

  private var callsInFlight: Int {
    runtime.lease.twilio.map { runtime.dependencies.http.accounts.bound($0.accountSID) } ?? AccountPace.most
  }

  /// What was settled may have ended a campaign; only a claim that finds nothing says so. A pause for pace brings that claim anyway.
  private func isSoon(_ next: NextTurn) -> Bool {
    if case .at(let moment) = next { moment <= runtime.dependencies.now().advanced(bySeconds: 1) } else { next == .now }
  }

  private func isDue(_ next: NextTurn) -> Bool {
    switch next {
    case .now: true
    case .at(let moment): moment <= runtime.dependencies.now()
    case .whenNudged: false
    }
  }

  private func markInterrupted() async throws {
    let now = runtime.dependencies.now()
    let found = try await runtime.file.write { db in
      let rows = try Row.fetchAll(
        db.cachedStatement(sql: "SELECT \(SendJob.columns) FROM send_jobs WHERE state = 'sending'"))
      for row in rows {
        var job = try SendJob(row)
        try job.move(db, to: .unknown, reason: "interrupted", at: now)
        try Event.append(db, .unknown, at: now, phone: job.phone, campaign: job.campaignID, job: job.id)
      }
      return !rows.isEmpty
    }
    if found { runtime.nudge(.reconciling) }
  }

  private func take() async throws -> Claim {
    let lease = runtime.lease
    let now = runtime.dependencies.now()
    let random = runtime.dependencies.random
    let turn = runtime.sendingTurns.add(1, ordering: .relaxed).newValue
    let brands = await takeBrands(lease, now)
    let (gate, known) = (runtime.gate, runtime.notedCampaigns.withLock { $0 })
    func of(_ left: [String: Int64]) -> [BrandDay: Int64] {
      Dictionary(uniqueKeysWithValues: left.map { (BrandDay($0, at: now), $1) })
    }
    do {
      let claim = try await runtime.transact(.worker("sender")) { change in
        let claim = try Claim.take(
          change.db, atMost: Claim.most, lease: lease, brands: brands, turn: turn, known: known, now: now,
          random: random)
        if !claim.jobs.isEmpty {
          gate.claimed(campaigns: Set(claim.jobs.map(\.campaignID)))
          CrashPoint.pass(.claiming)
        }
        change.effects.addStops(of: claim.stopped)
        if claim.movesInbox { change.effects.inbox = true }
        if claim.beginsUse { change.effects.wakes.insert(.pricing) }
        return claim
      }
      await giveBack(of(claim.brands))
      return claim
    } catch {
      await giveBack(of(brands))
      throw error
    }
  }

  /// A brand's day is shared beyond this file, so a claim is given a part of it beforehand and gives back what it does not use.
  private func takeBrands(_ lease: Lease, _ now: Moment) async -> [String: Int64] {
    var brands: [String: Int64] = [:]
    for (brand, cap) in lease.brands {
      brands[brand] = await runtime.dependencies.limits.take(
        brand: brand, day: BrandDay(brand, at: now).day, segments: Int64(2 * Claim.most), cap: cap)
    }
    return brands
  }

  private func giveBack(_ brands: [BrandDay: Int64]) async {
    let left = brands.filter { $0.value > 0 }
    if left.isEmpty { return }
    await surely {
      for (taken, segments) in left {
        await runtime.dependencies.limits.giveBack(brand: taken.brand, day: taken.day, segments: segments)
      }
    }
  }

  /// Records the claim outside the file, then hands its calls to the HTTP client.
  private func begin(_ claim: Claim, _ mailbox: Mailbox<Settlement>) async throws {
    let lease = runtime.lease
    do {
      try await runtime.dependencies.claims.append(
        SendClaim(
          tenant: lease.tenant, epoch: lease.epoch, number: claim.number, at: runtime.dependencies.now(),
          day: claim.day,
          highestCampaignID: claim.highestCampaignID, texts: claim.jobs.map(\.claimed)), campaigns: claim.campaigns)
      runtime.notedCampaigns.withLock { $0.formUnion(claim.campaigns.map(\.id)) }
    } catch {
      _ = try await settleSurely(claim.jobs.map { Settlement(job: $0, answer: .notTaken("not_begun")) })
      throw error
    }
    CrashPoint.pass(.recorded)
    let (gate, http, clock) = (runtime.gate, runtime.dependencies.http, runtime.dependencies.now)
    for job in claim.jobs {
      guard let account = lease.twilio else {
        mailbox.put(Settlement(job: job, answer: .notTaken("not_begun")))
        continue
      }
      var call = TwilioMessage.call(job, lease: lease, account: account, clock: clock)
      let (text, until) = (job.gateText, job.until)
      // A call may have waited for its pace, its account or a connection: the hours are asked again as the gate is.
      call.admit = { clock() < until && gate.admits(text) }
      call.isWanted = { clock() < until && gate.isAllowed(text) }
      http.submit(call) { outcome in
        if outcome != .notBegun { gate.ended(text) }
        let answer = TwilioMessage.read(outcome)
        if answer.isOverload {
          http.accounts.overloaded(account.accountSID)
        } else {
          http.accounts.answered(account.accountSID)
        }
        let isOurs = outcome == .notBegun || outcome == .heldBack
        let heldBack = isOurs ? gate.reasonHeld(text) : nil
        mailbox.put(Settlement(job: job, answer: answer, heldBack: heldBack))
      }
    }
    CrashPoint.pass(.calling)
  }

  /// Outcomes are known to nobody else: they are written although the turn has been asked to end, and a disk that refuses them is asked again
  /// before they are given up (and then are `unknown`).
  private func settleSurely(_ settlements: [Settlement]) async throws -> Int64? {
    try await surely { try await settle(settlements) }
  }

  private func settle(_ settlements: [Settlement]) async throws -> Int64? {
    for attempt in 1... {
      do { return await follow(try await write(settlements)) } catch {
        guard attempt < Self.settleTries else { throw error }
        runtime.logger.warning("Outcomes cannot be written yet", metadata: ["error": "\(error)"])
        try? await Task.sleep(for: .milliseconds(min(50 << attempt, 5_000)))
      }
    }
    return nil
  }

  private func write(_ settlements: [Settlement]) async throws -> Settlement.Consequences {
    let now = runtime.dependencies.now()
    return try await runtime.transact(.worker("sender"), durability: .replayable) { change in
      let consequences = try Settlement.settle(change.db, settlements, now: now)
      change.effects = consequences.effects
      if consequences.hasUnknown { change.effects.wakes.insert(.reconciling) }
      return consequences
    }
  }

  /// What follows from written outcomes. How long sending should rest before the next claim; nil: not at all.
  private func follow(_ consequences: Settlement.Consequences) async -> Int64? {
    await giveBack(consequences.brands)
    if consequences.rest { return Self.restMilliseconds }
    guard consequences.overload, let account = runtime.lease.twilio?.accountSID else { return nil }
    return runtime.dependencies.http.accounts.restMilliseconds(account)
  }
}
