import GRDB

/// The jobs that one campaign gives to a claim: its queue in order, each job through gates 3 to 11, the first that does not pass with its
/// reason. Nothing shared (budget, number, pace) is taken before all that is not shared has passed.
struct CampaignBlock {
  let campaign: Campaign
  let context: ClaimContext
  var pool: NumberPool
  var budget: Budget
  private(set) var jobs: [ClaimedJob] = []
  /// The campaign's own probes have shown that it is not well.
  private(set) var stopped = Effects()
  private(set) var next = NextTurn.whenNudged
  private var answers: [TextingHours: TextingHours.Answer] = [:]
  private var reserved: Int64 = 0
  private var waiting: (reason: String, until: Moment?)?
  private var now: Moment { context.now }

  init(campaign: Campaign, context: ClaimContext, pool: NumberPool, budget: Budget) {
    self.campaign = campaign
    self.context = context
    self.pool = pool
    self.budget = budget
  }

  mutating func take(_ db: Database, atMost most: Int) throws {
    guard let limit = try probed(db, most) else { return try finish(db, exhausted: false) }
    let texts = CampaignTexts(campaign, isPlain: context.settings.plainCharacters)
    let gates = try SkipGates(
      db, purpose: campaign.purpose, settings: context.settings, now: now)
    try lookAgain(db)
    try wakeDeferred(db, limit: limit)
    var (last, lookedAt, result) = (Int64(0), 0, Looked())
    repeat {
      let rows = try Self.queued(db, campaign: campaign.id, behind: last, limit: limit, now: now)
      result = Looked(isEnd: rows.count < limit)
      for row in rows where !result.isStopped {
        switch try look(db, row, texts, gates) {
        case .left: result.leaves = true
        case .tooDear: result.isDear = true
        case .waits: break
        case .stops: result.isStopped = true
        }
      }
      last = rows.last?["id"] ?? last
      lookedAt += rows.count
      // Behind those who all wait for their number, which is told at once, may stand others who know none.
    } while !result.leaves && !result.isDear && !result.isStopped && !result.isEnd && lookedAt < Self.mostLookedAt
    // A whole block of skips is no reason to rest: anyone who stands behind those that have left the queue may be textable.
    if result.leaves, !result.isStopped, !result.isEnd { next = .now }
    try finish(db, exhausted: result.isEnd && waiting == nil)
  }

  /// Of a campaign a claim looks at so many that wait for their number.
  private static let mostLookedAt = 1_000

  /// What became of a block of the queue.
  private struct Looked {
    var isEnd = false
    var leaves = false
    var isDear = false
    var isStopped = false
  }

  private enum Fate {
    /// Taken, skipped, or put off.
    case left
    /// For the number that its person knows.
    case waits
    case tooDear
    /// And so does everybody behind it.
    case stops
  }

  /// One job, through all gates.
  private mutating func look(
    _ db: Database, _ row: Row, _ texts: CampaignTexts, _ gates: SkipGates
  ) throws -> Fate {
    var job = try SendJob(row)
    let known = try knownNumber(db, job.phone)
    if let known, pool.holds(known) { return wait(for: known, segments: 1) }
    if job.contactID == nil, let back = row["found_contact"] as Int64? { try job.follow(db, contact: back) }
    if let reason = try gates.refusal(db, row, phone: job.phone, contact: job.contactID) {
      try context.skip(db, &job, reason: reason)
      return .left
    }
    guard let body = render(texts, row, job), case let segments = SegmentCount(body).segments,
      segments <= Claim.mostSegments
    else {
      try context.skip(db, &job, reason: "content")
      return .left
    }
    guard let until = try hours(db, &job, zone: row["time_zone"]) else { return .left }
    let cost = Int64(segments) * context.settings.prices.micros(perSegmentTo: job.phone)
    if let limit = overBudget(cost) {
      let opens = budget.opens(after: limit, zone: context.lease.timeZone)
      waiting = (limit, opens)
      if let opens { next = next.sooner(.at(opens)) }
      // A shorter text behind it may still fit; behind the shortest nothing does.
      return segments > 1 ? .tooDear : .stops
    }
    switch pool.spend(segments: segments, knows: known) {
    case .given(let sender):
      reserved += cost
      jobs.append(
        try context.begin(
          db, &job, sender, body: body, segments: segments, cost: cost, until: until,
          purpose: campaign.purpose, &budget))
      return .left
    case .held: return wait(for: known, segments: segments)
    case .none:
      // With the whole pool at its cap everybody waits alike: held, not put off one by one.
      let reason = pool.refusal(segments: segments)
      let (shown, at) = context.waits(pool, reason, segments: segments, day: budget.day)
      waiting = (reason, shown)
      if let at { next = next.sooner(.at(at)) }
      return .stops
    }
  }

  /// The person knows a number that is at its pace; others are not.
  private mutating func wait(for known: PhoneNumber?, segments: Int) -> Fate {
    waiting = ("rate", nil)
    if let at = pool.enoughAt(segments: segments, knows: known) { next = next.sooner(.at(at)) }
    return .waits
  }

  /// How many may be taken while the campaign shows that it is well again; nil: none now.
  private mutating func probed(_ db: Database, _ most: Int) throws -> Int? {
    guard let left = campaign.probeLeft else { return most }
    if left > 0 { return min(most, Int(left)) }
    let probe = CircuitBreaker.Probe(.campaign, campaign.id, since: campaign.probeSince ?? now)
    switch try probe.verdict(db, context.settings.breaker, &stopped, now: now) {
    case .waiting(let until):
      waiting = ("probing", until)
      next = .at(until)
      return nil
    case .failed: return nil
    case .passed:
      try db.execute(
        sql: "UPDATE campaigns SET probe_left = NULL, probe_since = NULL WHERE id = ?", arguments: [campaign.id])
      return most
    }
  }

  /// Asked only where there is a choice.
  private func knownNumber(_ db: Database, _ phone: PhoneNumber) throws -> PhoneNumber? {
    guard pool.hasChoice else { return nil }
    return try PhoneNumber.fetchOne(
      db.cachedStatement(sql: "SELECT number FROM messages WHERE phone = ? ORDER BY id DESC LIMIT 1"),
      arguments: [phone])
  }

  /// Gate 9: which limit the text would break.
  private func overBudget(_ cost: Int64) -> String? {
    if let most = campaign.budgetMicros, campaign.reservedMicros + reserved + cost > most { return "budget" }
    return budget.refuses(cost)
  }

  private static func queued(
    _ db: Database, campaign: Int64, behind last: Int64, limit: Int, now: Moment
  ) throws -> [Row] {
    try Row.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT \(SendJob.ofJ), c.id AS found_contact, c.first_name, c.last_name, c.email, c.fields, c.time_zone, c.phone AS contact_phone, d.reason AS do_not_contact, b.code AS bad_code
          FROM send_jobs j LEFT JOIN contacts c ON c.id = ifnull(j.contact_id, (SELECT id FROM contacts WHERE phone = j.phone))
          LEFT JOIN do_not_contact d ON d.phone = j.phone LEFT JOIN bad_numbers b ON b.phone = j.phone AND b.until > ?
          WHERE j.campaign_id = ? AND j.state = 'queued' AND j.id > ? ORDER BY j.id LIMIT ?
          """), arguments: [now, campaign, last, limit])
  }

  /// Gate 8: until when the text may be on its way (the end of time without a limit), or nil when it has been put off, or skipped
  /// because no hour would ever do.
  /// - Parameter known: until when it has been put off already.
  private mutating func hours(
    _ db: Database, _ job: inout SendJob, zone: String?, known: Moment? = nil
  ) throws -> Moment? {
    let hours = TextingHours(
      phone: job.phone, ownZone: zone, quiet: campaign.quiet, isMarketing: campaign.purpose == .marketing,
      tenantZone: context.lease.timeZone, tenant: context.settings.hours, from: campaign.sendAtLocal)
    if hours.isUnbound { return .end }
    // A town has one clock: asked once per claim.
    let answer = answers[hours] ?? hours.ask(now)
    answers[hours] = answer
    switch answer {
    case .open(let until): return until
    case .closed(let until) where until == known: return nil
    // Anyone who is put off goes back into the queue first.
    case .never where known != nil: return .end
    case .never:
      try context.skip(db, &job, reason: "hours_never_meet")
      return nil
    case .closed(let until):
      let reason = hours.isEarly(now) ? "send_at_local" : "quiet_hours"
      try db.cachedStatement(
        sql: "UPDATE send_jobs SET state = 'deferred', reason = ?, deferred_until = ? WHERE id = ?"
      )
      .execute(arguments: [reason, until, job.id])
      try Event.append(
        db, .deferred, at: now, phone: job.phone, campaign: campaign.id, job: job.id,
        data: ["reason": .text(reason), "until": .moment(until)])
      return nil
    }
  }

  private static let lookedAtTogether: Int64 = 1_000

  /// The tenant's hours have changed: anyone who waits for them is asked about again, in slices. Whose time stays the same hears nothing.
  private mutating func lookAgain(_ db: Database) throws {
    guard let cursor = campaign.lookAgainCursor, let last = campaign.lastJobID else { return }
    let from = max(cursor, (campaign.firstJobID ?? 1) - 1)
    let end = min(from + Self.lookedAtTogether, last)
    let rows = try Row.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT \(SendJob.ofJ), j.deferred_until, c.time_zone FROM send_jobs j LEFT JOIN contacts c ON c.id = j.contact_id
          WHERE j.id > ? AND j.id <= ? AND j.campaign_id = ? AND j.state = 'deferred' ORDER BY j.id
          """), arguments: [from, end, campaign.id])
    for row in rows {
      var job = try SendJob(row)
      let before: Moment = row["deferred_until"]
      if try hours(db, &job, zone: row["time_zone"], known: before) != nil {
        try SendJob.lookAgain(db, job: job.id, now: now)
      }
    }
    try db.cachedStatement(sql: "UPDATE campaigns SET look_again_cursor = ? WHERE id = ?").execute(
      arguments: [end < last ? end : nil, campaign.id])
    if end < last { next = .now }
  }

  /// Those whose time has come stand in the queue again.
  private func wakeDeferred(_ db: Database, limit: Int) throws {
    try db.cachedStatement(
      sql: """
        UPDATE send_jobs SET state = 'queued', reason = NULL, deferred_until = NULL WHERE id IN (
          SELECT id FROM send_jobs WHERE campaign_id = ? AND state = 'deferred' AND deferred_until <= ?
          ORDER BY deferred_until LIMIT ?)
        """
    ).execute(arguments: [campaign.id, now, limit])
  }

  private func render(_ texts: CampaignTexts, _ row: Row, _ job: SendJob) -> String? {
    texts.render(variant: job.variant, contact: row, phone: job.phone, host: context.lease.linkHosts.first) { number in
      LinkToken.inText(job: job.id, number: number).text(key: context.lease.linkKeys.newest)
    }
  }

  private mutating func finish(_ db: Database, exhausted: Bool) throws {
    try pool.save(db)
    if reserved > 0 {
      try db.execute(
        sql: "UPDATE campaigns SET reserved_micros = reserved_micros + ? WHERE id = ?",
        arguments: [reserved, campaign.id])
    }
    if campaign.probeLeft ?? 0 > 0, !jobs.isEmpty {
      try db.execute(
        sql: "UPDATE campaigns SET probe_left = probe_left - ?, probe_since = ? WHERE id = ?",
        arguments: [jobs.count, now, campaign.id])
    }
    let put = try Row.fetchOne(
      db.cachedStatement(
        sql: """
          SELECT deferred_until, reason FROM send_jobs WHERE campaign_id = ? AND state = 'deferred' ORDER BY deferred_until LIMIT 1
          """),
      arguments: [campaign.id])
    if let put {
      let wake: Moment = put["deferred_until"]
      next = next.sooner(.at(wake))
      if waiting == nil, exhausted { waiting = (put["reason"] ?? "quiet_hours", wake) }
    }
    try campaign.wait(db, reason: waiting?.reason, until: waiting?.until)
    guard exhausted, jobs.isEmpty, campaign.resendUpTo == nil else { return }
    let open = try Int64.fetchOne(
      db.cachedStatement(
        sql: "SELECT sum(n) FROM campaign_counts WHERE campaign_id = ? AND state IN ('queued', 'sending', 'deferred')"),
      arguments: [campaign.id])
    if open ?? 0 == 0 {
      var campaign = campaign
      try campaign.complete(db, at: now)
    }
  }
}
