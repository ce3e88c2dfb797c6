import Dispatch
package import GRDB

/// Derives the verdicts of stored hits anew, from their kept facts, the times of their texts, and today's rules and lists; figures move in
/// the same transaction. By the tenant's writer in short slices, each of which stores how far it has come: a crash goes on from there, and
/// doing it twice changes nothing.
///
///     running → completed | replaced (a newer one was asked for: rules or lists may have changed meanwhile)
///
/// On the timeline a hit that becomes human is `clicked` at its own time (`judged_again: true`), one that ceases to be is
/// `click_withdrawn`; what was published before stays.
package enum Rejudging {
  /// One slice: so long, and so many hits.
  private static let longestSlice: UInt64 = 50_000_000
  private static let mostHits = 500

  /// Answers at once; a worker does it.
  /// - Parameter since: leaves out hits from before it.
  package static func begin(_ change: Transaction, since: Moment?) throws -> JSON {
    let (db, at) = (change.db, change.now)
    try db.execute(
      sql: "UPDATE link_rejudgings SET state = 'replaced', finished_at = ? WHERE state = 'running'", arguments: [at])
    try db.execute(
      sql: """
        INSERT INTO link_rejudgings (state, since, up_to, rules, actor, created_at)
        VALUES ('running', ?, (SELECT ifnull(max(id), 0) FROM link_hits), ?, ?, ?)
        """, arguments: [since, ClickVerdict.rulesVersion, change.caller.name, at])
    try change.audit("links.rejudge", "rejudging:\(db.lastInsertedRowID)", after: since?.iso8601)
    change.effects.wakes.insert(.rejudging)
    return try newest(db)
  }

  /// The one asked for last; null: none yet.
  package static func newest(_ db: Database) throws -> JSON {
    try Row.fetchOne(db.cachedStatement(sql: "SELECT * FROM link_rejudgings ORDER BY id DESC LIMIT 1")).map { row in
      [
        "id": row.int("id"), "state": row.text("state"), "since": row.moment("since"), "judged": row.int("judged"),
        "changed": row.int("changed"), "looked_at": row.int("cursor"), "total": row.int("up_to"),
        "rules": row.int("rules"), "actor": row.text("actor"), "created_at": row.moment("created_at"),
        "finished_at": row.moment("finished_at"),
      ]
    } ?? .null
  }

  static func takeTurn(_ runtime: Runtime) async throws -> NextTurn {
    let (now, networks) = (runtime.dependencies.now(), runtime.dependencies.networks.now)
    let next = "SELECT id FROM link_rejudgings WHERE state = 'running' ORDER BY id LIMIT 1"
    guard let id = try await runtime.file.read({ db in try Int64.fetchOne(db, sql: next) }) else { return .whenNudged }
    try await runtime.givingUpWhatRecurs("judging clicks again", id: id) {
      try await runtime.file.write(.replayable) { db in
        guard
          let row = try Row.fetchOne(
            db.cachedStatement(sql: "SELECT * FROM link_rejudgings WHERE id = ? AND state = 'running'"), arguments: [id]
          )
        else { return }
        // Each hit that ceases to be a person's asks for the others of its text.
        if try !HitListing.listedSome(db, leaving: 2_000) { try slice(db, row, networks, now: now) }
      }
    } giveUp: { _ in
      try await runtime.file.write { db in
        try db.execute(
          sql: "UPDATE link_rejudgings SET state = 'completed', finished_at = ? WHERE id = ?", arguments: [now, id])
      }
    }
    return .now
  }

  private static func slice(_ db: Database, _ running: Row, _ networks: Networks, now: Moment) throws {
    let (since, upTo): (Moment?, Int64) = (running["since"], running["up_to"])
    var (cursor, judged, changed): (Int64, Int, Int) = (running["cursor"], 0, 0)
    let ends = DispatchTime.now().uptimeNanoseconds + longestSlice
    let rows = try Row.fetchAll(
      db.cachedStatement(sql: "\(StoredHit.select) WHERE h.id > ? AND h.id <= ? ORDER BY h.id LIMIT \(mostHits)"),
      arguments: [cursor, upTo])
    var isCut = false
    for row in rows {
      cursor = row["id"]
      guard row["at"] >= since ?? Moment(milliseconds: .min) else { continue }
      if let isOther = try judge(db, row, networks, now: now) {
        judged += 1
        changed += isOther ? 1 : 0
      }
      isCut = DispatchTime.now().uptimeNanoseconds > ends
      if isCut { break }
    }
    let isOver = !isCut && rows.count < mostHits
    try db.cachedStatement(
      sql: """
        UPDATE link_rejudgings SET cursor = ?1, judged = judged + ?2, changed = changed + ?3,
        state = CASE WHEN ?4 THEN 'completed' ELSE state END, finished_at = CASE WHEN ?4 THEN ?5 END WHERE id = ?6
        """
    ).execute(arguments: [isOver ? upTo : cursor, judged, changed, isOver, now, running["id"] as Int64])
  }

  /// Whether the verdict is another one; nil when there is nothing left to judge by.
  private static func judge(_ db: Database, _ row: Row, _ networks: Networks, now: Moment) throws -> Bool? {
    guard let (facts, kept) = try StoredHit.read(row),
      let link = try HitLink.find(db, link: row["short_link_id"], job: row["send_job_id"]),
      let old = ClickVerdict(rawValue: row["verdict"])
    else { return nil }
    var context = kept
    context.sentAt = link.sentAt
    context.deliveredAt = link.deliveredAt
    context.listed = networks.listed(kept: facts.address, before: kept.listed)
    let judged = ClickVerdict.judge(facts, context)
    let id: Int64 = row["id"]
    let reasons = judged.reasons.joined(separator: ",")
    if judged.verdict != old || reasons != row["reasons"] || context.listed?.rawValue != row["listed"]
      || ClickVerdict.rulesVersion != row["rules"]
    {
      try db.cachedStatement(
        sql: "UPDATE link_hits SET verdict = ?, reasons = ?, listed = ?, rules = ? WHERE id = ?"
      ).execute(
        arguments: [judged.verdict.rawValue, reasons, context.listed?.rawValue, ClickVerdict.rulesVersion, id])
    }
    guard judged.verdict != old else { return false }
    let hit = HitFigures(
      id: id, link: link, method: facts.method, at: facts.at,
      visitor: link.jobID ?? HitFigures.visitor(address: facts.address, userAgent: facts.userAgent))
    var effects = Effects()
    try hit.move(db, from: old, to: judged.verdict, &effects)
    try publish(db, &effects, hit, from: old, judged, now: now)
    return true
  }

  private static func publish(
    _ db: Database, _ effects: inout Effects, _ hit: HitFigures, from old: ClickVerdict, _ new: Verdict, now: Moment
  ) throws {
    guard hit.counts, hit.link.campaignID != nil else { return }
    if new.verdict == .human {
      try hit.publish(db, &effects, .clicked, at: hit.at, [("judged_again", true)])
    } else if old == .human {
      try hit.publish(
        db, &effects, .clickWithdrawn, at: now,
        [("verdict", .text(new.verdict.rawValue)), ("reasons", .list(new.reasons.map { .text($0) }))])
    }
  }
}
