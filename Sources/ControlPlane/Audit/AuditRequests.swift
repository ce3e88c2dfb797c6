package import Hummingbird
import Synchronization
package import TenantRuntime

/// `audit-log` and `audit-log.csv`, a tenant's and the platform's.
package enum AuditRequests {
  package static let query: [QueryField] = .page + AuditFilter.fields

  package static func list<Subject>(
    _ call: Call<Subject>, _ logs: AuditLogs, of tenant: String?
  ) async throws -> Response {
    let cursor = Cursor(of: call)
    let position = try call.query("cursor").map { text in
      let values = try cursor.values(text, count: 2)
      return AuditLogs.Position(file: values[0], platform: values[1])
    }
    let limit = call.query("limit").flatMap(Int.init) ?? 100
    let (rows, next) = try await logs.rows(of: tenant, try AuditFilter(call), from: position ?? .newest, atMost: limit)
    let after = next.map { cursor.text([$0.file, $0.platform]) }
    return JSON.object([("data", .list(rows.map(\.json))), ("next_cursor", .optional(after))]).response()
  }

  package static func export<Subject>(
    _ call: Call<Subject>, _ logs: AuditLogs, of tenant: String?
  ) async throws -> Response {
    let filter = try AuditFilter(call)
    let position = Mutex<AuditLogs.Position?>(.newest)
    return try await Response.csv(name: "audit-log.csv", header: AuditLogs.Found.header) { _ in
      guard let from = position.withLock({ $0 }) else { return [] }
      try await call.stillMay()
      let (rows, next) = try await logs.rows(of: tenant, filter, from: from, atMost: 1_000)
      position.withLock { $0 = next }
      return rows.map { (id: $0.entry.id, fields: $0.line) }
    }
  }
}

extension Shape {
  package static let auditEntry = named(
    "AuditEntry",
    object([
      "id": id, "at": moment, "actor": text(example: "user:ada@acme.example"),
      "action": text(example: "campaign.launch"),
      "subject": text(example: "campaign:17"), "before": text(example: "draft").orNull,
      "after": text(example: "starting").orNull, "address": text(example: "192.0.2.7"),
      "request_id": text(example: "0123456789abcdef").orNull, "source": choice(["tenant", "platform"]),
    ]))
}
