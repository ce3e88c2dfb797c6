import Crypto
import Foundation
import GRDB

/// Forgets a person. What stays: the sums of reports, and the least that keeps the number from being texted again, by the tenant's
/// setting either the number on the do-not-contact list or only a keyed hash of it.
///
/// The intake keeps the opt-out itself for as long as any backup (a restored file must not forget it), so its row there names the
/// number until then, whatever the setting.
///
/// Rows of the ledger stay, for reports and budgets, under a number nobody can have (country code 999 is not assigned, ITU-T E.164).
enum ContactErasure {
  enum Kept: String, CaseIterable, Sendable { case number, hash }

  static func erase(_ db: Database, contact: Int64, phone: PhoneNumber, at: Moment) throws -> Kept {
    let kept = try TenantSettings.read(db).erasureKeeps
    try db.execute(
      sql: """
        UPDATE link_hits SET client_id = NULL, address = ''
        WHERE id IN (
          SELECT hit_id FROM link_hits_of_jobs
          WHERE send_job_id IN (SELECT id FROM send_jobs WHERE phone = ? AND claimed_at IS NOT NULL))
        """, arguments: [phone])
    try db.execute(
      sql: """
        UPDATE webhook_events SET body = '' WHERE send_job_id IN (SELECT id FROM send_jobs WHERE phone = ?1 AND claimed_at IS NOT NULL)
        OR sid IN (SELECT sid FROM messages WHERE phone = ?1 AND sid IS NOT NULL)
        """, arguments: [phone])
    try eraseImports(
      db, phone, email: try String.fetchOne(db, sql: "SELECT email FROM contacts WHERE id = ?", arguments: [contact]))
    // The audit log says to whom a test was sent.
    try db.execute(
      sql: """
        UPDATE audit_log SET before = replace(before, ?1, 'erased'), after = replace(after, ?1, 'erased')
        WHERE instr(before, ?1) > 0 OR instr(after, ?1) > 0
        """, arguments: [phone.description])
    // Remembered answers quote what was written to people; the number stands in each.
    try db.execute(sql: "DELETE FROM idempotency_keys WHERE instr(answer, ?) > 0", arguments: [phone.description])
    // Whoever was on trial for an opt-out has opted out by now: that came first, through the one door.
    for table in [
      "outbox", "webhook_deliveries", "events", "conversations", "messages", "consents", "opt_out_reviews",
    ] {
      try db.execute(sql: "DELETE FROM \(table) WHERE phone = ?", arguments: [phone])
    }
    try db.execute(
      sql: """
        UPDATE send_jobs SET phone = \(SendJob.erasedPhones) + id, contact_id = NULL, message_id = NULL, check_at = NULL
        WHERE id IN (\(SendJob.idsOfPhone))
        """,
      arguments: [phone])
    try db.execute(
      sql: "DELETE FROM import_changes WHERE contact_id = ?", arguments: [contact])
    try Contact.delete(db, id: contact)
    if kept == .hash {
      for table in ["do_not_contact", "bad_numbers"] {
        try db.execute(sql: "DELETE FROM \(table) WHERE phone = ?", arguments: [phone])
      }
      try db.execute(
        sql: "INSERT INTO erased_numbers (hash, since) VALUES (?, ?) ON CONFLICT DO NOTHING",
        arguments: [hash(phone, try key(db)), at])
    }
    return kept
  }

  /// What imports keep of their files: rejected rows in any spelling of the number, samples, and the place an import had come to.
  private static func eraseImports(_ db: Database, _ phone: PhoneNumber, email: String?) throws {
    let digits = " -().+/".reduce("original") { "replace(\($0), '\($1)', '')" }
    try db.execute(sql: "DELETE FROM import_rejects WHERE instr(\(digits), ?) > 0", arguments: [phone.areaLocal])
    if let email { try eraseRejects(db, email: email.lowercased()) }
    try db.execute(
      sql:
        "UPDATE import_batches SET difference = json_set(difference, '$.sample', json('[]')) WHERE instr(difference, ?) > 0",
      arguments: [phone.areaLocal])
    // Whose values stand among the samples of columns nobody can tell.
    try db.execute(
      sql:
        "UPDATE import_batches SET choices = json_set(choices, '$.samples', json('[]')) WHERE json_array_length(choices, '$.samples') > 0"
    )
    try db.execute(
      sql: "UPDATE import_batches SET cursor = 0 WHERE cursor = ? AND state NOT IN ('checking', 'applying')",
      arguments: [phone])
    try ContactSearch.askCleaning(db)
  }

  /// Of ann@x.test, not of joann@x.test.
  private static func eraseRejects(_ db: Database, email: String) throws {
    let rows = try Row.fetchAll(
      db, sql: "SELECT import_id, row_number, original FROM import_rejects WHERE instr(lower(original), ?) > 0",
      arguments: [email])
    for row in rows where contains(row["original"], word: email) {
      try db.execute(
        sql: "DELETE FROM import_rejects WHERE import_id = ? AND row_number = ?",
        arguments: [row["import_id"] as Int64, row["row_number"] as Int64])
    }
  }

  private static func contains(_ text: String, word: String) -> Bool {
    let (text, word) = (Array(text.lowercased().utf8), Array(word.utf8))
    let isPart = { (byte: UInt8) in
      byte >= 0x80 || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || "0123456789.-_+%@".utf8.contains(byte)
    }
    var start = 0
    while let found = text[start...].firstRange(of: word) {
      let before = found.lowerBound > 0 ? text[found.lowerBound - 1] : UInt8(ascii: ",")
      let after = found.upperBound < text.count ? text[found.upperBound] : UInt8(ascii: ",")
      if !isPart(before), !isPart(after) { return true }
      start = found.lowerBound + 1
    }
    return false
  }

  /// Uploads that wait for their dry run to be committed hold everybody's data; they go too. Answers their names.
  static func uploads(_ db: Database) throws -> [String] {
    let files = try String.fetchAll(
      db, sql: "SELECT file FROM import_batches WHERE mode = 'dry-run' AND file <> '' AND state = 'completed'")
    try db.execute(sql: "UPDATE import_batches SET file = '' WHERE mode = 'dry-run' AND state = 'completed'")
    return files
  }

  /// Tells erased numbers; costs nothing where nobody was erased.
  static func blocker(_ db: Database) throws -> (PhoneNumber) throws -> Bool {
    guard try hasAny(db) else { return { _ in false } }
    let key = try key(db)
    return { phone in try isErased(db, phone, key: key) }
  }

  private static func isErased(_ db: Database, _ phone: PhoneNumber, key: [UInt8]) throws -> Bool {
    try Bool.fetchOne(
      db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM erased_numbers WHERE hash = ?)"),
      arguments: [hash(phone, key)]) ?? false
  }

  /// Of the file, whatever becomes of its link keys.
  private static func key(_ db: Database) throws -> [UInt8] {
    try Identity.hashKey(db)
  }

  /// Somebody whose number is kept as a hash alone has come back; true when there was one.
  static func lift(_ db: Database, _ phone: PhoneNumber, grantedAt: Moment) throws -> Bool {
    guard try hasAny(db) else { return false }
    try db.execute(
      sql: "DELETE FROM erased_numbers WHERE hash = ? AND since < ?",
      arguments: [hash(phone, try key(db)), grantedAt])
    return db.changesCount > 0
  }

  static func hasAny(_ db: Database) throws -> Bool {
    try Bool.fetchOne(db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM erased_numbers)")) ?? false
  }

  private static func hash(_ phone: PhoneNumber, _ key: [UInt8]) -> Data {
    Data(HMAC<SHA256>.authenticationCode(for: Array("erased:\(phone.digits)".utf8), using: SymmetricKey(data: key)))
  }
}

extension PhoneNumber {
  /// The digits as a list would most likely hold them: without the country code of North America.
  fileprivate var areaLocal: String { areaCode == nil ? String(digits) : String(String(digits).dropFirst()) }
}
