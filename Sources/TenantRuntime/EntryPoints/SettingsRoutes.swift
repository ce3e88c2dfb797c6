import GRDB
import Hummingbird

extension TenantSettings {
  static let routes: [Route<Runtime>] = [
    Route(
      .get, "settings", needs: .readSettings, about: "What the tenant decides for itself", answers: [.ok(.settings)],
      whole: whole
    ) { call in try await call.answer(try whole(call)) },
    Route(
      .patch, "settings", needs: .editSettings, about: "Change settings; null brings a default back",
      body: .json(.ofSettings), answers: [.ok(.settings)], whole: whole, edit),
  ]

  @Sendable private static func whole(_ call: Call<Runtime>) throws -> (@Sendable (Database) throws -> JSON) {
    { db in .object(try read(db).members) }
  }

  @Sendable private static func edit(_ call: Call<Runtime>) async throws -> Response {
    let sent = try await call.fields()
    return try await call.transact { change in JSON.object(try edit(change, sent).members) }.response()
  }
}
