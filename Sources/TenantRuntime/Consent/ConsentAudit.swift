import Foundation
import GRDB

/// What people write down of others' consent, in the audit log: without a number, which an erasure could not take from it.
enum ConsentAudit {
  /// Behind the one log of opt-outs, which must not wait for this: asked again after a failure, it is there.
  static func opted(_ change: Transaction, out phones: [PhoneNumber]) throws {
    guard phones.count == 1, let phone = phones.first else {
      return try change.audit("do_not_contact.add", "do_not_contact", after: numbers(phones.count))
    }
    try change.audit("do_not_contact.add", try subject(change.db, phone), after: numbers(1))
  }

  static func stated(
    _ change: Transaction, _ action: Revocation.Action, _ phone: PhoneNumber, purpose: CampaignPurpose?
  ) throws {
    let verb = action == .optIn ? "consent.grant" : "consent.revoke"
    try change.audit(verb, try subject(change.db, phone), after: purpose?.rawValue ?? "every purpose")
  }

  private static func numbers(_ count: Int) -> String { JSON.object([("numbers", .int(count))]).serialized }

  /// The contact who has the number, else a keyed digest of it.
  private static func subject(_ db: Database, _ phone: PhoneNumber) throws -> String {
    if let id = try Int64.fetchOne(
      db.cachedStatement(sql: "SELECT id FROM contacts WHERE phone = ?"), arguments: [phone])
    {
      return "contact:\(id)"
    }
    let hash = ErasedNumbers.hash(phone, try ErasedNumbers.key(db))
    return "number:" + hash.prefix(8).map { String(format: "%02x", $0) }.joined()
  }
}
