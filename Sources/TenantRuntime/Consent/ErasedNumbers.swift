import Crypto
import Foundation
import GRDB

/// The keyed hashes of the numbers of erased people (`ContactErasure`).
enum ErasedNumbers {
  /// Of the opt-out that comes with an erasure.
  static let method = "erasure"

  /// Tells erased numbers; costs nothing where nobody was erased.
  static func blocker(_ db: Database) throws -> (PhoneNumber) throws -> Bool {
    let moments = try moments(db)
    return { phone in try moments(phone) != nil }
  }

  /// When a number's person was erased.
  static func moments(_ db: Database) throws -> (PhoneNumber) throws -> Moment? {
    guard try hasAny(db) else { return { _ in nil } }
    let key = try key(db)
    return { phone in
      try Moment.fetchOne(
        db.cachedStatement(sql: "SELECT since FROM erased_numbers WHERE hash = ?"), arguments: [hash(phone, key)])
    }
  }

  /// Of the file, whatever becomes of its link keys.
  static func key(_ db: Database) throws -> [UInt8] {
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

  static func hash(_ phone: PhoneNumber, _ key: [UInt8]) -> Data {
    Data(HMAC<SHA256>.authenticationCode(for: Array("erased:\(phone.digits)".utf8), using: SymmetricKey(data: key)))
  }
}
