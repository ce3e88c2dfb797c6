import GRDB
import Hummingbird

enum EventRoutes {
  static let all: [Route<Runtime>] = [
    Route(
      .get, "events", needs: .readMessages, about: "The tenant's own history",
      query: .followedPage + [QueryField("type", .choice(Event.Kind.self))], answers: [.page(.event)], list)
  ]

  /// With `type=` those of one kind alone.
  @Sendable private static func list(_ call: Call<Runtime>) async throws -> Response {
    let page = try PageRequest(call)
    let kind = try call.query("type").map { text in
      guard let kind = Event.Kind(rawValue: text) else {
        throw Refusal.invalid("type", "must be one of " + Event.Kind.allCases.map(\.rawValue).joined(separator: ", "))
      }
      return kind
    }
    if let kind {
      return try await call.subject.file.page(
        page, "SELECT * FROM events WHERE type = ? AND id > ? ORDER BY id", [kind.rawValue, page.after], Event.json)
    }
    return try await call.subject.file.page(
      page, "SELECT * FROM events WHERE id > ? ORDER BY id", [page.after], Event.json)
  }
}
