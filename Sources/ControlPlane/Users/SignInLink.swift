import Crypto
import Foundation
package import GRDB
package import TenantRuntime

/// What is mailed to a user, or printed for one, to come in by: good once, for a time. Its token is 256 random bits; the digest alone is kept.
///
/// One that a browser asked for is good in that browser alone. Opened in another it shows a code, to be typed where it was asked for: so nobody
/// can make somebody else's click sign in a browser of his own.
package struct SignInLink: Sendable {
  package enum Purpose: String, Sendable {
    case signIn = "sign_in"
    case invitation, reset, email
    /// No link: the right password was given, and a code is asked for yet.
    case secondFactor = "second_factor"
    /// No link: what a passkey is to sign.
    case passkey

    var seconds: Int64 { self == .invitation ? 7 * 86_400 : 600 }
  }

  package let digest: [UInt8]
  package let purpose: Purpose
  package let user: Int64
  package let browser: [UInt8]?
  /// The new address that it confirms.
  package let email: String?
  /// The tenant whose invitation it accepts; `*`: all, by an operator's word.
  let accepts: String?
  package let expiresAt: Moment

  var isMailed: Bool { purpose != .secondFactor && purpose != .passkey }

  /// Wrong codes that one link bears.
  static let mostTries = 5

  private init?(_ row: Row?) {
    guard let row, let purpose = Purpose(rawValue: row["purpose"]), let user = row["user_id"] as Int64? else {
      return nil
    }
    digest = Array(row["hash"] as Data)
    (self.purpose, self.user) = (purpose, user)
    browser = (row["browser"] as Data?).map(Array.init)
    email = row["email"]
    accepts = row["accepts"]
    expiresAt = row["expires_at"]
  }

  /// - Parameter user: nil where nobody has the address: the row takes the same work and leads nowhere.
  static func add(
    _ db: Database, _ purpose: Purpose, digest: [UInt8], user: Int64?, browser: [UInt8]? = nil, code: [UInt8]? = nil,
    email: String? = nil, accepts: String? = nil, at: Moment
  ) throws {
    try db.execute(sql: "DELETE FROM sign_in_links WHERE expires_at < ?", arguments: [at])
    try db.execute(
      sql: """
        INSERT INTO sign_in_links (hash, purpose, user_id, browser, code, email, accepts, expires_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        Data(digest), purpose.rawValue, user, browser.map { Data($0) }, code.map { Data($0) }, email,
        accepts, at.advanced(bySeconds: purpose.seconds),
      ])
  }

  /// Nil of one that is unknown, used or too old.
  package static func find(_ db: Database, token: String, at: Moment) throws -> SignInLink? {
    guard token.utf8.count == 64 else { return nil }
    return SignInLink(
      try Row.fetchOne(
        db, sql: "SELECT * FROM sign_in_links WHERE hash = ? AND used_at IS NULL AND expires_at > ?",
        arguments: [Data(APIKey.digest(token)), at]))
  }

  /// The newest that this browser has asked for and that such a code opens. A wrong code is counted against all of them.
  static func find(_ db: Database, code: [UInt8], browser: [UInt8], at: Moment) throws -> SignInLink? {
    let found = try Row.fetchOne(
      db,
      sql: """
        SELECT * FROM sign_in_links WHERE browser = ? AND code = ? AND used_at IS NULL AND expires_at > ? AND tries < ?
        """, arguments: [Data(browser), Data(code), at, mostTries])
    if found == nil {
      try db.execute(
        sql: "UPDATE sign_in_links SET tries = tries + 1 WHERE browser = ? AND code IS NOT NULL",
        arguments: [Data(browser)])
    }
    return SignInLink(found)
  }

  /// One more try at it; false when it bears no more.
  func countTry(_ db: Database) throws -> Bool {
    try db.execute(
      sql: "UPDATE sign_in_links SET tries = tries + 1 WHERE hash = ? AND tries < ?",
      arguments: [Data(digest), Self.mostTries])
    return db.changesCount > 0
  }

  static let acceptsAll = "*"

  /// The user has come in by it: all other links of the same invitation are dead.
  func accept(_ db: Database) throws {
    if purpose == .invitation { try Self.endInvitations(db, of: user, to: accepts) }
    guard let accepts else { return }
    try Membership.accept(db, of: user, in: accepts == Self.acceptsAll ? nil : accepts)
  }

  /// What was mailed or printed for an invitation leads nowhere any more: it was accepted, withdrawn, or mailed anew.
  /// - Parameter tenant: nil: to the platform's staff.
  static func endInvitations(_ db: Database, of user: Int64, to tenant: String?) throws {
    try db.execute(
      sql: """
        DELETE FROM sign_in_links WHERE user_id = ? AND purpose = 'invitation' AND accepts IS NOT DISTINCT FROM ?
          AND used_at IS NULL
        """, arguments: [user, tenant])
  }

  /// False when somebody was faster.
  func use(_ db: Database, at: Moment) throws -> Bool {
    try db.execute(
      sql: "UPDATE sign_in_links SET used_at = ? WHERE hash = ? AND used_at IS NULL", arguments: [at, Data(digest)])
    return db.changesCount > 0
  }
}

/// Codes that stand for links, where a link cannot be opened: derived from the link, so that its page can show what the mail says.
struct LinkCodes: Sendable {
  private let key: SymmetricKey
  /// Without letters and digits that look alike, and without vowels: no code is a word.
  private static let letters = Array("BCDFGHJKMNPQRSTVWXYZ23456789")

  init(_ secret: SecretKey) { key = secret.derived(for: "codes of links") }

  /// `KMNP-2345`: 28 to the power of 8.
  func code(of digest: [UInt8]) -> String {
    let bytes = Array(HMAC<SHA256>.authenticationCode(for: digest, using: key))
    let letters = (0..<8).map { index in
      let number = Int(bytes[index * 3]) << 16 | Int(bytes[index * 3 + 1]) << 8 | Int(bytes[index * 3 + 2])
      return Self.letters[number % Self.letters.count]
    }
    return String(letters[..<4]) + "-" + String(letters[4...])
  }

  /// As it is compared: however it is typed.
  func digest(_ typed: String) -> [UInt8] {
    let plain = typed.uppercased().filter(Self.letters.contains).prefix(20)
    return Array(HMAC<SHA256>.authenticationCode(for: Array(plain.utf8), using: key))
  }
}
