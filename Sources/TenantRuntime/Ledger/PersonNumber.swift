package import GRDB

/// A number that a contact has or had, and the part of its history that is this person's.
///
/// What was written to and from a number while its person had it stays that person's after a change or a merge. What comes later is of
/// the one who has the number then, or still of the one who had it last, as long as nobody has. So a record, a timeline and an erasure follow
/// the person and take nothing of anybody else.
package struct PersonNumber: Sendable {
  var phone: PhoneNumber
  /// After this moment …
  var after: Int64
  /// … up to this one.
  var through: Int64
  /// The same bounds for `consents`, whose times may be long past: their numbers.
  var consentsAfter: Int64
  var consentsThrough: Int64
  /// Another contact has it now: what limits it is that one's.
  var isAnothers: Bool

  /// The contact's numbers, the one it has now first.
  static func all(_ db: Database, contact id: Int64, phone: PhoneNumber) throws -> [PersonNumber] {
    let begun = try before(db, phone)
    let now = PersonNumber(
      phone: phone, after: begun.moment, through: .max, consentsAfter: begun.consents, consentsThrough: .max,
      isAnothers: false)
    let rows = try Row.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT f.*, EXISTS (SELECT 1 FROM contacts WHERE phone = f.phone) AS taken,
            EXISTS (SELECT 1 FROM former_numbers n WHERE n.phone = f.phone AND n.id > f.id) AS followed
          FROM former_numbers f WHERE contact_id = ? ORDER BY id DESC
          """), arguments: [id])
    return [now]
      + rows.map { row in
        let isLast = !(row["taken"] as Bool) && !(row["followed"] as Bool)
        return PersonNumber(
          phone: row["phone"], after: row["since"], through: isLast ? .max : row["until"],
          consentsAfter: row["consents_since"], consentsThrough: isLast ? .max : row["consents_until"],
          isAnothers: (row["taken"] as Bool) && row["phone"] as PhoneNumber != phone)
      }
  }

  /// Where the history ends that is of those who had the number before.
  private static func before(_ db: Database, _ phone: PhoneNumber) throws -> (moment: Int64, consents: Int64) {
    let row = try Row.fetchOne(
      db.cachedStatement(
        sql: "SELECT until, consents_until FROM former_numbers WHERE phone = ? ORDER BY id DESC LIMIT 1"),
      arguments: [phone])
    return (row?["until"] ?? -1, row?["consents_until"] ?? -1)
  }

  /// The number that the last owner of this one has now; nil when it is somebody's, or was nobody's.
  package static func current(_ db: Database, formerly phone: PhoneNumber) throws -> PhoneNumber? {
    try PhoneNumber.fetchOne(
      db.cachedStatement(
        sql: """
          SELECT c.phone FROM former_numbers f JOIN contacts c ON c.id = f.contact_id
          WHERE f.id = (SELECT max(id) FROM former_numbers WHERE phone = ?1) AND NOT EXISTS (SELECT 1 FROM contacts WHERE phone = ?1)
          """), arguments: [phone])
  }

  /// The contact gives the number up, or comes by its history: in the transaction of the change.
  static func leave(_ db: Database, _ phone: PhoneNumber, contact: Int64, at: Moment) throws {
    let begun = try before(db, phone)
    try db.execute(
      sql: """
        INSERT INTO former_numbers (contact_id, phone, since, until, consents_since, consents_until)
        VALUES (?1, ?2, ?3, ?4, ?5, (SELECT ifnull(max(no), 0) FROM consents WHERE phone = ?2))
        """, arguments: [contact, phone, begun.moment, max(begun.moment, at.milliseconds), begun.consents])
  }

  /// Two contacts become one.
  static func inherit(_ db: Database, from other: Int64, to contact: Int64) throws {
    try db.execute(
      sql: "UPDATE former_numbers SET contact_id = ? WHERE contact_id = ?", arguments: [contact, other])
  }

  /// For a statement that begins `… WHERE phone = ?`.
  static let during = "phone = ? AND at > ? AND at <= ?"
  package var bounds: StatementArguments { [phone, after, through] }
}
