import GRDB

extension TenantSettings {
  /// Takes over what a request names. Here, for a change of hours concerns campaigns that wait.
  static func edit(_ change: Transaction, _ sent: Fields) throws -> TenantSettings {
    let db = change.db
    var fields = sent
    let before = try read(db)
    var after = before
    try after.take(&fields)
    if after.confirmLaunchAbove != before.confirmLaunchAbove { try change.caller.checkConfirmed(at: change.now) }
    if after.hours != before.hours { try Campaign.meetHours(db, after.hours, &fields) }
    try fields.finish()
    if after.hours != before.hours { try Campaign.lookAgain(db) }
    try writeDifferences(db, after, over: before)
    try change.audit(
      "settings.edit", "tenant", before: JSON.object(before.members).serialized,
      after: JSON.object(after.members).serialized)
    let (words, languages, page) = (after.keywords, Set(after.languages), after.links.page)
    change.then { runtime in
      runtime.gate.setWords(words, languages: languages)
      runtime.links.setPage(page)
    }
    // Hours, prices and limits may let go on what waits.
    change.effects.wakes.formUnion([.sending, .sweepingByAge])
    return after
  }

  /// Writes what differs.
  static func writeDifferences(_ db: Database, _ after: TenantSettings, over before: TenantSettings) throws {
    let known = Dictionary(uniqueKeysWithValues: before.members.map { ($0.0, $0.1.serialized) })
    for (name, value) in after.members where value.serialized != known[name] {
      try db.execute(
        sql: "INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
        arguments: [name, value.serialized])
    }
  }
}
