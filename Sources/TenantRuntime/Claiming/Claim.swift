import GRDB

/// One block of texts, taken in one durable transaction: gates run, allowance and budget reserved, text rendered, rows marked
/// `sending` with a random attempt id. Nothing is called before this has committed and been recorded outside the file.
struct Claim: Sendable {
  var number: Int64
  var jobs: [ClaimedJob]
  var highestCampaignID: Int64
  var day: Int64 = 0
  /// Of its campaigns, those that nobody outside the file knows yet.
  var campaigns: [CampaignNote] = []
  /// When the next claim may find something, if this one stopped for a reason that passes.
  var next: NextTurn
  /// A number begins a day of use: its prices are to be read later.
  var beginsUse = false
  /// What is left of the brands' segments that it was given.
  var brands: [String: Int64] = [:]
  /// Texts to one person were begun or skipped: open inboxes show it.
  var movesInbox = false
  /// What its probes have stopped.
  var stopped = Effects()
}

extension Claim {
  static let mostSegments = 10
  static let most = 200
  /// Carriers count a brand's day by it.
  static let carrierZone = "America/Los_Angeles"

  /// - Parameter brands: segments of each registered brand that this claim may use; what it does not is given back by the caller.
  static func take(
    _ db: Database, atMost limit: Int, lease: Lease, brands: [String: Int64] = [:], turn: Int, known: Set<Int64> = [],
    now: Moment,
    random: @escaping () -> UInt64
  ) throws -> Claim {
    guard var identity = try Identity.read(db) else { throw DatabaseError(message: "the file has no identity") }
    var claim = Claim(number: 0, jobs: [], highestCampaignID: 0, next: .whenNudged)
    let campaigns = try Row.fetchAll(
      db.cachedStatement(sql: "SELECT * FROM campaigns WHERE state = 'running' ORDER BY id")
    ).map(Campaign.init)
    let isDirect = try DirectBlock.isWanted(db)
    claim.brands = brands
    guard !campaigns.isEmpty || isDirect else { return claim }
    // Gate 1. Everything waits, and says so.
    if let reason = try closedReason(db, lease: lease, identity: identity) {
      for campaign in campaigns { try campaign.wait(db, reason: reason) }
      try db.cachedStatement(
        sql: "UPDATE send_jobs SET reason = ?1 WHERE state = 'queued' AND campaign_id IS NULL AND reason IS NOT ?1"
      ).execute(arguments: [reason])
      return claim
    }
    identity.claimNumber += 1
    claim.number = identity.claimNumber
    let context = ClaimContext(
      lease: lease, settings: try TenantSettings.read(db), claimNumber: identity.claimNumber, now: now, random: random)
    var budget = try Budget.read(
      db, zone: lease.timeZone, now: now, mostTexts: lease.quotas[.textsPerMonth])
    let before = budget
    var brands = brands
    if isDirect {
      var block = DirectBlock(context: context, budget: budget, brands: brands)
      try block.take(db, atMost: limit)
      claim.jobs += block.jobs
      claim.movesInbox = block.moves
      claim.stopped.addStops(of: block.stopped)
      (budget, brands) = (block.budget, block.brands)
      claim.beginsUse = block.beginsUse
      claim.next = claim.next.sooner(block.next)
    }
    // Campaigns take turns: each claim begins with another one.
    let first = campaigns.isEmpty ? 0 : turn % campaigns.count
    for campaign in campaigns[first...] + campaigns[..<first] where claim.jobs.count < limit {
      var block = CampaignBlock(
        campaign: campaign, context: context,
        pool: try NumberPool(
          db, campaign.numbers, day: budget.day, settings: context.settings, brands: brands, now: now), budget: budget)
      try block.take(db, atMost: limit - claim.jobs.count)
      claim.jobs += block.jobs
      claim.stopped.addStops(of: block.stopped)
      claim.stopped.addStops(of: block.pool.stopped)
      (budget, brands) = (block.budget, block.pool.brands)
      claim.beginsUse = claim.beginsUse || block.pool.beginsUse
      claim.next = claim.next.sooner(block.next)
    }
    claim.brands = brands
    try budget.recordAlerts(db, since: before, thresholds: context.settings.budgetAlerts, at: now)
    if !claim.jobs.isEmpty {
      try ClaimSums.write(db, claim.jobs, day: budget.day, now: now)
      try db.cachedStatement(sql: "UPDATE identity SET claim_no = ?").execute(arguments: [identity.claimNumber])
      claim.day = budget.day.number
      claim.highestCampaignID =
        try Int64.fetchOne(
          db.cachedStatement(sql: "SELECT seq FROM sqlite_sequence WHERE name = 'campaigns'")) ?? 0
      for id in Set(claim.jobs.compactMap(\.campaignID)).subtracting(known).sorted() {
        claim.campaigns.append(
          CampaignNote(id: id, record: try CampaignRecord.read(db, id), at: now))
      }
    }
    return claim
  }

  /// Why nothing at all leaves now.
  static func closedReason(_ db: Database, lease: Lease) throws -> String? {
    try Identity.read(db).flatMap { try closedReason(db, lease: lease, identity: $0) }
  }

  private static func closedReason(_ db: Database, lease: Lease, identity: Identity) throws -> String? {
    if identity.fence != nil { return "fenced" }
    if lease.suspended != nil { return "suspended" }
    if lease.killed != nil { return "platform_kill_switch" }
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
