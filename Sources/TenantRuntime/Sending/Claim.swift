import Foundation
import GRDB

/// One block of texts, taken in one durable transaction: gates run, allowance and budget reserved, text rendered, rows marked
/// `sending` with a random attempt id. Nothing is called before this has committed and been recorded outside the file.
struct Claim: Sendable {
  var number: Int64
  var jobs: [ClaimedJob]
  var highestCampaignID: Int64
  /// When the next claim may find something, if this one stopped for a reason that passes.
  var next: NextTurn
}

struct ClaimedJob: Sendable {
  var id: Int64
  var attempt: Int64
  var campaignID: Int64?
  var phone: PhoneNumber
  var number: PhoneNumber
  var messagingService: String?
  var body: String
  /// The provider must not deliver it later.
  var until: Moment
}

extension Claim {
  /// Twilio's list price of one US segment, until price tables come.
  static let microsPerSegment: Int64 = 8_300
  static let mostSegments = 10
  static let most = 200

  static func take(
    _ db: Database, atMost limit: Int, lease: Lease, linkKey: [UInt8], turn: Int, now: Moment, random: () -> UInt64
  ) throws -> Claim {
    guard var identity = try Identity.read(db) else { throw DatabaseError(message: "the file has no identity") }
    var claim = Claim(number: 0, jobs: [], highestCampaignID: 0, next: .whenNudged)
    let campaigns = try Row.fetchAll(db, sql: "SELECT * FROM campaigns WHERE state = 'running' ORDER BY id").map(
      Campaign.init)
    guard !campaigns.isEmpty else { return claim }
    // Gate 1. Everything waits, and says so.
    if let reason = try closedReason(db, lease: lease, identity: identity) {
      for campaign in campaigns { try campaign.wait(db, reason: reason) }
      return claim
    }
    identity.claimNumber += 1
    claim.number = identity.claimNumber
    // Campaigns take turns: each claim begins with another one.
    let first = turn % campaigns.count
    var budget = try Budget.read(db, zone: lease.timeZone, now: now)
    for campaign in campaigns[first...] + campaigns[..<first] where claim.jobs.count < limit {
      var block = CampaignBlock(
        campaign: campaign, lease: lease, linkKey: linkKey, claimNumber: identity.claimNumber, now: now,
        pool: try NumberPool(db, campaign.numbers, day: budget.day, now: now), budget: budget)
      try block.take(db, atMost: limit - claim.jobs.count, random: random)
      claim.jobs += block.jobs
      budget = block.budget
      claim.next = claim.next.sooner(block.next)
    }
    if !claim.jobs.isEmpty {
      try db.execute(sql: "UPDATE identity SET claim_no = ?", arguments: [identity.claimNumber])
      claim.highestCampaignID =
        try Int64.fetchOne(db, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'campaigns'") ?? 0
    }
    return claim
  }

  private static func closedReason(_ db: Database, lease: Lease, identity: Identity) throws -> String? {
    if identity.fence != nil { return "fenced" }
    if lease.suspended != nil { return "suspended" }
    if lease.twilio == nil { return "no_twilio_account" }
    return try KillSwitch.isOn(db) ? "kill_switch" : nil
  }
}

extension NextTurn {
  func sooner(_ other: NextTurn) -> NextTurn {
    switch (self, other) {
    case (.now, _), (_, .now): .now
    case (.whenNudged, let turn), (let turn, .whenNudged): turn
    case (.at(let left), .at(let right)): .at(min(left, right))
    }
  }
}

/// The jobs that one campaign gives to a claim.
private struct CampaignBlock {
  let campaign: Campaign
  let lease: Lease
  let linkKey: [UInt8]
  let claimNumber: Int64
  let now: Moment
  var pool: NumberPool
  var budget: Budget
  var jobs: [ClaimedJob] = []
  var next = NextTurn.whenNudged
  private var answers: [TextingHours: TextingHours.Answer] = [:]
  private var reserved: Int64 = 0
  private var waiting: (reason: String, until: Moment?)?

  init(
    campaign: Campaign, lease: Lease, linkKey: [UInt8], claimNumber: Int64, now: Moment, pool: NumberPool,
    budget: Budget
  ) {
    self.campaign = campaign
    self.lease = lease
    self.linkKey = linkKey
    self.claimNumber = claimNumber
    self.now = now
    self.pool = pool
    self.budget = budget
  }

  mutating func take(_ db: Database, atMost limit: Int, random: () -> UInt64) throws {
    let template = try? MessageTemplate(campaign.body)
    let settings = try TenantSettings.read(db)
    let rules = try SuppressionRule.all(db)
    let someErased = try ContactErasure.hasAny(db)
    try wakeDeferred(db, limit: limit)
    let rows = try Self.queued(db, campaign: campaign.id, limit: limit)
    for row in rows {
      var job = try SendJob(row)
      var refusal = Self.refusal(row, job)
      if refusal == nil, someErased, try ContactErasure.isErased(db, job.phone, key: linkKey) { refusal = "opted_out" }
      if let reason = try refusal ?? later(db, job, settings, rules) {
        try skip(db, &job, reason: reason)
        continue
      }
      guard let body = render(template, row, job) else {
        try skip(db, &job, reason: "content")
        continue
      }
      let segments = SegmentCount(body).segments
      guard segments <= Claim.mostSegments else {
        try skip(db, &job, reason: "content")
        continue
      }
      guard let until = try hours(db, &job, zone: row["time_zone"]) else { continue }
      let cost = Int64(segments) * Claim.microsPerSegment
      if let budget = campaign.budgetMicros, campaign.reservedMicros + reserved + cost > budget {
        waiting = ("budget", nil)
        break
      }
      if let limit = budget.refuses(cost) {
        let opens = budget.opens(after: limit, zone: lease.timeZone)
        waiting = (limit, opens)
        if let opens { next = .at(opens) }
        break
      }
      guard let number = pool.spend(segments: segments) else {
        // With the whole pool at its cap everybody waits alike: held, not put off one by one.
        if pool.isCapped {
          waiting = ("daily_cap", budget.day.next(zone: lease.timeZone))
          if let tomorrow = waiting?.until { next = .at(tomorrow) }
        } else {
          waiting = pool.isEmpty ? ("no_number", nil) : ("rate", nil)
          if let at = pool.enoughAt(segments: segments) { next = .at(at) }
        }
        break
      }
      try begin(
        db, &job, number: number, body: body, segments: segments, cost: cost, until: until,
        attempt: Int64(random() >> 1))
    }
    try finish(db, exhausted: rows.count < limit && waiting == nil)
  }

  /// Gates 3 and 4, on values that came with the row.
  private static func refusal(_ row: Row, _ job: SendJob) -> String? {
    if job.contactID == nil { return "contact_deleted" }
    if (row["bad_code"] as Int64?) != nil { return "invalid_number" }
    return row["do_not_contact"] as String?
  }

  /// Gates 5 and 6. A revocation of this purpose alone counts also where consent is not required.
  private func later(
    _ db: Database, _ job: SendJob, _ settings: TenantSettings, _ rules: [SuppressionRule]
  ) throws -> String? {
    switch try ConsentStanding.read(db, job.phone, purpose: campaign.purpose.rawValue, on: now).verdict {
    case .revoked: return "no_consent"
    case .silent where settings.requireConsent: return "no_consent"
    case .silent, .granted: break
    }
    for rule in rules where try rule.suppresses(db, phone: job.phone, contact: job.contactID, now: now) {
      return "suppressed"
    }
    return nil
  }

  private static func queued(_ db: Database, campaign: Int64, limit: Int) throws -> [Row] {
    try Row.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT j.*, c.first_name, c.last_name, c.email, c.fields, c.time_zone, d.reason AS do_not_contact, b.code AS bad_code
          FROM send_jobs j LEFT JOIN contacts c ON c.id = j.contact_id
          LEFT JOIN do_not_contact d ON d.phone = j.phone LEFT JOIN bad_numbers b ON b.phone = j.phone
          WHERE j.campaign_id = ? AND j.state = 'queued' ORDER BY j.id LIMIT ?
          """), arguments: [campaign, limit])
  }

  /// Gate 8: until when the text may be on its way (`.distantFuture` without a limit), or nil when it has been put off.
  private mutating func hours(_ db: Database, _ job: inout SendJob, zone: String?) throws -> Moment? {
    let hours = TextingHours(
      phone: job.phone, ownZone: zone, quiet: campaign.quiet, isMarketing: campaign.purpose == .marketing,
      tenantZone: lease.timeZone)
    if hours.isUnbound { return Moment(milliseconds: .max) }
    // A town has one clock: asked once per claim.
    let answer = answers[hours] ?? hours.ask(now)
    answers[hours] = answer
    switch answer {
    case .open(let until): return until
    case .closed(let until):
      try db.cachedStatement(
        sql: "UPDATE send_jobs SET state = 'deferred', reason = 'quiet_hours', deferred_until = ? WHERE id = ?"
      )
      .execute(arguments: [until, job.id])
      try Event.append(
        db, .deferred, at: now, phone: job.phone, campaign: campaign.id, job: job.id,
        data: ["reason": "quiet_hours", "until": .moment(until)])
      return nil
    }
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

  private func render(_ template: MessageTemplate?, _ row: Row, _ job: SendJob) -> String? {
    guard let template else { return nil }
    var custom: JSON?
    let text = template.render { name in
      switch name {
      case "first_name", "last_name", "email": return row[name]
      case "phone": return job.phone.description
      default:
        if custom == nil { custom = (row["fields"] as String?).flatMap { try? JSON(parsing: $0) } ?? .object([]) }
        return custom?[name]?.text
      }
    } link: { number in
      guard let host = lease.linkHosts.first else { return template.links[number] }
      return "https://\(host)/\(LinkToken(jobID: job.id, link: number).text(key: linkKey))"
    }
    return text.flatMap { $0.unicodeScalars.count <= 1600 && !$0.allSatisfy(\.isWhitespace) ? $0 : nil }
  }

  private func skip(_ db: Database, _ job: inout SendJob, reason: String) throws {
    try job.move(db, to: .skipped, reason: reason, at: now)
    try Event.append(
      db, .skipped, at: now, phone: job.phone, campaign: campaign.id, job: job.id, data: ["reason": .text(reason)])
  }

  private mutating func begin(
    _ db: Database, _ job: inout SendJob, number: NumberPool.Sender, body: String, segments: Int, cost: Int64,
    until: Moment, attempt: Int64
  ) throws {
    job.number = number.phone
    reserved += cost
    budget.reserve(cost)
    try Budget.book(db, day: budget.day.number, campaign: campaign.id, micros: cost, segments: Int64(segments))
    try db.cachedStatement(
      sql: """
        INSERT INTO messages (direction, phone, number, body, segments, campaign_id, send_job_id, at)
        VALUES ('out', ?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(arguments: [job.phone, number.phone, body, segments, campaign.id, job.id, now])
    let message = db.lastInsertedRowID
    try db.cachedStatement(
      sql: """
        UPDATE send_jobs SET state = 'sending', attempt = ?, claim_no = ?, number = ?, message_id = ?, segments = ?, cost_micros = ?,
        cost_day = ?, claimed_at = ? WHERE id = ?
        """
    ).execute(arguments: [attempt, claimNumber, number.phone, message, segments, cost, budget.day.number, now, job.id])
    try Figures.add(db, job, .costMicros, cost, at: now)
    jobs.append(
      ClaimedJob(
        id: job.id, attempt: attempt, campaignID: campaign.id, phone: job.phone, number: number.phone,
        messagingService: number.messagingService, body: body, until: until))
  }

  private mutating func finish(_ db: Database, exhausted: Bool) throws {
    try pool.save(db)
    if reserved > 0 {
      try db.execute(
        sql: "UPDATE campaigns SET reserved_micros = reserved_micros + ? WHERE id = ?",
        arguments: [reserved, campaign.id])
    }
    let wake = try Moment.fetchOne(
      db.cachedStatement(
        sql: "SELECT min(deferred_until) FROM send_jobs WHERE campaign_id = ? AND state = 'deferred'"),
      arguments: [campaign.id])
    if let wake { next = next.sooner(.at(wake)) }
    if waiting == nil, exhausted, let wake { waiting = ("quiet_hours", wake) }
    try campaign.wait(db, reason: waiting?.reason, until: waiting?.until)
    guard exhausted, jobs.isEmpty else { return }
    let open = try Int64.fetchOne(
      db,
      sql: "SELECT sum(n) FROM campaign_counts WHERE campaign_id = ? AND state IN ('queued', 'sending', 'deferred')",
      arguments: [campaign.id])
    if open ?? 0 == 0 {
      var campaign = campaign
      try campaign.complete(db, at: now)
    }
  }
}
