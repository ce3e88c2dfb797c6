package import GRDB
package import TenantRuntime

/// Someone who signs in: a member of tenants, or of the platform's own staff, or both.
package struct User: Sendable, Equatable {
  package enum Locale: String, CaseIterable, Sendable { case en, es }
  package enum Theme: String, CaseIterable, Sendable { case system, light, dark }
  package enum PlatformRole: String, CaseIterable, Sendable { case admin, support }

  package let id: Int64
  package var email: String
  package var name: String?
  package var locale: Locale
  package var theme: Theme
  package var hasSingleLetterKeys: Bool
  package var platformRole: PlatformRole?
  package var suspendedAt: Moment?
  package var signedInAt: Moment?
  /// Sessions of an older one are dead.
  package var sessionEpoch: Int64
  package var hasPassword: Bool
  package var hasSecondFactor: Bool
  package var createdAt: Moment

  package var language: Words.Language { Words.Language(rawValue: locale.rawValue) ?? .en }

  init(_ row: Row) {
    id = row["id"]
    email = row["email"]
    name = row["name"]
    locale = Locale(rawValue: row["locale"]) ?? .en
    theme = Theme(rawValue: row["theme"]) ?? .system
    hasSingleLetterKeys = row["single_letter_keys"]
    platformRole = (row["platform_role"] as String?).flatMap(PlatformRole.init)
    suspendedAt = row["suspended_at"]
    signedInAt = row["signed_in_at"]
    sessionEpoch = row["session_epoch"]
    hasPassword = row["password"] != nil
    hasSecondFactor = row["totp_secret"] != nil
    createdAt = row["created_at"]
  }

  package static func find(_ db: Database, id: Int64) throws -> User? {
    try Row.fetchOne(db, sql: "SELECT * FROM users WHERE id = ?", arguments: [id]).map(User.init)
  }

  package static func find(_ db: Database, _ email: EmailAddress) throws -> User? {
    try Row.fetchOne(db, sql: "SELECT * FROM users WHERE email = ?", arguments: [email.description]).map(User.init)
  }

  /// Whoever has the address; made when nobody has.
  static func ensure(_ db: Database, _ email: EmailAddress, at: Moment) throws -> User {
    try db.execute(
      sql: "INSERT INTO users (email, created_at) VALUES (?, ?) ON CONFLICT (email) DO NOTHING",
      arguments: [email.description, at])
    guard let user = try find(db, email) else { throw ControlFailure("a user that was just made is not there") }
    return user
  }

  /// All sessions of the user are dead, wherever they are kept.
  static func endSessions(_ db: Database, of user: Int64) throws {
    try db.execute(sql: "UPDATE users SET session_epoch = session_epoch + 1 WHERE id = ?", arguments: [user])
    try db.execute(sql: "DELETE FROM sessions WHERE user_id = ?", arguments: [user])
  }

  /// Links and codes that were mailed to it lead nowhere any more.
  static func endLinks(_ db: Database, of user: Int64) throws {
    try db.execute(sql: "DELETE FROM sign_in_links WHERE user_id = ?", arguments: [user])
  }
}
