import GRDB
import Hummingbird

enum ConsentRoutes {
  static let all: [Route<Runtime>] = [
    Route(.get, "do-not-contact", needs: .readContacts, list),
    Route(.post, "do-not-contact", needs: .editConsent, add),
  ]

  @Sendable private static func list(_ call: Call<Runtime>) async throws -> Response {
    let page = try PageRequest(call)
    return try await call.subject.file.page(
      page, "SELECT * FROM do_not_contact WHERE phone > ? ORDER BY phone", [page.after], id: "phone", json)
  }

  @Sendable private static func json(_ row: Row) -> JSON {
    [
      "phone": row.phone("phone"), "reason": row.text("reason"), "source": row.text("source"),
      "since": row.moment("since"),
    ]
  }

  @Sendable private static func add(_ call: Call<Runtime>) async throws -> Response {
    var fields = try await call.fields()
    let phone = fields.phone("phone")
    if phone == nil, !fields.has("phone") { fields.fail("phone", "is required") }
    let evidence = fields.text("reason", most: 500) ?? ""
    _ = fields.text("source", most: 100)
    try fields.finish()
    guard let phone else { throw Refusal.invalid("phone", "is required") }
    let runtime = call.subject
    try await runtime.outside.revocations.append(
      Revocation(
        phone: phone, action: .optOut, method: "api", evidence: evidence, actor: call.actor.name,
        at: runtime.outside.now()),
      tenant: runtime.lease.tenant)
    let row = try await runtime.file.read { db in
      try Row.fetchOne(db, sql: "SELECT * FROM do_not_contact WHERE phone = ?", arguments: [phone]).map(json)
    }
    guard let row else { throw Refusal.unavailable("The opt-out is recorded and holds; its row is not readable yet.") }
    return row.response(status: .created)
  }
}
