import ControlPlane
import Hummingbird
import TenantRuntime

/// The platform's audit log under `/api/v1/admin`.
enum AdminAuditRoutes {
  static let all: [Route<ControlPlane>] = [
    Route(
      .get, "audit-log", needs: .readPlatformAuditLog, about: "Who changed what of the platform, the newest first",
      query: AuditRequests.query, answers: [.page(.auditEntry)]
    ) { call in try await AuditRequests.list(call, call.subject.commands.audit, of: nil) },
    Route(
      .get, "audit-log.csv", needs: .readPlatformAuditLog, about: "The same as a CSV file", query: AuditFilter.fields,
      answers: [.csv]
    ) { call in try await AuditRequests.export(call, call.subject.commands.audit, of: nil) },
  ]
}
