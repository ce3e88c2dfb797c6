package import Foundation
package import GRDB

/// The chain of a log as a whole: its newest row, its check, and what age takes away.
///
/// `audit_anchor` has the id and the digest of the newest row that is gone by its age, or that was there before rows were chained. Triggers refuse to
/// change a row, and to delete one above the anchor.
package enum AuditChain {
  /// The newest row, or the anchor of a log that has none.
  package struct Head: Sendable, Equatable {
    package var id: Int64
    package var at: Moment
    package var digest: Data
  }

  package static func last(_ db: Database) throws -> Head {
    let row = try Row.fetchOne(
      db.cachedStatement(sql: "SELECT id, at, digest FROM audit_log WHERE id > 0 ORDER BY id DESC LIMIT 1"))
    if let row { return Head(id: row[0], at: row[1], digest: (row[2] as Data?) ?? Data()) }
    let anchor = try Row.fetchOne(db.cachedStatement(sql: "SELECT audit_id, digest FROM audit_anchor WHERE id = 1"))
    return Head(id: anchor?[0] ?? 0, at: Moment(milliseconds: 0), digest: anchor?[1] ?? Data())
  }

  /// What is wrong first, if anything.
  package struct Check: Sendable {
    package var rows = 0
    /// From before rows were chained.
    package var unchained = 0
    /// Whose words an erasure has taken away.
    package var erased = 0
    package var head = Head(id: 0, at: Moment(milliseconds: 0), digest: Data())
    package var wrong: (id: Int64, what: String)?
    /// Whole in itself, and not what was noted of it outside the file: rows were cut off, or it is an older file.
    package var departs: (id: Int64, what: String)?
  }

  /// Whether the log has had this row, as it was noted: it is there, or gone by its age.
  package static func has(_ db: Database, _ id: Int64, _ digest: Data) throws -> Bool {
    let anchor = try Row.fetchOne(db.cachedStatement(sql: "SELECT audit_id, digest FROM audit_anchor WHERE id = 1"))
    if let anchor, id < anchor[0] as Int64 || (id == anchor[0] && digest == anchor[1] as Data) { return true }
    return try Data.fetchOne(db.cachedStatement(sql: "SELECT digest FROM audit_log WHERE id = ?"), arguments: [id])
      == digest
  }

  /// - Parameter remembered: a head that was noted outside the file.
  package static func check(_ db: Database, remembered: (id: Int64, digest: Data)? = nil) throws -> Check {
    var check = Check()
    guard try db.tableExists("audit_anchor") else {
      // Of a former release, which chained nothing; one that once had a head has lost its chain.
      check.unchained = try Int.fetchOne(db.cachedStatement(sql: "SELECT count(*) FROM audit_log")) ?? 0
      check.departs = remembered.map { ($0.id, "its rows were chained once, and are not") }
      return check
    }
    let anchor = try Row.fetchOne(db.cachedStatement(sql: "SELECT audit_id, digest FROM audit_anchor WHERE id = 1"))
    guard let anchor else {
      check.wrong = (0, "the row is gone that says where the log begins")
      return check
    }
    check.head = Head(id: anchor[0], at: Moment(milliseconds: 0), digest: anchor[1])
    let start = check.head.id
    let rows = try Row.fetchCursor(db, sql: "SELECT * FROM audit_log ORDER BY id")
    while let row = try rows.next() {
      let entry = AuditEntry(row)
      if entry.id <= start {
        check.unchained += 1
        continue
      }
      if let what = problem(row, entry, behind: check.head, erased: &check.erased) {
        check.wrong = (entry.id, what)
        return check
      }
      check.head = Head(id: entry.id, at: entry.at, digest: row["digest"])
      check.rows += 1
    }
    if let remembered, try !has(db, remembered.id, remembered.digest) {
      check.departs = (
        remembered.id,
        remembered.id > check.head.id
          ? "the log ends at row \(check.head.id), and once had row \(remembered.id)"
          : "it is not the row that was noted outside the file"
      )
    }
    return check
  }

  private static func problem(_ row: Row, _ entry: AuditEntry, behind head: Head, erased: inout Int) -> String? {
    guard entry.id == head.id + 1 else { return "rows are missing before it, from \(head.id + 1) on" }
    guard let digest = row["digest"] as Data?, let detail = row["detail_digest"] as Data? else {
      return "it was not written by the program"
    }
    if let salt = row["salt"] as Data? {
      guard entry.detailDigest(salt: salt) == detail else { return "what was before or after has been changed" }
    } else {
      erased += 1
    }
    guard entry.digest(after: head.digest, detail: detail) == digest else {
      return "it has been changed, or another row stood before it"
    }
    return nil
  }

  /// Deletes so many of the oldest rows from before `end`; true when there may be more.
  package static func sweep(_ db: Database, before end: Moment, atMost limit: Int = 1_000) throws -> Bool {
    let rows = try Row.fetchAll(
      db.cachedStatement(sql: "SELECT id, at, digest FROM audit_log WHERE id > 0 ORDER BY id LIMIT ?"),
      arguments: [limit])
    let old = rows.prefix { ($0[1] as Moment) < end }
    guard let last = old.last else { return false }
    try db.execute(
      sql: "UPDATE audit_anchor SET audit_id = ?, digest = ? WHERE audit_id < ?",
      arguments: [last[0] as Int64, (last[2] as Data?) ?? Data(), last[0] as Int64])
    try db.execute(sql: "DELETE FROM audit_log WHERE id <= ?", arguments: [last[0] as Int64])
    return old.count == limit
  }
}
