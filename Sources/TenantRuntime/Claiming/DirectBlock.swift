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
  private(set) var stopped = Effects()
  /// Some text has left the queue: open inboxes show it.
  private(set) var moves = false
  /// The pool of the text looked at last. It is written down before another is read: one number may stand in several.
  private var pool: (numbers: [PhoneNumber], senders: NumberPool)?
  /// Numbers that give nothing in this claim.
  private var heldNumbers: Set<PhoneNumber> = []

  /// A claim looks at so many that wait, all numbers together.
  private static let mostLookedAt = 2_000
  private static let page = 200

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
    let gates = try SkipGates(db, purpose: nil, settings: context.settings, now: context.now)
    let hasReviews = try OptOutReview.anyOpen(db)
    var (last, lookedAt) = (Int64(0), 0)
    while jobs.count < limit, lookedAt < Self.mostLookedAt {
      let rows = try queued(db, behind: last)
      guard let end = rows.last else { break }
      last = end["id"]
      lookedAt += rows.count
      for row in rows where jobs.count < limit { try look(db, row, gates, hasReviews: hasReviews) }
    }
    try keepPool(db)
    if !jobs.isEmpty { moves = true }
    if jobs.count == limit || lookedAt >= Self.mostLookedAt && !jobs.isEmpty { next = .now }
  }

  /// Those that wait for a number which gives nothing stand in nobody's way.
  private func queued(_ db: Database, behind last: Int64) throws -> [Row] {
    try Row.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT \(SendJob.ofJ), m.body, m.number AS wanted_number, t.numbers, d.reason AS do_not_contact, b.code AS bad_code
          FROM send_jobs j LEFT JOIN messages m ON m.id = j.message_id LEFT JOIN campaigns t ON t.id = j.test_of
          LEFT JOIN do_not_contact d ON d.phone = j.phone LEFT JOIN bad_numbers b ON b.phone = j.phone AND b.until > ?
          WHERE j.state = 'queued' AND j.campaign_id IS NULL AND j.id > ?
          AND (t.numbers IS NOT NULL OR m.number IS NULL OR m.number NOT IN (SELECT value FROM json_each(?)))
          ORDER BY j.id LIMIT \(Self.page)
          """),
      arguments: [context.now, last, JSON.list(heldNumbers.map { .int($0.digits) }).serialized])
  }

  private mutating func look(_ db: Database, _ row: Row, _ gates: SkipGates, hasReviews: Bool) throws {
    var job = try SendJob(row)
    // The person was erased meanwhile, and what was written to them with it.
    guard let body: String = row["body"] else { return try skip(db, &job, "contact_deleted") }
    if let reason = try gates.refusal(db, row, phone: job.phone, contact: job.contactID) {
      return try skip(db, &job, reason)
    }
    // A person may still answer by hand; a machine may not.
    if job.kind != .reply, hasReviews, try OptOutReview.isOpen(db, job.phone) {
      return try skip(db, &job, "opt_out_review")
    }
    let segments = SegmentCount(body).segments
    guard segments <= Claim.mostSegments else { return try skip(db, &job, "content") }
    let cost = Int64(segments) * context.settings.prices.micros(perSegmentTo: job.phone)
    if let limit = budget.refuses(cost) {
      if let opens = budget.opens(after: limit, zone: context.lease.timeZone) { next = next.sooner(.at(opens)) }
      return try job.wait(db, reason: limit)
    }
    let known = (row["numbers"] as String?).map(Campaign.numbers) ?? []
    // A draft's numbers may have been taken away since.
    let numbers = known.isEmpty ? [row["wanted_number"] as PhoneNumber] : known
    try spend(db, &job, numbers, body: body, segments: segments, cost: cost)
  }

  private mutating func spend(
    _ db: Database, _ job: inout SendJob, _ numbers: [PhoneNumber], body: String, segments: Int, cost: Int64
  ) throws {
    var senders = try senders(db, numbers)
    if case .given(let sender) = senders.spend(segments: segments) {
      brands = senders.brands
      pool = (numbers, senders)
      jobs.append(
        try context.begin(db, &job, sender, body: body, segments: segments, cost: cost, &budget))
      return
    }
    let reason = senders.refusal(segments: segments)
    try job.wait(db, reason: reason)
    if numbers.count == 1 { heldNumbers.formUnion(numbers) }
    if let at = context.waits(senders, reason, segments: segments, day: budget.day).next { next = next.sooner(.at(at)) }
  }

  private mutating func senders(_ db: Database, _ numbers: [PhoneNumber]) throws -> NumberPool {
    if let pool, pool.numbers == numbers { return pool.senders }
    try keepPool(db)
    let senders = try NumberPool(
      db, numbers, day: budget.day, settings: context.settings, brands: brands, now: context.now)
    pool = (numbers, senders)
    return senders
  }

  private mutating func keepPool(_ db: Database) throws {
    guard let senders = pool?.senders else { return }
    try senders.save(db)
    beginsUse = beginsUse || senders.beginsUse
    stopped.addStops(of: senders.stopped)
    pool = nil
  }

  private mutating func skip(_ db: Database, _ job: inout SendJob, _ reason: String) throws {
    try context.skip(db, &job, reason: reason)
    moves = true
  }
}
