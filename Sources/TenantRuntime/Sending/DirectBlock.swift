import GRDB

/// Texts to one person each (replies, tests, automatic answers): ahead of every campaign, through gates 1, 3, 4, 7, 9, 10 and 11. What
/// does not fit now stays in the queue; a text behind it, on another number, goes on.
struct DirectBlock {
  let context: ClaimContext
  var budget: Budget
  var brands: [String: Int64]
  private(set) var jobs: [ClaimedJob] = []
  private(set) var next = NextTurn.whenNudged
  private(set) var beginsUse = false
  /// Some text has left the queue: open inboxes show it.
  private(set) var moves = false

  init(context: ClaimContext, budget: Budget, brands: [String: Int64]) {
    self.context = context
    self.budget = budget
    self.brands = brands
  }

  static func isWanted(_ db: Database) throws -> Bool {
    try Bool.fetchOne(
      db.cachedStatement(
        sql: "SELECT EXISTS (SELECT 1 FROM send_jobs WHERE state = 'queued' AND campaign_id IS NULL)")) ?? false
  }

  mutating func take(_ db: Database, atMost limit: Int) throws {
    guard limit > 0 else { return }
    let gates = try SkipGates(
      db, purpose: nil, settings: context.settings, now: context.now)
    let hasReviews = try OptOutReview.anyOpen(db)
    let rows = try Row.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT j.*, m.body, m.number AS wanted_number, t.numbers, d.reason AS do_not_contact, b.code AS bad_code
          FROM send_jobs j LEFT JOIN messages m ON m.id = j.message_id LEFT JOIN campaigns t ON t.id = j.test_of
          LEFT JOIN do_not_contact d ON d.phone = j.phone LEFT JOIN bad_numbers b ON b.phone = j.phone
          WHERE j.state = 'queued' AND j.campaign_id IS NULL ORDER BY j.id LIMIT ?
          """), arguments: [limit])
    var pools: [[PhoneNumber]: NumberPool] = [:]
    for row in rows {
      var job = try SendJob(row)
      // The person was erased meanwhile, and what was written to them with it.
      guard let body: String = row["body"] else {
        try context.skip(db, &job, reason: "contact_deleted")
        moves = true
        continue
      }
      if let reason = try gates.refusal(db, row, phone: job.phone, contact: job.contactID) {
        try context.skip(db, &job, reason: reason)
        moves = true
        continue
      }
      // A person may still answer by hand; a machine may not.
      if job.kind != .reply, hasReviews, try OptOutReview.isOpen(db, job.phone) {
        try context.skip(db, &job, reason: "opt_out_review")
        moves = true
        continue
      }
      let segments = SegmentCount(body).segments
      guard segments <= Claim.mostSegments else {
        try context.skip(db, &job, reason: "content")
        moves = true
        continue
      }
      let cost = Int64(segments) * context.settings.prices.micros(perSegmentTo: job.phone)
      if let limit = budget.refuses(cost) {
        if let opens = budget.opens(after: limit, zone: context.lease.timeZone) { next = next.sooner(.at(opens)) }
        try job.wait(db, reason: limit)
        continue
      }
      let numbers =
        (row["numbers"] as String?).map(Campaign.numbers) ?? [row["wanted_number"] as PhoneNumber]
      var pool =
        try pools[numbers]
        ?? NumberPool(
          db, numbers, day: budget.day, settings: context.settings, brands: brands, now: context.now)
      pool.brands = brands
      if case .given(let sender) = pool.spend(segments: segments) {
        brands = pool.brands
        jobs.append(
          try context.begin(
            db, &job, sender, body: body, segments: segments, cost: cost, until: Moment(milliseconds: .max), &budget))
      } else {
        let reason = pool.refusal(segments: segments)
        try job.wait(db, reason: reason)
        if let at = context.waits(pool, reason, segments: segments, day: budget.day).next {
          next = next.sooner(.at(at))
        }
      }
      pools[numbers] = pool
    }
    for pool in pools.values { try pool.save(db) }
    beginsUse = pools.values.contains(where: \.beginsUse)
    if !jobs.isEmpty { moves = true }
    if rows.count == limit, jobs.count > 0 { next = .now }
  }
}
