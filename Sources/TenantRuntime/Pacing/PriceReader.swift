import GRDB

/// The provider settles a text's price a while after it was sent and gives it only when asked. For each number and day of use its list is
/// read at growing intervals, page by page; the price takes the place of what was reserved, on the day it was reserved.
struct PriceReader {
  let runtime: Runtime
  /// After first use of the day, and so on; the last one reads to the end.
  private static let secondsAfter: [Int64] = [900, 3_600, 4 * 3_600, 12 * 3_600, 26 * 3_600, 74 * 3_600]
  /// The longest texts of so many are well below the bound on an answer.
  private static let pageSize = 200
  /// A day whose list could not be read until then keeps what was reserved.
  private static let longestWait: Int64 = 10 * 86_400
  private static let mostPages = 5_000

  private struct Read: Sendable {
    var day: Int64
    var number: PhoneNumber
    var reads: Int
    var firstAt: Moment
  }

  static func begin(_ db: Database, day: Int64, number: PhoneNumber, at: Moment) throws {
    try db.cachedStatement(
      sql: "INSERT INTO price_reads (day, number, due_at, first_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
    ).execute(arguments: [day, number, at.advanced(bySeconds: secondsAfter[0]), at])
  }

  func takeTurn() async throws -> NextTurn {
    guard let account = runtime.lease.twilio else { return .whenNudged }
    let now = runtime.dependencies.now()
    let (due, next) = try await runtime.file.read { db in
      (try Self.due(db, now), try Moment.fetchOne(db.cachedStatement(sql: "SELECT min(due_at) FROM price_reads")))
    }
    guard let due else { return next.map { .at($0) } ?? .whenNudged }
    try await runtime.givingUpWhatRecurs("price read", id: due.day) {
      if try await read(due, account, at: now) { return }
      try await runtime.file.write { db in try Self.postpone(db, due, at: now) }
    } giveUp: {
      _ in
      try await runtime.file.write { db in try Self.forget(db, due) }
    }
    return .now
  }

  private static func forget(_ db: Database, _ due: Read) throws {
    try db.execute(sql: "DELETE FROM price_reads WHERE day = ? AND number = ?", arguments: [due.day, due.number])
  }

  /// The provider does not answer, or refuses the account: other days and numbers do not wait for this one.
  private static func postpone(_ db: Database, _ due: Read, at now: Moment) throws {
    let age = (now.milliseconds - due.firstAt.milliseconds) / 1_000
    if age > longestWait { return try forget(db, due) }
    try db.execute(
      sql: "UPDATE price_reads SET due_at = ? WHERE day = ? AND number = ?",
      arguments: [now.advanced(bySeconds: max(300, age / 8)), due.day, due.number])
  }

  /// False when the provider's list cannot be read now.
  private func read(_ due: Read, _ account: Lease.TwilioAccount, at now: Moment) async throws -> Bool {
    let isLast = due.reads + 1 >= Self.secondsAfter.count
    let day = Moment(milliseconds: due.firstAt.milliseconds - 86_400_000).iso8601.prefix(10)
    var path: String? = TwilioMessageList.path(
      account,
      [("From", due.number.description), ("DateSent>", String(day)), ("PageSize", String(Self.pageSize))])
    var pages = 0
    while let following = path, pages < Self.mostPages {
      try runtime.leaveIfAsked()
      let call = TwilioMessageList.call(path: following, lease: runtime.lease, account: account)
      guard let page = TwilioMessageList.read(await runtime.dependencies.http.send(call)) else {
        return false
      }
      let isKnown = try await runtime.file.write(.replayable) { db in try Self.book(db, page.entries, at: now) }
      pages += 1
      // Newest first: behind a page whose prices are all known, earlier reads have been.
      path = isKnown && !isLast && due.reads > 0 ? nil : page.next
    }
    try await runtime.file.write(.replayable) { db in
      // A few times a day, as good a moment as any.
      try CircuitBreaker.sweep(db, now: now)
      if isLast {
        try Self.forget(db, due)
      } else {
        try db.execute(
          sql: "UPDATE price_reads SET reads = reads + 1, due_at = ? WHERE day = ? AND number = ?",
          arguments: [
            max(due.firstAt.advanced(bySeconds: Self.secondsAfter[due.reads + 1]), now.advanced(bySeconds: 60)),
            due.day,
            due.number,
          ])
      }
    }
    return true
  }

  private static func due(_ db: Database, _ now: Moment) throws -> Read? {
    try Row.fetchOne(
      db.cachedStatement(sql: "SELECT * FROM price_reads WHERE due_at <= ? ORDER BY due_at LIMIT 1"), arguments: [now]
    ).map { Read(day: $0["day"], number: $0["number"], reads: $0["reads"], firstAt: $0["first_at"]) }
  }

  /// By the number it went to, or among those of erased people, of which there are few.
  private static func job(_ db: Database, _ phone: PhoneNumber, _ sid: String) throws -> Row? {
    try db.cachedStatement(
      sql:
        "SELECT \(SendJob.columns), price_micros FROM send_jobs WHERE phone = ? AND claimed_at IS NOT NULL AND sid = ?"
    ).fetchRow([phone, sid])
      ?? db.cachedStatement(
        sql:
          "SELECT \(SendJob.columns), price_micros FROM send_jobs WHERE phone >= \(SendJob.erasedPhones) AND claimed_at IS NOT NULL AND sid = ?"
      ).fetchRow([sid])
  }

  /// Books what is new of a page; true when nothing was, and nothing is to come.
  static func book(_ db: Database, _ entries: [TwilioMessageList.Entry], at: Moment) throws -> Bool {
    var isKnown = !entries.isEmpty
    for entry in entries {
      if entry.priceMicros == nil { isKnown = false }
      guard let price = entry.priceMicros, let phone = entry.to, let row = try job(db, phone, entry.sid),
        (row["price_micros"] as Int64?) != price
      else { continue }
      var job = try SendJob(row)
      try job.settlePrice(db, price, at: at)
      isKnown = false
    }
    return isKnown
  }
}

extension SendJob {
  /// The provider's price replaces what was reserved, in every sum that holds it.
  mutating func settlePrice(_ db: Database, _ price: Int64, at: Moment) throws {
    // A text that was refused cost nothing and has no day.
    guard let costDay else { return }
    let difference = price - costMicros
    let before = try Int64.fetchOne(
      db.cachedStatement(sql: "SELECT price_micros FROM send_jobs WHERE id = ?"), arguments: [id])
    try Budget.settle(db, day: costDay, campaign: campaignID, micros: difference, billed: price - (before ?? 0))
    if difference != 0 {
      try Figures.add(db, self, .costMicros, difference, at: at)
      try db.execute(
        sql: "UPDATE campaigns SET reserved_micros = max(0, reserved_micros + ?) WHERE id = ?",
        arguments: [difference, campaignID])
    }
    try db.cachedStatement(sql: "UPDATE send_jobs SET price_micros = ?1, cost_micros = ?1 WHERE id = ?2")
      .execute(arguments: [price, id])
    costMicros = price
  }
}
