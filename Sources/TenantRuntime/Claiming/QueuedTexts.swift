import GRDB

extension Runtime {
  /// Whether texts wait, be it for a turn or for a change outside of this file.
  package func hasQueuedTexts() async throws -> Bool {
    try await file.read { db in
      try Bool.fetchOne(db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM send_jobs WHERE state = 'queued')"))
        ?? false
    }
  }
}
