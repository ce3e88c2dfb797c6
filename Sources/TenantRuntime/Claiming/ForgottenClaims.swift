package import GRDB

/// What a file put back from an older copy has forgotten: the claims made after it. All of them are marked in one transaction, whatever the
/// file's own rows say, and the file's claim number is raised, so that it happens once.
///
/// - A text that was claimed may have been sent: its job is `unknown`, with the attempt that late reports will name.
/// - Its money, its place in the day of its number and its person's history count.
/// - A campaign that has gone on since the copy is paused when the fence is lifted (`Fence.lift`).
package struct ForgottenClaims: Sendable {
  private let claims: [SendClaim]
  private let notes: [Int64: CampaignNote]

  package init(claims: [SendClaim], notes: [CampaignNote]) {
    self.claims = claims.sorted { $0.number < $1.number }
    self.notes = Dictionary(notes.map { ($0.id, $0) }) { _, last in last }
  }

  package static let reason = "sent_before_restore"

  private struct Found {
    var text: SendClaim.Text
    var claim: SendClaim
    /// Its person was erased since: their number does not come back by it.
    var isErased = false
  }

  /// What a claim is about. Its id alone may be that of several: a file that was put back gives ids once more that its former self has given to
  /// jobs which nobody had claimed yet.
  private struct Key: Hashable {
    var job: Int64
    var campaign: Int64?
    var phone: PhoneNumber
    var tries: Int64

    init(_ text: SendClaim.Text) { (job, campaign, phone, tries) = (text.job, text.campaign, text.phone, text.tries) }
  }

  package func mark(_ db: Database, now: Moment) throws {
    guard let newest = claims.last else { return }
    // A job that stands in several was released in between: the last claim counts.
    var last: [Key: Found] = [:]
    for claim in claims { for text in claim.texts { last[Key(text)] = Found(text: text, claim: claim) } }
    let found = last.values.sorted { ($0.text.job, $0.claim.number) < ($1.text.job, $1.claim.number) }
    for id in Set(found.compactMap(\.text.campaign)).sorted() {
      try CampaignRecord.write(db, id, notes[id]?.record, at: now)
    }
    // Before any is added: what has to be added under an id of its own takes one that no claim knows.
    try Self.raise(db, "send_jobs", above: found.last?.text.job ?? 0)
    let erased = try ErasedNumbers.moments(db)
    for var found in found {
      found.isErased =
        try SendJob.isErased(found.text.phone) || erased(found.text.phone).map { found.claim.at < $0 } ?? false
      try mark(db, found, now: now)
    }
    try countUse(db, found)
    try db.execute(
      sql: "UPDATE campaigns SET moved_on = 1 WHERE id IN (SELECT value FROM json_each(?)) AND state <> 'cancelled'",
      arguments: [JSON.list(Set(found.compactMap(\.text.campaign)).map(JSON.int)).serialized])
    try Self.raise(db, "campaigns", above: claims.map(\.highestCampaignID).max() ?? 0)
    try db.execute(sql: "UPDATE identity SET claim_no = max(claim_no, ?)", arguments: [newest.number])
  }

  private var stopped: [Int64] { notes.values.filter(\.isStop).map(\.id) }
  private var budgets: [(id: Int64, micros: Int64)] {
    notes.values.compactMap { note in note.budget.map { (note.id, $0) } }.filter { $0.micros != CampaignNote.noBudget }
      .sorted { $0.id < $1.id }
  }
  private var launchedAgain: [CampaignNote] { notes.values.filter { ($0.launch ?? 1) > 1 } }
  package var mayHaveStopped: Bool { !stopped.isEmpty || !budgets.isEmpty || !launchedAgain.isEmpty }

  /// Campaigns and numbers that somebody has stopped since the copy do not go on either, and a kill switch stays on.
  ///
  /// What is noted here never holds up a file that was not put back: the note of a stop is written after the file's row, that of a resumption
  /// and of a higher budget before it, and what is noted of a launch says nothing of later ones.
  package func markStopped(_ db: Database, now: Moment) throws {
    // What is noted of an id is its campaign's, and no later one's.
    try Self.raise(db, "campaigns", above: notes.keys.max() ?? 0)
    if notes[0]?.isStop == true {
      try KillSwitch.throwOn(db, reason: "it was on when an older file was put back", actor: "restore", at: now)
    }
    for number in stopped where number < 0 {
      try db.execute(
        sql: """
          UPDATE sending_numbers SET paused_reason = 'paused when an older file was put back', paused_by = 'restore', paused_at = ?
          WHERE number = ? AND paused_reason IS NULL
          """, arguments: [now, -number])
    }
    try holdCampaigns(db, now: now)
    for budget in budgets { try Self.lower(db, budget.id, to: budget.micros, now: now) }
  }

  /// A campaign of the file that a person has stopped since, or has taken back and launched with other words, waits for a person. One that was
  /// cancelled when it had completed repeats nothing any more (`Campaign.cancel`).
  private func holdCampaigns(_ db: Database, now: Moment) throws {
    let campaigns = (notes.values.filter(\.isStop) + launchedAgain).filter { $0.id > 0 }
    try db.execute(
      sql: """
        UPDATE campaigns SET moved_on = 1 FROM (
          SELECT json_extract(value, '$[0]') AS id, json_extract(value, '$[1]') AS stops, json_extract(value, '$[2]') AS launch FROM json_each(?)
        ) AS noted WHERE campaigns.id = noted.id AND state IN ('scheduled', 'starting', 'running')
        AND (stops AND launches <= ifnull(launch, launches) OR launches < launch)
        """,
      arguments: [
        JSON.list(campaigns.map { .list([.int($0.id), .bool($0.isStop), .optional($0.launch)]) }).serialized
      ])
    let cancelled = campaigns.filter { $0.state == .cancelled }.map { JSON.int($0.id) }
    let ended = try Int64.fetchAll(
      db,
      sql: """
        UPDATE campaigns SET state = 'cancelled' WHERE id IN (SELECT value FROM json_each(?)) AND state = 'completed'
        AND at_least_once = 1 RETURNING id
        """, arguments: [JSON.list(cancelled).serialized])
    for id in ended.sorted() {
      try Audit.append(
        db, call: "restore", "campaign.cancel", "campaign:\(id)", before: "completed", after: "cancelled", at: now)
    }
  }

  /// A limit that was set since the copy holds; one that was raised since is raised by hand again. In a file that was never put back it is the
  /// same already.
  private static func lower(_ db: Database, _ id: Int64, to micros: Int64, now: Moment) throws {
    switch id {
    case CampaignNote.dailyBudget, CampaignNote.monthlyBudget:
      let column = id == CampaignNote.dailyBudget ? "daily_micros" : "monthly_micros"
      try db.execute(
        sql: """
          INSERT INTO budgets (id, \(column)) VALUES (1, ?1)
          ON CONFLICT DO UPDATE SET \(column) = ?1 WHERE ifnull(\(column), ?1 + 1) > ?1
          """, arguments: [micros])
      guard db.changesCount > 0 else { return }
      try Audit.append(db, call: "restore", "budget.edit", "tenant", after: "\(column): \(micros)", at: now)
    default:
      try db.execute(
        sql: """
          UPDATE campaigns SET budget_micros = ?1 WHERE id = ?2 AND ifnull(budget_micros, ?1 + 1) > ?1
          AND state NOT IN ('completed', 'cancelled')
          """, arguments: [micros, id])
      guard db.changesCount > 0 else { return }
      try Audit.append(db, call: "restore", "campaign.budget", "campaign:\(id)", after: "\(micros)", at: now)
    }
  }

  private func mark(_ db: Database, _ found: Found, now: Moment) throws {
    let (text, claim) = (found.text, found.claim)
    let other = try SendJob.find(db, id: text.job)
    let known = try other.flatMap { text.isOf($0) ? $0 : nil } ?? (found.isErased ? nil : Self.planned(db, text))
    var id = known?.id ?? text.job
    if var job = known {
      guard [.queued, .deferred, .sending, .skipped, .cancelled].contains(job.state) else { return }
      try job.releaseReservation(db, at: now)
      try update(db, job, text, claim)
    } else {
      id = try insert(db, found, id: other == nil ? text.job : nil)
    }
    var booking = Budget.Booking()
    booking.add(micros: text.cost, segments: text.segments)
    try Budget.book(db, day: claim.day, campaign: text.campaign ?? 0, booking)
    try Figures.add(
      db, campaign: text.campaign, number: text.number, variant: text.variant, .costMicros, text.cost, at: claim.at)
    if let campaign = text.campaign {
      try db.execute(
        sql: "UPDATE campaigns SET reserved_micros = reserved_micros + ? WHERE id = ?",
        arguments: [text.cost, campaign])
      try db.execute(
        sql:
          "UPDATE send_jobs SET superseded = 1, check_at = NULL WHERE campaign_id = ? AND phone = ? AND try < ? AND superseded = 0",
        arguments: [campaign, text.phone, text.tries])
    }
    try Event.append(
      db, .unknown, at: now, phone: found.isErased ? nil : text.phone, campaign: text.campaign, job: id,
      data: ["detail": .text(Self.reason)])
  }

  /// Planned anew under another id: the person and the try are the same.
  private static func planned(_ db: Database, _ text: SendClaim.Text) throws -> SendJob? {
    guard let campaign = text.campaign else { return nil }
    return try Row.fetchOne(
      db.cachedStatement(
        sql: "SELECT \(SendJob.columns) FROM send_jobs WHERE campaign_id = ? AND phone = ? AND try = ?"),
      arguments: [campaign, text.phone, text.tries]
    ).map { try SendJob($0) }
  }

  private func update(_ db: Database, _ job: SendJob, _ text: SendClaim.Text, _ claim: SendClaim) throws {
    try db.execute(
      sql: """
        UPDATE send_jobs SET state = 'unknown', reason = ?, deferred_until = NULL, finished_at = NULL, attempt = ?, claim_no = ?, number = ?,
        segments = ?, cost_micros = ?, cost_day = ?, claimed_at = ? WHERE id = ?
        """,
      arguments: [
        Self.reason, text.attempt, claim.number, text.number, text.segments, text.cost, claim.day, claim.at, job.id,
      ])
  }

  /// - Parameter id: nil: the claim's is another job's in this file.
  private func insert(_ db: Database, _ found: Found, id: Int64?) throws -> Int64 {
    let (text, claim) = (found.text, found.claim)
    // Who was erased since has a number of its own in each of their texts: the earlier try that this one took the place of is not found, and
    // stays the one that counts.
    let isBesides = text.tries > 1 && found.isErased
    try db.execute(
      sql: """
        INSERT INTO send_jobs (id, kind, campaign_id, contact_id, phone, try, variant, state, reason, attempt, claim_no, number, segments,
        cost_micros, cost_day, claimed_at, superseded)
        VALUES (?1, ?2, ?3, (SELECT id FROM contacts WHERE phone = ?4), ?4, ?5, ?6, 'unknown', ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
        """,
      arguments: [
        id, text.kind.rawValue, text.campaign, text.phone, text.tries, text.variant, Self.reason, text.attempt,
        claim.number, text.number, text.segments, text.cost, claim.day, claim.at, isBesides,
      ])
    let id = db.lastInsertedRowID
    if found.isErased {
      try db.execute(
        sql: "UPDATE send_jobs SET phone = ?, contact_id = NULL WHERE id = ?",
        arguments: [SendJob.erasedPhones + id, id])
    }
    guard let campaign = text.campaign else { return id }
    if !isBesides {
      try SendJob.count(
        db, FigureTally.OfState(campaign: campaign, variant: text.variant ?? 0, state: .unknown, reason: Self.reason),
        1)
    }
    try db.execute(
      sql: """
        UPDATE campaigns SET audience_size = audience_size + ?1, first_job_id = min(ifnull(first_job_id, ?2), ?2),
        last_job_id = max(ifnull(last_job_id, ?2), ?2) WHERE id = ?3
        """, arguments: [text.tries == 1 ? 1 : 0, id, campaign])
    return id
  }

  /// Caps and warm-up of numbers: what went out since the copy has used their days, too.
  private func countUse(_ db: Database, _ found: [Found]) throws {
    struct Use: Hashable {
      var day: Int64
      var number: PhoneNumber
    }
    let uses = Dictionary(grouping: found) { Use(day: $0.claim.day, number: $0.text.number) }
    for (use, texts) in uses.sorted(by: { $0.key.day < $1.key.day }) {
      try db.execute(
        sql: """
          UPDATE sending_numbers SET use_days = use_days + (use_day < ?1), used_today = CASE WHEN use_day = ?1 THEN used_today ELSE 0 END + ?2,
          use_day = ?1 WHERE number = ?3 AND use_day <= ?1
          """, arguments: [use.day, texts.count, use.number])
      try PriceReader.begin(db, day: use.day, number: use.number, at: texts.map(\.claim.at).min() ?? .end)
    }
  }

  private static func raise(_ db: Database, _ table: String, above id: Int64) throws {
    try db.execute(sql: "UPDATE sqlite_sequence SET seq = ?1 WHERE name = ?2 AND seq < ?1", arguments: [id, table])
    try db.execute(
      sql: """
        INSERT INTO sqlite_sequence (name, seq) SELECT ?2, ?1
        WHERE ?1 > 0 AND NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = ?2)
        """, arguments: [id, table])
  }
}

extension SendClaim.Text {
  /// Whether the file's job with this id is the one that was claimed. An erased person's has no number any more.
  fileprivate func isOf(_ known: SendJob) -> Bool {
    known.campaignID == campaign && known.tries == tries
      && (known.phone == phone || known.phone.digits == SendJob.erasedPhones + known.id)
  }
}
