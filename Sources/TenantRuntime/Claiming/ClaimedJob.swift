import GRDB

/// A text that a claim has taken, as it will be called.
struct ClaimedJob: Sendable {
  var id: Int64
  var attempt: Int64
  var kind: SendJob.Kind
  var campaignID: Int64?
  var phone: PhoneNumber
  var number: PhoneNumber
  var messagingService: String?
  /// Segments a second of its number, and how many it takes.
  var rate: Double
  var segments: Int
  var brand: BrandDay?
  var body: String
  /// The provider must not deliver it later.
  var until: Moment
  /// Of its campaign; nil of a text to one person.
  var purpose: CampaignPurpose?
  var cost: Int64
  var tries: Int64
  var variant: Int64?
  /// As what its campaign counted it until now; nil: not at all.
  var counted: FigureTally.OfState?

  var claimed: SendClaim.Text {
    SendClaim.Text(
      job: id, attempt: attempt, kind: kind, campaign: campaignID, phone: phone, tries: tries, variant: variant,
      number: number, segments: Int64(segments), cost: cost)
  }

  var gateText: SendGate.Text {
    SendGate.Text(
      phone: phone, number: number, campaign: campaignID, scope: purpose.map { SendGate.Scopes($0) } ?? .direct,
      cost: cost)
  }
}

/// A registered brand's day, by the carriers' clock: what is given back goes to the day it was taken from.
struct BrandDay: Hashable, Sendable {
  var brand: String
  var day: Int64

  init(_ brand: String, at now: Moment) {
    self.brand = brand
    day = LocalDay(now, zone: Claim.carrierZone).number
  }
}

/// What all blocks of one claim share.
struct ClaimContext {
  let lease: Lease
  let settings: TenantSettings
  let claimNumber: Int64
  let now: Moment
  let random: () -> UInt64

  /// Reserves, writes the message down (unless it is there) and marks the job `sending`. `ClaimSums` counts it.
  func begin(
    _ db: Database, _ job: inout SendJob, _ sender: NumberPool.Sender, body: String, segments: Int, cost: Int64,
    until: Moment = .end, purpose: CampaignPurpose? = nil, _ budget: inout Budget
  ) throws -> ClaimedJob {
    let attempt = Int64(random() >> 1)
    job.number = sender.phone
    budget.reserve(cost)
    let message: Int64
    if let written = job.messageID {
      message = written
      try db.cachedStatement(sql: "UPDATE messages SET number = ?, segments = ? WHERE id = ?")
        .execute(arguments: [sender.phone, segments, message])
    } else {
      try db.cachedStatement(
        sql: """
          INSERT INTO messages (direction, phone, number, body, segments, campaign_id, send_job_id, at)
          VALUES ('out', ?, ?, ?, ?, ?, ?, ?)
          """
      ).execute(arguments: [job.phone, sender.phone, body, segments, job.campaignID, job.id, now])
      message = db.lastInsertedRowID
    }
    try db.cachedStatement(
      sql: """
        UPDATE send_jobs SET state = 'sending', reason = NULL, attempt = ?, claim_no = ?, number = ?, message_id = ?, segments = ?, cost_micros = ?,
        cost_day = ?, claimed_at = ?, tallied = 1 - tallied WHERE id = ?
        """
    ).execute(arguments: [
      attempt, claimNumber, sender.phone, message, segments, cost, budget.day.number, now, job.id,
    ])
    return ClaimedJob(
      id: job.id, attempt: attempt, kind: job.kind, campaignID: job.campaignID, phone: job.phone, number: sender.phone,
      messagingService: sender.messagingService, rate: sender.rate, segments: segments,
      brand: sender.brand.map { BrandDay($0, at: now) }, body: body, until: until, purpose: purpose, cost: cost,
      tries: job.tries, variant: job.variant, counted: job.counted)
  }

  func skip(_ db: Database, _ job: inout SendJob, reason: String) throws {
    try job.move(db, to: .skipped, reason: reason, at: now)
    try Event.append(
      db, .skipped, at: now, phone: job.phone, campaign: job.campaignID, job: job.id, data: ["reason": .text(reason)])
  }

  /// When the reason for which a pool gave nothing may have passed; nil: only by somebody's doing.
  func waits(_ pool: NumberPool, _ reason: String, segments: Int, day: LocalDay) -> (shown: Moment?, next: Moment?) {
    switch reason {
    case "daily_cap":
      let tomorrow = day.next(zone: lease.timeZone)
      return (tomorrow, tomorrow)
    case "brand_cap":
      // Others may give back what they did not use, so it is asked for before the carriers' day ends.
      return (LocalDay(now, zone: Claim.carrierZone).next(zone: Claim.carrierZone), now.advanced(bySeconds: 5))
    case "rate": return (nil, pool.enoughAt(segments: segments))
    case "probing": return (nil, now.advanced(bySeconds: 1))
    default: return (nil, nil)
    }
  }
}
