import Crypto
import Foundation
import GRDB

/// Forgets a person. What stays: the sums of reports, and the least that keeps the number from being texted again, by the tenant's
/// setting either the number on the do-not-contact list or only a keyed hash of it.
///
/// Rows of the ledger stay, for reports and budgets, under a number nobody can have (country code 999 is not assigned, ITU-T E.164).
enum ContactErasure {
  enum Kept: String, CaseIterable, Sendable { case number, hash }

  static func erase(_ db: Database, contact: Int64, phone: PhoneNumber, key: [UInt8], at: Moment) throws -> Kept {
    let kept = try TenantSettings.read(db).erasureKeeps
    try db.execute(
      sql: """
        UPDATE link_hits SET user_agent = '', address = '', facts = '{}'
        WHERE send_job_id IN (SELECT id FROM send_jobs WHERE phone = ?)
        """, arguments: [phone])
    try db.execute(
      sql: """
        UPDATE webhook_events SET body = '' WHERE send_job_id IN (SELECT id FROM send_jobs WHERE phone = ?1)
        OR sid IN (SELECT sid FROM messages WHERE phone = ?1 AND sid IS NOT NULL)
        """, arguments: [phone])
    try db.execute(sql: "DELETE FROM import_rejects WHERE instr(original, ?) > 0", arguments: [phone.areaLocal])
    for table in ["events", "conversations", "messages", "consents"] {
      try db.execute(sql: "DELETE FROM \(table) WHERE phone = ?", arguments: [phone])
    }
    try db.execute(
      sql: "UPDATE send_jobs SET phone = 999000000000000 + id, contact_id = NULL, message_id = NULL WHERE phone = ?",
      arguments: [phone])
    try db.execute(
      sql: "DELETE FROM import_changes WHERE contact_id = ?", arguments: [contact])
    try Contact.delete(db, id: contact)
    if kept == .hash {
      try db.execute(sql: "DELETE FROM do_not_contact WHERE phone = ?", arguments: [phone])
      try db.execute(
        sql: "INSERT INTO erased_numbers (hash, since) VALUES (?, ?) ON CONFLICT DO NOTHING",
        arguments: [hash(phone, key), at])
    }
    return kept
  }

  static func isErased(_ db: Database, _ phone: PhoneNumber, key: [UInt8]) throws -> Bool {
    try Bool.fetchOne(
      db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM erased_numbers WHERE hash = ?)"),
      arguments: [hash(phone, key)]) ?? false
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
