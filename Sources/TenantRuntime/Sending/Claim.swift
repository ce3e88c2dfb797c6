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
