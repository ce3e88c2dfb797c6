package import GRDB

/// One text to an audience.
///
///     draft ⇄ scheduled → starting → running ⇄ paused → completed
///       └───────┴───────────┴──────────┴────────┴→ cancelled ←┘ while a text of it may go out once more
///
/// One whose time has passed is paused before it starts (`Misfire`).
package struct Campaign: Sendable {
  package typealias State = CampaignState
  package typealias Purpose = CampaignPurpose
  /// Who texts, or is about to, in words that the index of campaigns with work to do answers: it lists what is scheduled, too.
  package static let isUnderWay = "state IN ('scheduled', 'starting', 'running') AND state <> 'scheduled'"
  package var id: Int64
  package var name: String
  /// With variants the first one's.
  package var body: String
  package var variants: [CampaignVariant]
  package var purpose: Purpose
  package var state: State
  /// Nil: of a draft for which nobody has chosen one yet.
  package var audience: AudienceRule?
  package var exclude: [AudienceRule]
  package var numbers: [PhoneNumber]
  package var budgetMicros: Int64?
  package var reservedMicros: Int64
  var quiet: QuietHours?
  /// When it begins; with `sendAtLocal` the moment when the first place on earth comes to that.
  package var sendAt: Moment?
  package var sendAtLocal: WallTime?
  package var misfire: Misfire
  package var freezeCursor: Int64
  /// Everybody in the audience has a job.
  var isFrozen: Bool
  package var pauseReason: String?
  package var waitingReason: String?
  package var waitingUntil: Moment?
  package var firstJobID: Int64?
  package var lastJobID: Int64?
  package var createdAt: Moment
  package var startedAt: Moment?
  package var completedAt: Moment?
  var pausedBy: String?
  var isAtLeastOnce: Bool
  var probeLeft: Int64?
  var probeSince: Moment?
  var resendCursor: Int64?
  var resendUpTo: Int64?
  var lookAgainCursor: Int64?
  /// How often a person has launched it.
  var launches: Int64

  package init(_ row: Row) throws {
    guard let state = State(rawValue: row["state"]), let purpose = Purpose(rawValue: row["purpose"]) else {
      throw DatabaseError(message: "unknown state of a campaign")
    }
    id = row["id"]
    name = row["name"]
    body = row["body"]
    variants = try CampaignVariant.read(stored: row["variants"])
    self.state = state
    self.purpose = purpose
    audience = try AudienceRule.read(stored: row["audience"])
    exclude = try AudienceRule.list(stored: row["exclude"])
    numbers = Self.numbers(row["numbers"])
    budgetMicros = row["budget_micros"]
    reservedMicros = row["reserved_micros"]
    if let start = row["quiet_start"] as Int?, let end = row["quiet_end"] as Int? {
      quiet = QuietHours(start: start, end: end)
    }
    sendAt = row["send_at"]
    sendAtLocal = (row["send_at_local"] as String?).flatMap(WallTime.init)
    misfire = try Misfire(row)
    freezeCursor = row["freeze_cursor"]
    isFrozen = row["frozen"]
    pauseReason = row["pause_reason"]
    waitingReason = row["waiting_reason"]
    waitingUntil = row["waiting_until"]
    firstJobID = row["first_job_id"]
    lastJobID = row["last_job_id"]
    createdAt = row["created_at"]
    startedAt = row["started_at"]
    completedAt = row["completed_at"]
    pausedBy = row["paused_by"]
    isAtLeastOnce = row["at_least_once"]
    probeLeft = row["probe_left"]
    probeSince = row["probe_since"]
    resendCursor = row["resend_cursor"]
    resendUpTo = row["resend_up_to"]
    lookAgainCursor = row["look_again_cursor"]
    launches = row["launches"]
  }

  static func numbers(_ stored: String) -> [PhoneNumber] {
    (try? JSON(parsing: stored))?.list?.compactMap { $0.int.flatMap(PhoneNumber.init(digits:)) } ?? []
  }

  package static func find(_ db: Database, id: Int64) throws -> Campaign {
    guard let campaign = try known(db, id: id) else { throw Refusal.notFound("There is no such campaign.") }
    return campaign
  }

  static func known(_ db: Database, id: Int64) throws -> Campaign? {
    try Row.fetchOne(db.cachedStatement(sql: "SELECT * FROM campaigns WHERE id = ?"), arguments: [id]).map(
      Campaign.init)
  }
}

// MARK: Verbs

extension Campaign {
  /// Starts it now, or at its time. The audience is frozen by the launching worker in slices.
  package mutating func launch(_ db: Database, at: Moment) throws {
    guard state == .draft else {
      throw Refusal.conflict("The campaign is \(state.rawValue); only a draft can be launched.")
    }
    try checkComplete()
    let later = sendAt.map { $0 > at } ?? false
    try move(
      db, to: later ? .scheduled : .starting,
      "launches = launches + 1, started_at = \(later ? "NULL" : "\(at.milliseconds)")")
    launches += 1
  }

  /// Back to a draft, as long as nobody is picked: to change it, or its time.
  package mutating func unschedule(_ db: Database) throws {
    guard state == .scheduled else {
      throw Refusal.conflict("The campaign is \(state.rawValue); only a scheduled one can become a draft again.")
    }
    // In a file that was put back: sent since the copy.
    guard firstJobID == nil else {
      throw Refusal.conflict("Texts of this campaign have left already; it can be cancelled.")
    }
    try move(db, to: .draft, "moved_on = 0, waiting_reason = NULL, waiting_until = NULL")
  }

  package mutating func pause(_ db: Database, reason: String, actor: String) throws {
    guard state == .running else {
      throw Refusal.conflict("The campaign is \(state.rawValue); only a running one can be paused.")
    }
    try move(db, to: .paused, CampaignState.pauseColumns, [reason, actor])
  }

  /// After the circuit breaker a few texts go first; their fate decides about the rest.
  package mutating func resume(_ db: Database, at: Moment) throws {
    guard state == .paused else {
      throw Refusal.conflict("The campaign is \(state.rawValue); only a paused one can be resumed.")
    }
    if !isFrozen { try checkComplete() }
    let probes = pausedBy == CircuitBreaker.actor ? try TenantSettings.read(db).breaker.probes : nil
    if probes != nil { try CircuitBreaker.forget(db, .campaign, id) }
    // One that was stopped before everybody had a job goes on with that; who has one already keeps it.
    try move(
      db, to: isFrozen ? .running : .starting,
      "pause_reason = NULL, paused_by = NULL, moved_on = 0, started_at = ifnull(started_at, ?), probe_left = ?, probe_since = ?",
      [at, probes, probes.map { _ in at }])
  }

  /// Plans its failures once more, as a person has asked: never a text that may still arrive. The launching worker does it in slices.
  mutating func resend(_ db: Database, at: Moment) throws -> Int64 {
    guard state == .completed || state == .running || state == .paused else {
      throw Refusal.conflict("The campaign is \(state.rawValue); failures are sent again once it has run.")
    }
    guard resendUpTo == nil else { throw Refusal.conflict("Its failures are being planned once more already.") }
    let failures =
      try Int64.fetchOne(
        db.cachedStatement(
          sql: "SELECT sum(n) FROM campaign_counts WHERE campaign_id = ? AND state IN ('failed', 'undelivered')"),
        arguments: [id]) ?? 0
    guard failures > 0, let first = firstJobID, let last = lastJobID else {
      throw Refusal.conflict("None of its texts has failed.")
    }
    try db.execute(
      sql: "UPDATE campaigns SET resend_cursor = ?, resend_up_to = ? WHERE id = ?", arguments: [first - 1, last, id])
    if state == .completed { try move(db, to: .running, "completed_at = NULL") }
    return failures
  }

  /// Ends it for good: what is not yet with the provider is cancelled, texts in flight finish.
  package mutating func cancel(_ db: Database, at: Moment) throws {
    guard try ![.completed, .cancelled].contains(state) || (state == .completed && mayResend(db)) else {
      throw Refusal.conflict("The campaign is already \(state.rawValue).")
    }
    try move(
      db, to: .cancelled,
      "waiting_reason = NULL, waiting_until = NULL, resend_cursor = NULL, resend_up_to = NULL, completed_at = ?",
      [at.milliseconds])
    _ = try Self.cancelSome(db, id, at: at)
  }

  /// Whether a text that stays unknown may go out once more although the campaign has completed.
  private func mayResend(_ db: Database) throws -> Bool {
    guard isAtLeastOnce else { return false }
    return try Bool.fetchOne(
      db.cachedStatement(
        sql: """
          SELECT EXISTS (SELECT 1 FROM send_jobs WHERE campaign_id = ? AND state = 'unknown' AND check_at IS NOT NULL)
          """), arguments: [id]) ?? false
  }

  /// Well under 100 ms of the file's time.
  private static let cancelledTogether = 5_000

  /// One slice of a cancelled campaign's texts; the launching worker goes on while there are more.
  static func cancelSome(_ db: Database, _ id: Int64, at: Moment) throws -> Bool {
    var left = cancelledTogether
    for state in [SendJob.State.queued, .deferred] {
      try db.cachedStatement(
        sql: """
          UPDATE send_jobs SET state = 'cancelled', reason = 'campaign_cancelled', deferred_until = NULL, finished_at = ? WHERE id IN (
            SELECT id FROM send_jobs WHERE campaign_id = ? AND state = '\(state.rawValue)' LIMIT ?)
          """
      ).execute(arguments: [at, id, left])
      left -= db.changesCount
    }
    try db.execute(sql: "UPDATE campaigns SET cancelling = ? WHERE id = ?", arguments: [left == 0, id])
    return left == 0
  }

  /// True while some campaign's cancellation is not done.
  static func cancelNext(_ db: Database, at: Moment) throws -> Bool {
    guard let id = try Int64.fetchOne(db.cachedStatement(sql: "SELECT id FROM campaigns WHERE cancelling = 1 LIMIT 1"))
    else {
      return false
    }
    _ = try cancelSome(db, id, at: at)
    return true
  }

  /// Raises or lowers what it may cost; what is reserved already stays.
  mutating func setBudget(_ db: Database, micros: Int64?) throws {
    guard ![.completed, .cancelled].contains(state) else {
      throw Refusal.conflict("The campaign is \(state.rawValue); its budget is history.")
    }
    try db.execute(sql: "UPDATE campaigns SET budget_micros = ? WHERE id = ?", arguments: [micros, id])
    budgetMicros = micros
  }

  package mutating func complete(_ db: Database, at: Moment) throws {
    try move(db, to: .completed, "completed_at = ?, waiting_reason = NULL, waiting_until = NULL", [at.milliseconds])
  }

  package func wait(_ db: Database, reason: String?, until: Moment? = nil) throws {
    guard reason != waitingReason || until != waitingUntil else { return }
    try db.execute(
      sql: "UPDATE campaigns SET waiting_reason = ?, waiting_until = ? WHERE id = ?", arguments: [reason, until, id])
  }

  private mutating func move(_ db: Database, to state: State, _ also: String, _ values: StatementArguments = []) throws
  {
    try db.execute(
      sql: "UPDATE campaigns SET state = ?, \(also) WHERE id = ?", arguments: [state.rawValue] + values + [id])
    self.state = state
  }
}
