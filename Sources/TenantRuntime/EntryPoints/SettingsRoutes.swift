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
    return try await call.transact { change in JSON.object(try edit(change, sent).members) }.response()
  }
}
