import GRDB

extension Runtime {
  private static let supportHour: Int64 = 3_600

  /// The tenant's log shows when platform staff looked in: a row an hour.
  package func noteSupport(_ caller: Caller) async throws {
    guard caller.isSupport else { return }
    let since = dependencies.now().advanced(bySeconds: -Self.supportHour)
    let isNoted = try await file.read { db in
      try Bool.fetchOne(
        db.cachedStatement(
          sql: "SELECT EXISTS (SELECT 1 FROM audit_log WHERE actor = ? AND action = 'support.access' AND at > ?)"),
        arguments: [caller.name, since]) ?? false
    }
    if isNoted { return }
    try await transact(caller) { change in try change.audit("support.access", "tenant") }
  }
}
