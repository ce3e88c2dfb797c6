import GRDB
import Hummingbird

extension TenantSettings {
  static let routes: [Route<Runtime>] = [
    Route(
      .get, "settings", needs: .readSettings, about: "What the tenant decides for itself", answers: [.ok(.settings)],
      show),
    Route(
      .patch, "settings", needs: .editSettings, about: "Change settings; null brings a default back",
      body: .json(.ofSettings), answers: [.ok(.settings)], edit),
  ]

  @Sendable private static func show(_ call: Call<Runtime>) async throws -> Response {
    try await call.subject.file.read { db in JSON.object(try read(db).members) }.response()
  }

  @Sendable private static func edit(_ call: Call<Runtime>) async throws -> Response {
    let sent = try await call.fields()
    let (now, actor) = (call.subject.dependencies.now(), call.actor.name)
    let (answer, settings) = try await call.subject.file.write { db -> (JSON, TenantSettings) in
      var fields = sent
      let before = try read(db)
      var after = before
      try after.take(&fields)
      if after.hours != before.hours { try Campaign.meetHours(db, after.hours, &fields) }
      try fields.finish()
      if after.hours != before.hours { try Campaign.lookAgain(db) }
      let known = Dictionary(uniqueKeysWithValues: before.members.map { ($0.0, $0.1.serialized) })
      for (name, value) in after.members where value.serialized != known[name] {
        try db.execute(
          sql: "INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
          arguments: [name, value.serialized])
      }
      try Audit.append(
        db, call: actor, "settings.edit", "tenant", before: JSON.object(before.members).serialized,
        after: JSON.object(after.members).serialized, at: now)
      return (JSON.object(after.members), after)
    }
    call.subject.gate.setWords(settings.keywords, languages: Set(settings.languages))
    call.subject.links.setPage(settings.links.page)
    // Hours, prices and limits may let go on what waits.
    call.subject.nudge(.sending)
    call.subject.nudge(.sweepingByAge)
    return answer.response()
  }
}
