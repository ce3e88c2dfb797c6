import GRDB

/// The tenant's own answer to HELP, through the same ledger and gates as a reply. Stop and start words are confirmed by the provider; a
/// second confirmation would be one too many.
enum AutoAnswer {
  /// One answer per person in this time: two machines must not talk to each other.
  private static let restSeconds: Int64 = 600

  static func help(_ db: Database, to phone: PhoneNumber, from number: PhoneNumber, at: Moment) throws -> Bool {
    guard let text = try TenantSettings.read(db).helpText else { return false }
    let recent = try Bool.fetchOne(
      db.cachedStatement(
        sql: """
          SELECT EXISTS (SELECT 1 FROM messages m JOIN send_jobs j ON j.id = m.send_job_id
            WHERE m.phone = ?1 AND m.at > ?2 AND m.direction = 'out' AND j.kind = 'auto')
            -- One that a file put back from a copy has forgotten is known by its claim alone.
            OR EXISTS (SELECT 1 FROM send_jobs WHERE phone = ?1 AND claimed_at > ?2 AND kind = 'auto')
          """), arguments: [phone, at.advanced(bySeconds: -restSeconds)])
    guard recent != true else { return false }
    _ = try DirectText.plan(db, .auto, to: phone, from: number, at: at) { _ in text }
    return true
  }
}
