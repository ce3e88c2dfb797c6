import GRDB
import Hummingbird

enum EventRoutes {
  static let all: [Route<Runtime>] = [Route(.get, "events", needs: .readMessages, list)]

  @Sendable private static func list(_ call: Call<Runtime>) async throws -> Response {
    let page = try PageRequest(call)
    return try await call.subject.file.page(page, "SELECT * FROM events WHERE id > ? ORDER BY id", [page.after]) {
      row in
      [
        "id": row.int("id"), "at": row.moment("at"), "type": row.text("type"), "phone": row.phone("phone"),
        "campaign_id": row.int("campaign_id"), "send_job_id": row.int("send_job_id"),
        "data": row.document("data"),
      ]
    }
  }
}
