import GRDB
import Hummingbird

/// What a tenant decides for itself. A setting that was never made has its default.
struct TenantSettings: Sendable, Equatable {
  /// Whether only people with a standing consent may be texted (gate 5). Imports attest it, so the default is no.
  var requireConsent = false
  /// What an erasure leaves behind, so that the person is not texted again.
  var erasureKeeps = ContactErasure.Kept.number

  static func read(_ db: Database) throws -> TenantSettings {
    var settings = TenantSettings()
    for row in try Row.fetchAll(db.cachedStatement(sql: "SELECT name, value FROM settings")) {
      let value = try JSON(parsing: row["value"] as String)
      switch row["name"] as String {
      case "require_consent": settings.requireConsent = value.bool ?? settings.requireConsent
      case "erasure_keeps":
        settings.erasureKeeps = value.text.flatMap(ContactErasure.Kept.init(rawValue:)) ?? settings.erasureKeeps
      default: break
      }
    }
    return settings
  }

  var members: [(String, JSON)] {
    [("require_consent", .bool(requireConsent)), ("erasure_keeps", .text(erasureKeeps.rawValue))]
  }

  static let routes: [Route<Runtime>] = [
    Route(.get, "settings", needs: .readSettings, show),
    Route(.patch, "settings", needs: .editSettings, edit),
  ]

  @Sendable private static func show(_ call: Call<Runtime>) async throws -> Response {
    try await call.subject.file.read { db in JSON.object(try read(db).members) }.response()
  }

  @Sendable private static func edit(_ call: Call<Runtime>) async throws -> Response {
    var fields = try await call.fields()
    let consent = fields.bool("require_consent")
    let keeps = fields.choice("erasure_keeps", ContactErasure.Kept.self)
    try fields.finish()
    let now = call.subject.outside.now()
    let actor = call.actor.name
    return try await call.subject.file.write { db in
      let before = try read(db)
      var after = before
      after.requireConsent = consent ?? after.requireConsent
      after.erasureKeeps = keeps ?? after.erasureKeeps
      for (name, value) in after.members {
        try db.execute(
          sql: "INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
          arguments: [name, value.serialized])
      }
      try Audit.append(
        db, call: actor, "settings.edit", "tenant", before: JSON.object(before.members).serialized,
        after: JSON.object(after.members).serialized, at: now)
      return JSON.object(after.members)
    }.response()
  }
}
