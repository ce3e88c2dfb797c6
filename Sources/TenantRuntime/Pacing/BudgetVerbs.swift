import GRDB

extension Budget {
  /// What a person sets. Nil stays as it is, some nil takes a limit away.
  struct Edit: Sendable {
    var daily: Int64??
    var monthly: Int64??
  }

  /// The notes of what the edit raises.
  static func raised(_ db: Database, by edit: Edit, _ zone: String, now: Moment) throws -> [CampaignNote] {
    let before = try read(db, zone: zone, now: now)
    return [
      (CampaignNote.dailyBudget, before.dailyMicros, edit.daily),
      (CampaignNote.monthlyBudget, before.monthlyMicros, edit.monthly),
    ].compactMap { id, before, limit in limit.flatMap { CampaignNote.raised(id, from: before, to: $0, at: now) } }
  }

  static func edit(_ change: Transaction, _ edit: Edit) throws -> Budget {
    let (db, zone) = (change.db, change.lease.timeZone)
    let before = try read(db, zone: zone, now: change.now)
    try db.execute(
      sql: """
        INSERT INTO budgets (id, daily_micros, monthly_micros) VALUES (1, ?, ?)
        ON CONFLICT DO UPDATE SET daily_micros = excluded.daily_micros, monthly_micros = excluded.monthly_micros
        """, arguments: [edit.daily ?? before.dailyMicros, edit.monthly ?? before.monthlyMicros])
    let after = try read(db, zone: zone, now: change.now)
    // On the file's own lane: a claim before it is cut, one behind it has seen the new limits.
    change.gate.cut(after.excess, campaign: nil)
    try change.audit(
      "budget.edit", "tenant", before: before.json(zone).serialized, after: after.json(zone).serialized)
    // So that a file put back from before does not spend more than what holds now.
    for (id, limit) in [(CampaignNote.dailyBudget, edit.daily), (CampaignNote.monthlyBudget, edit.monthly)] {
      guard let limit else { continue }
      change.effects.notes.append(CampaignNote(id: id, budget: limit ?? CampaignNote.noBudget, at: change.now))
    }
    change.effects.awaitsPendingSends = true
    change.effects.wakes.insert(.sending)
    return after
  }

  func json(_ zone: String) -> JSON {
    let left = [
      dailyMicros.map { $0 - usedToday }, monthlyMicros.map { $0 - usedThisMonth },
    ].compactMap { $0 }.min()
    return [
      "daily_micros": .optional(dailyMicros), "monthly_micros": .optional(monthlyMicros),
      "used_micros": .int(usedThisMonth), "used_today_micros": .int(usedToday),
      "left_micros": .optional(left.map { max(0, $0) }), "time_zone": .text(zone),
    ]
  }
}
