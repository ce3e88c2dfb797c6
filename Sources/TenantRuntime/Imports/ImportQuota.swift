import GRDB

/// An import and the quota of contacts.
extension ImportWorker {
  /// How many new contacts it is let in with. Rows are counted against the contacts only where they might not all fit: an import is refused before
  /// its first row, or goes through.
  func reserve(
    _ check: CheckedFile, _ batch: ImportBatch
  ) async throws -> (contacts: Int64, hasCounted: Bool) {
    guard batch.mode == .commit, let limit = runtime.lease.quotas[.contacts] else { return (0, false) }
    let used = try await runtime.file.read { db in try QuotaUse.contacts(db) }
    if used + Int64(check.accepted) <= limit { return (Int64(check.accepted), false) }
    var (fresh, cursor) = (Int64(0), Int64(0))
    while true {
      let behind = cursor
      let slice = try await nextSlice(check, atMost: 5_000, behind: behind)
      if slice.isEmpty { return (fresh, true) }
      try runtime.leaveIfAsked()
      fresh += try await runtime.file.read { db in try slice.withRows { try Self.fresh(db, $0) } }
      cursor = max(cursor, slice.lastPhone)
    }
  }

  /// How many of these people are no contacts yet.
  private static func fresh(_ db: Database, _ rows: [EncodedRow]) throws -> Int64 {
    var contacts = try PhoneWalk(db, "SELECT phone FROM contacts WHERE phone >= ? ORDER BY phone")
    defer { contacts.end() }
    var count: Int64 = 0
    for row in rows where try contacts.find(row.phone) == nil { count += 1 }
    return count
  }

  /// In the transaction that lets it in.
  static func refuseMore(_ db: Database, _ quotas: Quotas, adding contacts: Int64) throws {
    guard quotas[.contacts] != nil,
      let refusal = quotas.refusal(.contacts, used: try QuotaUse.contacts(db), adding: contacts)
    else { return }
    throw ImportFailure(reason: refusal)
  }
}
