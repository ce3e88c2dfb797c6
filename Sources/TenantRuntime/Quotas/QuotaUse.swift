package import GRDB

/// What of its quotas a tenant's file uses, by what it says within the transaction that wants more.
package enum QuotaUse {
  /// Those that an import under way has still to make count already: it is never cut off half-way.
  package static func contacts(_ db: Database) throws -> Int64 {
    try Int64.fetchOne(
      db.cachedStatement(
        sql: """
          SELECT (SELECT count(*) FROM contacts) + ifnull((
            SELECT sum(max(0, reserved_contacts - created)) FROM import_batches WHERE state = 'applying' AND mode = 'commit'), 0)
          """)) ?? 0
  }

  /// Of the file, without what it has free.
  package static func storageMB(_ db: Database) throws -> Int64 {
    let pages = try Int64.fetchOne(db, sql: "PRAGMA page_count") ?? 0
    let free = try Int64.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0
    let bytes = (pages - free) * (try Int64.fetchOne(db, sql: "PRAGMA page_size") ?? 0)
    return bytes >> 20
  }

  package static func imports(_ db: Database) throws -> Int64 {
    try Int64.fetchOne(
      db.cachedStatement(sql: "SELECT count(*) FROM import_batches WHERE state IN ('checking', 'applying')")) ?? 0
  }

  /// Texts claimed in the month of the tenant's calendar.
  package static func texts(_ db: Database, zone: String, now: Moment) throws -> Int64 {
    try Budget.read(db, zone: zone, now: now).textsThisMonth
  }
}

extension Transaction {
  func refuseMoreContacts(_ more: Int64 = 1) throws {
    guard lease.quotas[.contacts] != nil else { return }
    try lease.quotas.check(.contacts, used: try QuotaUse.contacts(db), adding: more)
  }

  /// What makes a file grow waits for room; what is in it goes on.
  func refuseMoreStorage() throws {
    guard lease.quotas[.storageMB] != nil else { return }
    try lease.quotas.check(.storageMB, used: try QuotaUse.storageMB(db))
  }

  func refuseMoreImports() throws {
    guard lease.quotas[.importsAtOnce] != nil else { return }
    try lease.quotas.check(.importsAtOnce, used: try QuotaUse.imports(db))
  }
}
