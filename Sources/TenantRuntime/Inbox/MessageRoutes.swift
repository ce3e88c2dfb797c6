import GRDB
import Hummingbird

enum MessageRoutes {
  static let all: [Route<Runtime>] = [Route(.get, "messages", needs: .readMessages, list)]

  @Sendable private static func list(_ call: Call<Runtime>) async throws -> Response {
    let page = try PageRequest(call)
    return try await call.subject.file.page(page, "SELECT * FROM messages WHERE id > ? ORDER BY id", [page.after]) {
      row in
      [
        "id": row.int("id"), "direction": row.text("direction"), "phone": row.phone("phone"),
        "number": row.phone("number"),
        "body": row.text("body"), "segments": row.int("segments"), "media_count": row.int("media_count"),
        "sid": row.text("sid"), "campaign_id": row.int("campaign_id"), "at": row.moment("at"),
      ]
    }
  }
}
