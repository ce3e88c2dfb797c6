import GRDB
import Synchronization
package import TenantRuntime

/// Reads the audit logs: a tenant's, which is what its file has and what the platform has noted about it, and the platform's own.
package struct AuditLogs: Sendable {
  let directory: TenantDirectory
  let open: OpenTenants

  init(directory: TenantDirectory, open: OpenTenants) { (self.directory, self.open) = (directory, open) }

  /// How far back a reader has come, in each of the two. Rows are only added above, so nothing is shown twice or left out.
  package struct Position: Sendable, Equatable {
    package var file: Int64
    package var platform: Int64

    package static let newest = Position(file: .max, platform: .max)
  }

  package struct Found: Sendable {
    package var entry: AuditEntry
    package var isPlatforms: Bool

    var json: JSON {
      .object((entry.json.members ?? []) + [("source", .text(isPlatforms ? "platform" : "tenant"))])
    }

    var line: [String] {
      [
        entry.at.iso8601, entry.actor, entry.action, entry.subject, entry.before ?? "", entry.after ?? "",
        entry.address, entry.requestID ?? "", isPlatforms ? "platform" : "tenant",
      ]
    }
    static let header = [
      "at", "actor", "action", "subject", "before", "after", "address", "request_id", "source",
    ]
  }

  /// The next rows below a position, the newest first; nil behind the last of them.
  /// - Parameter tenant: nil: all that the platform has noted.
  package func rows(
    of tenant: String?, _ filter: AuditFilter, from position: Position, atMost limit: Int
  ) async throws -> (rows: [Found], next: Position?) {
    let platform = try await directory.file.read { db in
      try filter.page(db, below: position.platform, of: tenant, atMost: limit + 1)
    }
    var own: [AuditEntry] = []
    if let tenant {
      own = try await open.with(tenant) { runtime in
        try await runtime.file.read { db in try filter.page(db, below: position.file, atMost: limit + 1) }
      }
    }
    let all = Self.merged(own, platform)
    let shown = Array(all.prefix(limit))
    var next = position
    for row in shown {
      if row.isPlatforms { next.platform = row.entry.id } else { next.file = row.entry.id }
    }
    return (shown, all.count > limit ? next : nil)
  }

  private static func merged(_ own: [AuditEntry], _ platform: [AuditEntry]) -> [Found] {
    var (left, right) = (own[...], platform[...])
    var rows: [Found] = []
    while let one = left.first, let other = right.first {
      if one.at > other.at {
        rows.append(Found(entry: left.removeFirst(), isPlatforms: false))
      } else {
        rows.append(Found(entry: right.removeFirst(), isPlatforms: true))
      }
    }
    return rows + left.map { Found(entry: $0, isPlatforms: false) } + right.map { Found(entry: $0, isPlatforms: true) }
  }
}
