import GRDB
import Hummingbird

/// Free text that reads as an opt-out, until a person decides: campaigns leave the sender out meanwhile, and a legal clock runs (47 CFR
/// 64.1200(a)(10): a revocation by any reasonable means is honoured within ten business days).
enum OptOutReview {
  static let routes: [Route<Runtime>] = [
    Route(
      .get, "opt-out-reviews", needs: .readMessages, about: "Texts that read as an opt-out",
      query: .page + [QueryField("state", .choice(["open", "decided"]))], answers: [.page(.optOutReview)], list),
    Route(
      .post, "opt-out-reviews/:id/decision", needs: .editConsent, about: "Decide whether it was an opt-out",
      body: .json([decision]), answers: [.ok(.optOutReview)], decide),
  ]
  private static let businessDays = 10
  private static let decision = Field<Bool>.bool(
    "opted_out", missing: "is required: true or false", about: "False lets texts go on.")

  /// Begins a review; false where one is open for the phone.
  /// - Parameter message: the text's row; nil of a text that a file put back from a copy has forgotten.
  static func begin(_ db: Database, _ asked: Revocation, message: Int64?) throws -> Bool {
    try db.execute(
      sql: """
        INSERT INTO opt_out_reviews (phone, event, rule, text, message_id, at, due_at)
        SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE NOT EXISTS (SELECT 1 FROM opt_out_reviews WHERE phone = ?1 AND event = ?2)
        ON CONFLICT DO NOTHING
        """,
      arguments: [
        asked.phone, asked.id, asked.method, String(asked.evidence.unicodeScalars.prefix(1600)), message, asked.at,
        due(asked.at),
      ])
    guard db.changesCount > 0 else { return false }
    try Event.append(
      db, .optOutReview, at: asked.at, phone: asked.phone,
      data: ["rule": .text(asked.method), "due_at": .moment(due(asked.at))])
    return true
  }

  /// The beginning of the tenth business day after the one it came on, by UTC: early by up to a day, never late.
  static func due(_ at: Moment) -> Moment {
    var day = Int(at.milliseconds / 86_400_000)
    var left = businessDays
    while left > 0 {
      day += 1
      let civil = CivilDay(number: day)
      if civil.weekday != 0, civil.weekday != 6, !civil.isFederalHoliday { left -= 1 }
    }
    return Moment(milliseconds: Int64(day) * 86_400_000)
  }

  static func anyOpen(_ db: Database) throws -> Bool {
    try Bool.fetchOne(
      db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM opt_out_reviews WHERE decided_at IS NULL)")) ?? false
  }

  static func isOpen(_ db: Database, _ phone: PhoneNumber) throws -> Bool {
    try Bool.fetchOne(
      db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM opt_out_reviews WHERE phone = ? AND decided_at IS NULL)"),
      arguments: [phone]) ?? false
  }

  /// An opt-out by any other way decides it, and so does an opt-in.
  static func settle(_ db: Database, _ phone: PhoneNumber, optedOut: Bool, by actor: String, at: Moment) throws {
    try db.cachedStatement(
      sql: """
        UPDATE opt_out_reviews SET decided_at = ?, decided_by = ?, opted_out = ? WHERE phone = ? AND decided_at IS NULL
        """
    ).execute(arguments: [at, actor, optedOut, phone])
  }

  /// Open ones by their day, decided ones by when.
  static func latest(_ db: Database, areOpen: Bool, limit: Int) throws -> [JSON] {
    try Row.fetchAll(
      db,
      sql: areOpen
        ? "SELECT * FROM opt_out_reviews WHERE decided_at IS NULL ORDER BY due_at, id LIMIT ?"
        : "SELECT * FROM opt_out_reviews WHERE decided_at IS NOT NULL ORDER BY decided_at DESC LIMIT ?",
      arguments: [limit]
    ).map(json)
  }

  @Sendable private static func list(_ call: Call<Runtime>) async throws -> Response {
    let page = try PageRequest(call)
    let isOpen = try call.query("state").map { state in
      guard state == "open" || state == "decided" else { throw Refusal.invalid("state", "must be open or decided") }
      return state == "open"
    }
    return try await call.subject.file.page(
      page, "SELECT * FROM opt_out_reviews WHERE id > ?1 AND (?2 IS NULL OR (decided_at IS NULL) = ?2) ORDER BY id",
      [page.after, isOpen], json)
  }

  @Sendable private static func json(_ row: Row) -> JSON {
    [
      "id": row.int("id"), "phone": row.phone("phone"), "rule": row.text("rule"), "text": row.text("text"),
      "message_id": row.int("message_id"), "at": row.moment("at"), "due_at": row.moment("due_at"),
      "decided_at": row.moment("decided_at"), "decided_by": row.text("decided_by"),
      "opted_out": (row["opted_out"] as Bool?).map(JSON.bool) ?? .null,
    ]
  }

  /// Answers the opt-out that is to be logged. It decides the review when it is applied: should that fail, the review stays open.
  private static func decide(_ change: Transaction, _ id: Int64, optedOut: Bool) throws -> Revocation? {
    let (db, caller) = (change.db, change.caller)
    guard
      let row = try Row.fetchOne(db.cachedStatement(sql: "SELECT * FROM opt_out_reviews WHERE id = ?"), arguments: [id])
    else {
      throw Refusal.notFound("There is no such review.")
    }
    guard (row["decided_at"] as Int64?) == nil else { throw Refusal.conflict("It has been decided already.") }
    let phone: PhoneNumber = row["phone"]
    try change.audit("opt_out_review.decide", "review:\(id)", after: optedOut ? "opted out" : "goes on")
    guard optedOut else {
      try settle(db, phone, optedOut: false, by: caller.name, at: change.now)
      try change.effects.endReview(db, phone)
      return nil
    }
    return Revocation(
      phone: phone, action: .optOut, method: "free_text", evidence: row["text"], source: Consent.decisionSource(id),
      actor: caller.name, address: caller.address, at: change.now)
  }

  /// `{"opted_out": true}` writes the opt-out down with the person's words as its evidence; false lets texts go on.
  @Sendable private static func decide(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "review")
    var fields = try await call.fields()
    let decision = fields.take(decision)
    try fields.finish()
    guard let optedOut = decision else { throw Refusal.invalid("opted_out", "is required") }
    let runtime = call.subject
    if let revocation = try await call.transact({ change in try decide(change, id, optedOut: optedOut) }) {
      try await runtime.dependencies.revocations.append(revocation, tenant: runtime.lease.tenant)
    }
    return try await runtime.file.read { db in
      json(
        try Row.fetchOne(db.cachedStatement(sql: "SELECT * FROM opt_out_reviews WHERE id = ?"), arguments: [id])
          ?? Row())
    }.response()
  }
}
