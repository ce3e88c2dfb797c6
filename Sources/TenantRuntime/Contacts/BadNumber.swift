import GRDB
import Hummingbird

/// A number of which the provider has said that it cannot be texted: shown on its contact, and taken back by a person, by a text from it, or
/// by time.
enum BadNumber {
  private static let day: Int64 = 86_400
  /// The form of the number, or that it is a landline: this does not change soon.
  private static let lastingDays: Int64 = 400
  /// Nobody there now (30005), a carrier that does not take it now (30006): tried again after a month, then after two, then four.
  private static let firstDays: Int64 = 30

  /// What one try has brought counts once, whether its answer or a report brings it.
  static func note(_ db: Database, _ phone: PhoneNumber, code: Int, at: Moment) throws {
    let before = try Row.fetchOne(
      db.cachedStatement(sql: "SELECT times, until FROM bad_numbers WHERE phone = ?"), arguments: [phone])
    if let until = before?["until"] as Moment?, until > at { return }
    let times = min(before?["times"] ?? 0, 10) as Int64
    let days = [30_005, 30_006].contains(code) ? min(firstDays << times, lastingDays) : lastingDays
    try db.cachedStatement(
      sql: """
        INSERT INTO bad_numbers (phone, code, since, until, times) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET code = excluded.code, since = excluded.since, until = excluded.until, times = excluded.times
        """
    ).execute(arguments: [phone, code, at, at.advanced(bySeconds: days * day), times + 1])
  }

  /// True when it was held for bad.
  @discardableResult
  static func clear(_ db: Database, _ phone: PhoneNumber) throws -> Bool {
    try db.cachedStatement(sql: "DELETE FROM bad_numbers WHERE phone = ?").execute(arguments: [phone])
    return db.changesCount > 0
  }

  /// As its contact shows it, of a row of `ContactJSON.select`; after `until` it is tried again.
  static func json(_ row: Row) -> JSON {
    guard let code = row["bad_code"] as Int64? else { return .null }
    return ["code": .int(code), "since": row.moment("bad_since"), "until": row.moment("bad_until")]
  }

  /// `DELETE contacts/ID/invalid-number`: a person knows better.
  @Sendable static func clear(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "contact")
    try await call.transact { change in
      let phone: PhoneNumber = try ContactJSON.find(change.db, id)["phone"]
      if try clear(change.db, phone) { try change.audit("contact.invalid_number.clear", "contact:\(id)") }
    }
    return Response(status: .noContent)
  }
}
