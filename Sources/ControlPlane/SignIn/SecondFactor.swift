import Foundation
import GRDB
import TenantRuntime

/// Rows of what a user must have at hand beside password or mail.
enum SecondFactor {
  /// Whether the code holds; it does so once.
  static func take(_ code: String, _ db: Database, of user: Int64, _ secret: SecretKey, at now: Moment) throws -> Bool {
    guard code.utf8.count <= 60,
      let row = try Row.fetchOne(
        db, sql: "SELECT totp_secret, totp_step FROM users WHERE id = ? AND totp_secret IS NOT NULL", arguments: [user])
    else { return false }
    let totp = OneTimeCode(secret: try secret.open(row["totp_secret"]))
    if let step = totp.step(of: code, at: now, after: row["totp_step"]) {
      try db.execute(sql: "UPDATE users SET totp_step = ? WHERE id = ?", arguments: [step, user])
      return true
    }
    try db.execute(
      sql: "UPDATE recovery_codes SET used_at = ? WHERE user_id = ? AND hash = ? AND used_at IS NULL",
      arguments: [now, user, Data(RecoveryCodes.digest(code))])
    return db.changesCount > 0
  }

  static func set(_ totp: OneTimeCode?, step: Int64?, _ db: Database, of user: Int64, _ secret: SecretKey) throws {
    try db.execute(
      sql: "UPDATE users SET totp_secret = ?, totp_step = ? WHERE id = ?",
      arguments: [try totp.map { try secret.seal($0.secret) }, step, user])
    try db.execute(sql: "DELETE FROM recovery_codes WHERE user_id = ?", arguments: [user])
  }

  /// In the place of all earlier ones.
  static func keep(_ codes: [String], _ db: Database, of user: Int64) throws {
    try db.execute(sql: "DELETE FROM recovery_codes WHERE user_id = ?", arguments: [user])
    for code in codes {
      try db.execute(
        sql: "INSERT INTO recovery_codes (user_id, hash) VALUES (?, ?)",
        arguments: [user, Data(RecoveryCodes.digest(code))])
    }
  }

  static func codesLeft(_ db: Database, of user: Int64) throws -> Int {
    try Int.fetchOne(
      db, sql: "SELECT count(*) FROM recovery_codes WHERE user_id = ? AND used_at IS NULL", arguments: [user]) ?? 0
  }
}
