import Crypto
import Foundation
import GRDB

/// Forgets a person under every number they have and had (`PersonNumber`). What stays: the sums of reports, and the least that keeps the
/// numbers from being texted again, by the tenant's setting either the number on the do-not-contact list or only a keyed hash of it. A
/// number that another contact has now stays as it is: what limits it is that one's.
///
/// The intake keeps the opt-out itself for as long as any backup (a restored file must not forget it), so its row there names the
/// number until then, whatever the setting; the words go (`RevocationLog.forgetWords`).
///
/// Rows of the ledger stay, for reports and budgets, under a number nobody can have (country code 999 is not assigned, ITU-T E.164).
///
/// One transaction does all of it that an index leads to. What stands in tables that can only be looked through is `ErasureRest`'s.
///
/// Which columns hold something of a person, and which never do, is listed in `ContactErasureTests`, held against the schema.
enum ContactErasure {
  /// Of the opt-out that comes with it.
  static let method = ErasedNumbers.method

  typealias Kept = ErasureKeeps

  static func erase(_ db: Database, contact id: Int64, at: Moment) throws -> Kept {
    let kept = try TenantSettings.read(db).erasureKeeps
    let contact = try ContactJSON.find(db, id)
    let numbers = try PersonNumber.all(db, contact: id, phone: contact["phone"])
    try eraseImports(db)
    for number in numbers {
      try eraseClicks(db, number)
      try eraseImports(db, number)
      try eraseNotes(db, number)
      try eraseReports(db, number)
      try eraseEvents(db, number, at: at)
      try eraseTexts(db, number)
      try db.execute(
        sql: "DELETE FROM consents WHERE phone = ? AND no > ? AND no <= ?",
        arguments: [number.phone, number.consentsAfter, number.consentsThrough])
      try eraseLedger(db, number, of: id)
    }
    try ErasureRest.begin(db, numbers, email: contact["email"])
    try db.execute(sql: "DELETE FROM former_numbers WHERE contact_id = ?", arguments: [id])
    try db.execute(
      sql: "DELETE FROM import_changes WHERE import_id IN (SELECT id FROM import_batches) AND contact_id = ?",
      arguments: [id])
    try Contact.delete(db, id: id, as: .erased, at: at)
    try ContactSearch.askCleaning(db)
    for number in numbers where !number.isAnothers {
      if kept == .hash { try forgetNumber(db, number.phone) }
      try db.execute(
        sql: "INSERT INTO erased_numbers (hash, since) VALUES (?, ?) ON CONFLICT DO UPDATE SET since = excluded.since",
        arguments: [ErasedNumbers.hash(number.phone, try ErasedNumbers.key(db)), at])
    }
    return kept
  }

  /// Of the opt-out that comes with it: names the contact, for a file that is put back and has them again.
  static func event(contact: Int64, random: UInt64) -> String { "\(method):\(contact):\(String(random, radix: 16))" }

  /// A file put back from a copy that is older than an erasure has the person again: the same contact, who has or has had the number.
  static func eraseAgain(_ db: Database, _ erasure: Revocation) throws {
    let parts = erasure.id.split(separator: ":")
    guard erasure.method == method, parts.count == 3, parts[0] == method, let id = Int64(parts[1]),
      let phone = try PhoneNumber.fetchOne(
        db.cachedStatement(sql: "SELECT phone FROM contacts WHERE id = ?"), arguments: [id]),
      try PersonNumber.all(db, contact: id, phone: phone).contains(where: { $0.phone == erasure.phone })
    else { return }
    _ = try erase(db, contact: id, at: erasure.at)
  }

  private static let jobs = "SELECT id FROM send_jobs WHERE \(SendJob.claimedDuring)"

  private static func eraseClicks(_ db: Database, _ number: PersonNumber) throws {
    try db.execute(
      sql: """
        UPDATE link_hits SET client_id = NULL, address = ''
        WHERE id IN (SELECT hit_id FROM link_hits_of_jobs WHERE send_job_id IN (\(jobs)))
        """, arguments: number.bounds)
  }

  /// Where a number stands in what waits; the rest is `ErasureRest`'s.
  private static func eraseNotes(_ db: Database, _ number: PersonNumber) throws {
    if number.isAnothers { return }
    // The opt-out itself is logged by now.
    try db.execute(
      sql: "DELETE FROM unlogged_revocations WHERE json_extract(revocation, '$.phone') = ?", arguments: [number.phone])
    let digits = String(number.phone.digits)
    let kept = try Row.fetchAll(
      db.cachedStatement(sql: "SELECT id, event FROM refused_events WHERE instr(event, ?) > 0"), arguments: [digits])
    for event in kept where NumberMention.isIn(event["event"], written: digits) {
      try db.execute(sql: "DELETE FROM refused_events WHERE id = ?", arguments: [event["id"] as Int64])
    }
  }

  /// Forms as they came, by the SID they are indexed by: of what was written to the person, of what they wrote, and of reports about a
  /// text that nobody here knows of, which their events name.
  private static func eraseReports(_ db: Database, _ number: PersonNumber) throws {
    for sids in [
      "SELECT sid FROM send_jobs WHERE \(SendJob.claimedDuring)",
      "SELECT sid FROM messages WHERE \(PersonNumber.during)",
      "SELECT data ->> '$.sid' FROM events WHERE \(PersonNumber.during) AND type = '\(Event.Kind.orphanReport.rawValue)'",
    ] {
      try db.execute(sql: "UPDATE webhook_events SET body = '' WHERE sid IN (\(sids))", arguments: number.bounds)
    }
  }

  private static func eraseEvents(_ db: Database, _ number: PersonNumber, at: Moment) throws {
    let events = "SELECT id FROM events WHERE \(PersonNumber.during)"
    for table in ["outbox", "webhook_deliveries"] {
      try db.execute(
        sql: "DELETE FROM \(table) WHERE phone = ? AND event_id IN (\(events))",
        arguments: [number.phone] + number.bounds)
    }
    try db.execute(sql: "DELETE FROM webhook_deliveries WHERE \(PersonNumber.during)", arguments: number.bounds)
    try db.execute(sql: "DELETE FROM events WHERE \(PersonNumber.during)", arguments: number.bounds)
    // What waited behind them is next.
    try db.execute(
      sql: """
        UPDATE outbox SET due_at = ?1 WHERE due_at IS NULL
        AND id IN (SELECT min(id) FROM outbox WHERE phone = ?2 GROUP BY endpoint_id)
        """, arguments: [at, number.phone])
  }

  private static func eraseTexts(_ db: Database, _ number: PersonNumber) throws {
    // Anyone who was on trial for an opt-out has opted out by now: that came first, into the one log.
    for table in ["messages", "opt_out_reviews"] {
      try db.execute(sql: "DELETE FROM \(table) WHERE \(PersonNumber.during)", arguments: number.bounds)
    }
    let written = "SELECT m.id FROM messages m WHERE m.phone = conversations.phone AND m.number = conversations.number"
    try db.execute(
      sql: "DELETE FROM conversations WHERE phone = ? AND NOT EXISTS (\(written))", arguments: [number.phone])
    try db.execute(
      sql: """
        UPDATE conversations SET last_message_id = (\(written) ORDER BY m.id DESC LIMIT 1)
        WHERE phone = ? AND last_message_id NOT IN (SELECT id FROM messages)
        """, arguments: [number.phone])
  }

  private static func eraseLedger(_ db: Database, _ number: PersonNumber, of contact: Int64) throws {
    try db.execute(
      sql: """
        UPDATE send_jobs SET phone = \(SendJob.erasedPhones) + id, contact_id = NULL, message_id = NULL, check_at = NULL
        WHERE id IN (\(SendJob.idsOfPhone)) AND (claimed_at > ?3 AND claimed_at <= ?4 OR claimed_at IS NULL
        AND (contact_id = ?2 OR contact_id IS NULL AND NOT ?5))
        """,
      arguments: [number.phone, contact, number.after, number.through, number.isAnothers])
  }

  private static func forgetNumber(_ db: Database, _ phone: PhoneNumber) throws {
    for table in ["do_not_contact", "bad_numbers"] {
      try db.execute(sql: "DELETE FROM \(table) WHERE phone = ?", arguments: [phone])
    }
  }

  /// What imports keep of their files: samples, and the place an import had come to. Rejected rows are `ErasureRest`'s.
  private static func eraseImports(_ db: Database, _ number: PersonNumber) throws {
    try db.execute(
      sql: """
        UPDATE import_batches SET difference = json_set(difference, '$.sample', json('[]'))
        WHERE instr(difference, ?) > 0 AND created_at > ? AND created_at <= ?
        """, arguments: [number.phone.areaLocal, number.after, number.through])
    try db.execute(
      sql: "UPDATE import_batches SET cursor = 0 WHERE cursor = ? AND state NOT IN ('checking', 'applying')",
      arguments: [number.phone])
  }

  /// Whose values stand among the samples of columns, and in notices that quote the file, nobody knows.
  private static func eraseImports(_ db: Database) throws {
    try db.execute(
      sql:
        "UPDATE import_batches SET choices = json_set(choices, '$.samples', json('[]')) WHERE json_array_length(choices, '$.samples') > 0"
    )
    let quoting = "value ->> '$.code' IN ('encoding', 'uncertain_encoding')"
    try db.execute(
      sql: """
        UPDATE import_batches SET choices = json_set(choices, '$.notices', json((
          SELECT json_group_array(json(value)) FROM json_each(choices, '$.notices') WHERE NOT \(quoting))))
        WHERE EXISTS (SELECT 1 FROM json_each(choices, '$.notices') WHERE \(quoting))
        """)
  }

  /// Uploads that wait for their dry run to be committed hold everybody's data; they go too. Answers their names.
  static func uploads(_ db: Database) throws -> [String] {
    let files = try String.fetchAll(
      db.cachedStatement(
        sql: "SELECT file FROM import_batches WHERE mode = 'dry-run' AND file <> '' AND state = 'completed'"))
    try db.execute(sql: "UPDATE import_batches SET file = '' WHERE mode = 'dry-run' AND state = 'completed'")
    return files
  }
}

extension PhoneNumber {
  /// The digits as a list would most likely hold them: without the country code of North America.
  var areaLocal: String { areaCode == nil ? String(digits) : String(String(digits).dropFirst()) }
}
