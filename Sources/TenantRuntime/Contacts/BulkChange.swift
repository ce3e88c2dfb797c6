import GRDB
import Hummingbird

/// Tags, untags or deletes everybody a rule picks, by a worker in slices: asked for now, done as fast as others allow.
struct BulkChange: Sendable {
  enum Action: String, CaseIterable, Sendable { case tag, untag, delete }

  /// One slice: so long, and at least one window of so many ids.
  private static let longestSlice = Duration.milliseconds(80)
  private static let window: Int64 = 200
  private static let actionField = Field<Action>.choice(
    "action", missing: "is required: tag, untag or delete", about: "What is done to each of them.")

  static let routes: [Route<Runtime>] = [
    Route(
      .get, "bulk-changes", needs: .readContacts, about: "Bulk changes", query: .page, answers: [.page(.bulkChange)],
      list),
    Route(
      .post, "bulk-changes", needs: .editContacts, about: "Tag, untag or delete everybody a rule picks",
      body: .json([
        actionField, Documented("tag", Shape.text(most: Tag.longest, example: "vip").orNull),
        Documented("audience", .audienceRule, required: true),
      ]), answers: [.accepted(.bulkChange)], create),
    Route(.get, "bulk-changes/:id", needs: .readContacts, about: "One bulk change", answers: [.ok(.bulkChange)], show),
  ]

  @Sendable private static func json(_ row: Row) -> JSON {
    [
      "id": row.int("id"), "action": row.text("action"), "tag": row.text("tag"), "audience": row.document("rule"),
      "state": row.text("state"), "changed": row.int("changed"), "failure": row.text("failure"),
      "looked_at": row.int("cursor"),
      "total": row.int("up_to"), "actor": row.text("actor"), "created_at": row.moment("created_at"),
      "finished_at": row.moment("finished_at"),
    ]
  }

  /// Newest first.
  static func latest(_ db: Database, before id: Int64, limit: Int) throws -> [JSON] {
    try Row.fetchAll(
      db.cachedStatement(sql: "SELECT * FROM bulk_changes WHERE ?1 = 0 OR id < ?1 ORDER BY id DESC LIMIT ?2"),
      arguments: [id, limit]
    ).map(json)
  }

  static func find(_ db: Database, _ id: Int64) throws -> JSON {
    guard
      let row = try Row.fetchOne(db.cachedStatement(sql: "SELECT * FROM bulk_changes WHERE id = ?"), arguments: [id])
    else {
      throw Refusal.notFound("There is no such bulk change.")
    }
    return json(row)
  }

  @Sendable private static func list(_ call: Call<Runtime>) async throws -> Response {
    let page = try PageRequest(call)
    return try await call.subject.file.page(
      page, "SELECT * FROM bulk_changes WHERE id > ? ORDER BY id", [page.after], json)
  }

  @Sendable private static func show(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "bulk change")
    return try await call.subject.file.read { db in try find(db, id) }.response()
  }

  @Sendable private static func create(_ call: Call<Runtime>) async throws -> Response {
    var fields = try await call.fields()
    let action = fields.take(actionField)
    let tag = fields.tag("tag")
    if action == .delete, tag != nil { fields.fail("tag", "has no place in a deletion") }
    if action != .delete, action != nil, tag?.isEmpty ?? true { fields.fail("tag", "is required") }
    let rule = try audience(&fields)
    try fields.finish()
    guard let action, let rule else { throw Refusal.invalid("audience", "is required") }
    return try await call.transact { change in try begin(change, action, tag: tag, rule) }.response(status: .accepted)
  }

  private static func begin(
    _ change: Transaction, _ action: Action, tag: String?, _ rule: AudienceRule
  ) throws -> JSON {
    let db = change.db
    try rule.check(db)
    // An audience may be edited while the work goes on: those are meant whom it picks now.
    let whom = try rule.resolved(db).json.serialized
    try db.execute(
      sql: """
        INSERT INTO bulk_changes (action, tag, rule, state, up_to, actor, created_at)
        VALUES (?, ?, ?, 'running', (SELECT ifnull(max(id), 0) FROM contacts), ?, ?)
        """, arguments: [action.rawValue, tag, whom, change.caller.name, change.now])
    let id = db.lastInsertedRowID
    try change.audit("contacts.\(action.rawValue)", "bulk_change:\(id)", after: rule.json.serialized)
    change.effects.wakes.insert(.bulkChanges)
    return try Row.fetchOne(db.cachedStatement(sql: "SELECT * FROM bulk_changes WHERE id = ?"), arguments: [id]).map(
      json) ?? .null
  }

  /// The rule under `audience`, as campaigns have it too.
  static func audience(_ fields: inout Fields) throws -> AudienceRule? {
    guard let value = fields.value("audience") else {
      fields.fail("audience", "is required, for example {\"all\": true}")
      return nil
    }
    do { return try AudienceRule(value, at: "audience") } catch Refusal.invalid(let errors) {
      for error in errors { fields.fail(error.field, error.message) }
      return nil
    }
  }

  // MARK: Work

  static func takeTurn(_ runtime: Runtime) async throws -> NextTurn {
    let now = runtime.dependencies.now()
    let next = "SELECT id FROM bulk_changes WHERE state = 'running' ORDER BY id LIMIT 1"
    guard let id = try await runtime.file.read({ db in try Int64.fetchOne(db, sql: next) }) else { return .whenNudged }
    // One that cannot be done stands in nobody's way.
    @Sendable func fail(_ reason: String) async throws {
      try await runtime.file.write { db in
        try db.execute(
          sql: "UPDATE bulk_changes SET state = 'failed', failure = ?, finished_at = ? WHERE id = ?",
          arguments: [reason, now, id])
      }
    }
    do {
      try await runtime.givingUpWhatRecurs("bulk change", id: id) {
        try await runtime.file.write { db in
          try slice(db, id, now: now)
        }
      } giveUp: { reference in
        try await fail("internal error, reference \(reference)")
      }
    } catch let refusal as Refusal where !refusal.passes { try await fail(refusal.detail) }
    runtime.nudge(.searching)
    return .now
  }

  /// How long a contact takes, nobody knows before: the slice ends by time, and the cursor says where.
  static func slice(_ db: Database, _ id: Int64, now: Moment, lasting: Duration = longestSlice) throws {
    let ends = ContinuousClock.now + lasting
    guard
      let row = try Row.fetchOne(
        db.cachedStatement(sql: "SELECT * FROM bulk_changes WHERE id = ? AND state = 'running'"), arguments: [id])
    else { return }
    let rule = try AudienceRule(resolved: JSON(parsing: row["rule"] as String)).compiled(db, now: row["created_at"])
    let pick = try db.makeStatement(
      sql: "SELECT c.id FROM contacts c WHERE c.id > ? AND c.id <= ? AND (\(rule.sql)) ORDER BY c.id")
    let upTo: Int64 = row["up_to"]
    var (cursor, changed): (Int64, Int) = (row["cursor"], 0)
    repeat {
      let to = min(cursor + window, upTo)
      let picked = try Int64.fetchAll(pick, arguments: [cursor, to] + rule.arguments)
      for contact in picked where try work(db, row, on: contact, now: now) { changed += 1 }
      cursor = to
    } while cursor < upTo && ContinuousClock.now < ends
    if row["action"] == Action.delete.rawValue { try DayFigures.add(db, .people(.deleted), Int64(changed), at: now) }
    let ended = cursor >= upTo
    try db.execute(
      sql: """
        UPDATE bulk_changes SET cursor = ?1, changed = changed + ?2, state = CASE WHEN ?3 THEN 'completed' ELSE state END,
        finished_at = CASE WHEN ?3 THEN ?4 END WHERE id = ?5
        """, arguments: [cursor, changed, ended, now, id])
  }

  /// True when the contact is another now.
  private static func work(_ db: Database, _ row: Row, on contact: Int64, now: Moment) throws -> Bool {
    switch Action(rawValue: row["action"]) {
    case .tag where try Contact.addTag(db, row["tag"] ?? "", to: contact),
      .untag where try Contact.removeTag(db, row["tag"] ?? "", from: contact):
      // Edited, as by hand: the undo of an import leaves it alone.
      try db.cachedStatement(sql: "UPDATE contacts SET updated_at = ? WHERE id = ?").execute(arguments: [now, contact])
      return true
    case .tag, .untag: return false
    case .delete, nil:
      try Contact.remove(db, id: contact)
      return true
    }
  }
}
