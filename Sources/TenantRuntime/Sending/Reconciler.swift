import GRDB

/// Settles what a lost answer left `unknown`, by the provider's list, at growing intervals. A hit proves that the text exists; a miss
/// proves nothing, so after the last look the job stays `unknown`, unless its campaign was made to send at least once.
struct Reconciler {
  let runtime: Runtime
  private static let together = 16
  /// Each wait is twice the one before, the first `SendJob.firstLookSeconds`.
  private static let longestSeconds: Int64 = 3_600
  /// The provider keeps a text queued for at most ten hours, and its list may lag for hours more.
  private static let lastLookSeconds: Int64 = 24 * 3_600
  /// A campaign that sends at least once does so after this long without a trace.
  private static let resendSeconds: Int64 = 1_800
  /// Clocks of two machines differ.
  private static let skewSeconds: Int64 = 5

  struct Case: Sendable {
    var job: SendJob
    var body: String
    var claimedAt: Moment
    var checks: Int64
    var tries: Int64
    var service: String?
  }

  func takeTurn() async throws -> NextTurn {
    guard let account = runtime.lease.twilio else { return .whenNudged }
    let now = runtime.dependencies.now()
    let (cases, next) = try await runtime.file.read { db in (try Self.due(db, now), try Self.nextLook(db)) }
    guard !cases.isEmpty else { return next.map { .at($0) } ?? .whenNudged }
    let pages = await withTaskGroup(of: (Int, TwilioMessageList.Page?).self) { group in
      for (index, item) in cases.enumerated() { group.addTask { (index, await look(item, account)) } }
      return await group.reduce(into: [Int: TwilioMessageList.Page]()) { $0[$1.0] = $1.1 }
    }
    let answeredAt = runtime.dependencies.now()
    try await runtime.transact(.worker("reconciler")) { change in
      for (index, item) in cases.enumerated() {
        try Self.settle(change.db, item, found: pages[index], at: answeredAt, &change.effects)
      }
      change.effects.wakes.insert(.sending)
    }
    return .now
  }

  private static func due(_ db: Database, _ now: Moment) throws -> [Case] {
    try Row.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT \(SendJob.ofJ), j.claimed_at, j.checks, m.body, n.messaging_service FROM send_jobs j JOIN messages m ON m.id = j.message_id
          LEFT JOIN sending_numbers n ON n.number = j.number
          WHERE j.state = 'unknown' AND j.check_at <= ? ORDER BY j.check_at LIMIT \(together)
          """), arguments: [now]
    ).map { row in
      Case(
        job: try SendJob(row), body: row["body"], claimedAt: row["claimed_at"] ?? now, checks: row["checks"],
        tries: row["try"], service: row["messaging_service"])
    }
  }

  /// Of what `due` finds: another rule here would look for ever.
  private static func nextLook(_ db: Database) throws -> Moment? {
    try Moment.fetchOne(
      db.cachedStatement(
        sql: """
          SELECT j.check_at FROM send_jobs j JOIN messages m ON m.id = j.message_id
          WHERE j.state = 'unknown' AND j.check_at IS NOT NULL ORDER BY j.check_at LIMIT 1
          """))
  }

  private func look(_ item: Case, _ account: Lease.TwilioAccount) async -> TwilioMessageList.Page? {
    var filters = [(name: "To", value: item.job.phone.description), ("PageSize", "100")]
    // Out of a messaging service the provider chooses the number.
    if item.service == nil, let number = item.job.number { filters.append(("From", number.description)) }
    let call = TwilioMessageList.call(
      path: TwilioMessageList.path(account, filters), lease: runtime.lease, account: account)
    return TwilioMessageList.read(await runtime.dependencies.http.send(call))
  }

  static func settle(
    _ db: Database, _ item: Case, found page: TwilioMessageList.Page?, at now: Moment, _ effects: inout Effects
  ) throws {
    guard var job = try SendJob.find(db, id: item.job.id), job.state == .unknown, job.attempt == item.job.attempt else {
      return
    }
    let taken = try Set(
      String.fetchAll(
        db.cachedStatement(
          sql: "SELECT sid FROM send_jobs WHERE phone = ? AND claimed_at IS NOT NULL AND sid IS NOT NULL"),
        arguments: [job.phone]
      ))
    if let hit = page.flatMap({
      match(
        $0.entries, to: job.phone, from: job.number, service: item.service, body: item.body, since: item.claimedAt,
        taken)
    }) {
      let report = StatusReport(
        sid: hit.sid, status: hit.status, errorCode: hit.errorCode, jobID: job.id, attempt: job.attempt ?? 0,
        to: hit.to, from: hit.from, at: now, raw: "")
      return try report.move(db, &job, &effects)
    }
    if page != nil, now >= item.claimedAt.advanced(bySeconds: resendSeconds), try mayResend(db, job) {
      try ResendSlice.again(db, job, tries: item.tries)
      try db.execute(
        sql: "UPDATE campaigns SET state = 'running', completed_at = NULL WHERE id = ? AND state = 'completed'",
        arguments: [job.campaignID])
      return
    }
    let wait = min(SendJob.firstLookSeconds << min(item.checks + 1, 12), longestSeconds)
    let next = now.advanced(bySeconds: wait)
    let isLast = next > item.claimedAt.advanced(bySeconds: lastLookSeconds)
    try db.execute(
      sql: "UPDATE send_jobs SET checks = checks + 1, check_at = ? WHERE id = ?",
      arguments: [isLast ? nil : next, job.id])
  }

  /// Asked where it is planned: the campaign may have been cancelled while the provider was asked.
  private static func mayResend(_ db: Database, _ job: SendJob) throws -> Bool {
    try Bool.fetchOne(
      db.cachedStatement(sql: "SELECT at_least_once = 1 AND state <> 'cancelled' FROM campaigns WHERE id = ?"),
      arguments: [job.campaignID]) ?? false
  }

  /// The oldest message that can only be this text: same person, sender and words, made since the claim, and no other job's.
  static func match(
    _ entries: [TwilioMessageList.Entry], to: PhoneNumber, from: PhoneNumber?, service: String?, body: String,
    since claim: Moment, _ taken: Set<String>
  ) -> TwilioMessageList.Entry? {
    // Created times come in whole seconds.
    let earliest = Moment(milliseconds: claim.milliseconds / 1000 * 1000).advanced(bySeconds: -skewSeconds)
    return entries.filter { entry in
      entry.to == to && (service != nil ? entry.service == service : entry.from == from) && entry.body == body
        && !taken.contains(entry.sid) && entry.createdAt.map { $0 >= earliest } ?? false
    }.min { $0.createdAt ?? claim < $1.createdAt ?? claim }
  }
}
