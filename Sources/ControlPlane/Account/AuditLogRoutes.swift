import Hummingbird
import TenantRuntime

/// `audit-log` among a tenant's addresses: what its people and the platform have changed.
enum AuditLogRoutes {
  static let all: [Route<Account>] = [
    Route(
      .get, "audit-log", needs: .readAuditLog, about: "Who changed what, the newest first", query: AuditRequests.query,
      answers: [.page(.auditEntry)]
    ) { call in try await AuditRequests.list(call, call.subject.commands.audit, of: call.subject.key) },
    Route(
      .get, "audit-log.csv", needs: .readAuditLog, about: "The same as a CSV file", query: AuditFilter.fields,
      answers: [.csv]
    ) { call in try await AuditRequests.export(call, call.subject.commands.audit, of: call.subject.key) },
  ]
}
