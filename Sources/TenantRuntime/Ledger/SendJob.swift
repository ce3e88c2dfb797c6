package import GRDB

/// One planned text to one person: the row of the ledger.
///
///     queued → sending → accepted → sent → delivered | undelivered | failed
///        │        ├→ failed (refused)      └ unknown → accepted … (a callback or the provider's list proves it)
///        │        └→ queued (released: the call never began)
///        └→ skipped | deferred | cancelled
///
/// States only move forward, but for a release. The first terminal report wins. `unknown` is never sent again by itself.
package struct SendJob: Sendable, Equatable {
  package enum State: String, CaseIterable, Sendable {
    case queued, sending, accepted, sent, delivered, undelivered, failed, skipped, deferred, unknown, cancelled

    /// How far the provider has come with it; reports never move a job to a lower rank.
    var rank: Int {
      switch self {
      case .queued, .deferred, .sending, .unknown: 0
      case .accepted: 1
      case .sent: 2
      case .delivered, .undelivered, .failed, .skipped, .cancelled: 3
      }
    }
  }

  package enum Kind: String, Sendable, Codable { case campaign, reply, test, auto }

  package var id: Int64
  var kind: Kind
  package var campaignID: Int64?
  package var contactID: Int64?
  package var phone: PhoneNumber
  package var state: State
  package var reason: String?
  package var attempt: Int64?
  package var number: PhoneNumber?
  package var messageID: Int64?
  package var sid: String?
  package var segments: Int64
  package var costMicros: Int64
  var costDay: Int64?
  /// Tests count in cost alone.
  var isReported: Bool { kind != .test }
  /// The campaign whose text a test shows.
  var testOf: Int64?
  package var clickedAt: Moment?
  /// Which of the campaign's texts it is; nil: the campaign has one.
  package var variant: Int64?
  /// A later try took its place: it is counted no more.
  var isSuperseded: Bool
  var tries: Int64

  /// What `init` reads, in its order: a query of jobs begins with it (with `ofJ` where the table is called `j`). By their names they took a
  /// twenty-fifth of the processor while a campaign went out.
  package static let columns = names.joined(separator: ", ")
  package static let ofJ = names.map { "j.\($0)" }.joined(separator: ", ")
  private static let names = [
    "id", "kind", "campaign_id", "contact_id", "phone", "state", "reason", "attempt", "number", "message_id", "sid",
    "segments", "cost_micros", "cost_day", "test_of", "clicked_at", "variant", "superseded", "try",
  ]

  /// Read past GRDB's rows: every report of a webhook begins with it.
  package static func find(_ db: Database, id: Int64) throws -> SendJob? {
    let statement = try RawStatement(db, found)
    statement.bind(1, id)
    defer { statement.reset() }
    return try statement.step() ? SendJob(statement) : nil
  }

  private static let found = "SELECT \(columns) FROM send_jobs WHERE id = ?"

  /// - Parameter row: begins with `columns`.
  package init(_ row: some RowInOrder) throws {
    guard let state = row.text(5).flatMap(State.init), let phone = PhoneNumber(digits: row.int(4)) else {
      throw DatabaseError(message: "unknown state or phone of a send job")
    }
    id = row.int(0)
    kind = row.text(1).flatMap(Kind.init) ?? .campaign
    campaignID = row.optionalInt(2)
    contactID = row.optionalInt(3)
    self.phone = phone
    self.state = state
    reason = row.text(6)
    attempt = row.optionalInt(7)
    number = row.optionalInt(8).flatMap(PhoneNumber.init(digits:))
    messageID = row.optionalInt(9)
    sid = row.text(10)
    segments = row.int(11)
    costMicros = row.int(12)
    costDay = row.optionalInt(13)
    testOf = row.optionalInt(14)
    clickedAt = row.optionalInt(15).map(Moment.init(milliseconds:))
    variant = row.optionalInt(16)
    isSuperseded = row.int(17) != 0
    tries = row.int(18)
  }

  /// Somebody who waits for the time of day is asked about at the next claim: what the time was reckoned by has changed.
  static func lookAgain(_ db: Database, job id: Int64, now: Moment) throws {
    try db.cachedStatement(sql: "UPDATE send_jobs SET deferred_until = ? WHERE id = ? AND state = 'deferred'").execute(
      arguments: [now, id])
  }

  /// The same for all that waits for one person: the zone or the number is another.
  static func lookAgain(_ db: Database, phone: PhoneNumber, of contact: Int64, now: Moment) throws {
    try db.cachedStatement(
      sql: "UPDATE send_jobs SET deferred_until = ?3 WHERE id IN (\(idsOfPhone)) AND state = 'deferred'"
    ).execute(arguments: [phone, contact, now])
  }

  /// The contact was deleted, and one with the job's number has come back.
  mutating func follow(_ db: Database, contact: Int64) throws {
    contactID = contact
    try db.cachedStatement(sql: "UPDATE send_jobs SET contact_id = ? WHERE id = ?").execute(arguments: [contact, id])
  }

  /// Rows of erased people stay under numbers that nobody can have: country code 999 is not assigned (ITU-T E.164).
  static let erasedPhones: Int64 = 999_000_000_000_000
  var isErased: Bool { Self.isErased(phone) }
  package static func isErased(_ phone: PhoneNumber) -> Bool { phone.digits >= erasedPhones }

  /// Every job of the phone `?1` that was claimed, and of those that were not what was planned for the contact `?2`, or for one that was
  /// deleted since: those are indexed by contact.
  static let idsOfPhone = """
    SELECT id FROM send_jobs WHERE phone = ?1 AND claimed_at IS NOT NULL
    UNION ALL SELECT id FROM send_jobs WHERE contact_id = ?2 AND phone = ?1 AND claimed_at IS NULL
    UNION ALL SELECT id FROM send_jobs WHERE contact_id IS NULL AND phone = ?1 AND claimed_at IS NULL
    """

  /// What was claimed for a number within a part of its history (`PersonNumber.bounds`).
  static let claimedDuring = "phone = ? AND claimed_at > ? AND claimed_at <= ?"

  /// The last text that went to a person, for crediting an answer.
  package static func latestText(_ db: Database, to phone: PhoneNumber, since: Moment) throws -> SendJob? {
    try db.cachedStatement(
      sql: """
        SELECT \(columns) FROM send_jobs WHERE phone = ? AND claimed_at >= ?
        AND state IN ('sending', 'accepted', 'sent', 'delivered', 'unknown') ORDER BY claimed_at DESC LIMIT 1
        """
    ).fetchRow([phone, since]).map { try SendJob($0) }
  }

  /// Says why a text to one person stays in the queue.
  func wait(_ db: Database, reason: String) throws {
    guard reason != self.reason else { return }
    try db.cachedStatement(sql: "UPDATE send_jobs SET reason = ? WHERE id = ?").execute(arguments: [reason, id])
  }

  /// As what its campaign counts it; nil: not at all.
  var counted: FigureTally.OfState? {
    guard let campaignID, !isSuperseded else { return nil }
    return FigureTally.OfState(campaign: campaignID, variant: variant ?? 0, state: state, reason: reason ?? "")
  }

  /// Counts newly planned jobs of a campaign in; from then on triggers keep the counts.
  static func counted(_ db: Database, campaign: Int64, variant: Int64?, _ planned: Int) throws {
    try count(
      db, FigureTally.OfState(campaign: campaign, variant: variant ?? 0, state: .queued, reason: ""), Int64(planned))
  }

  static func count(_ db: Database, _ key: FigureTally.OfState, _ amount: Int64) throws {
    try db.cachedStatement(
      sql: "INSERT INTO campaign_counts VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n"
    ).execute(arguments: [key.campaign, key.variant, key.state.rawValue, key.reason, amount])
  }

  /// Writes a new state, and counts it with the transaction's tally where there is one: the trigger costs as much as the row.
  mutating func move(
    _ db: Database, to state: State, reason: String?, at: Moment, _ effects: inout Effects
  ) throws {
    guard effects.tally != nil else { return try move(db, to: state, reason: reason, at: at) }
    if var counted {
      effects.tally?.add(counted, -1)
      (counted.state, counted.reason) = (state, reason ?? "")
      effects.tally?.add(counted, 1)
    }
    try write(db, state, reason, at, Self.moveTallied)
  }

  /// Writes a new state; the counts follow by trigger.
  package mutating func move(_ db: Database, to state: State, reason: String? = nil, at: Moment) throws {
    try write(db, state, reason, at, Self.move)
  }

  private static let setState = """
    UPDATE send_jobs SET state = ?1, reason = ?2, finished_at = ifnull(?3, finished_at),
    check_at = CASE WHEN ?1 = 'unknown' AND message_id IS NOT NULL THEN ?4 END
    """
  private static let move = setState + " WHERE id = ?5"
  private static let moveTallied = setState + ", tallied = 1 - tallied WHERE id = ?5"

  private mutating func write(
    _ db: Database, _ state: State, _ reason: String?, _ at: Moment, _ sql: String
  ) throws {
    let statement = try RawStatement(db, sql)
    statement.bind(1, state.rawValue)
    statement.bind(2, reason)
    statement.bind(3, state.rank == 3 ? at.milliseconds : nil)
    statement.bind(4, Self.firstLook(after: at).milliseconds)
    statement.bind(5, id)
    try statement.run()
    self.state = state
    self.reason = reason
  }

  /// Seconds until the provider's list is asked about a text whose fate is unknown.
  static let firstLookSeconds: Int64 = 5
  static func firstLook(after moment: Moment) -> Moment { moment.advanced(bySeconds: firstLookSeconds) }
}

extension Statement {
  func fetchRow(_ arguments: StatementArguments) throws -> Row? { try Row.fetchOne(self, arguments: arguments) }
}
