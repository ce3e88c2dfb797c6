import Foundation
package import GRDB

/// Whose file this is and how far it has come: the one row of `identity`.
package struct Identity: Sendable, Equatable {
  package var tenant: String
  /// Random, made with the file. A copy keeps it; `restore --as` makes a new one.
  package var instance: String
  package var claimNumber: Int64
  package var intakeInstance: String
  package var appliedIntakeID: Int64
  package var fence: String?

  package static func read(_ db: Database) throws -> Identity? {
    try Row.fetchOne(db.cachedStatement(sql: "SELECT * FROM identity")).map { row in
      Identity(
        tenant: row["tenant"], instance: row["instance"], claimNumber: row["claim_no"],
        intakeInstance: row["intake_instance"], appliedIntakeID: row["applied_intake_id"], fence: row["fence"])
    }
  }

  /// The last row applied of an intake: 0 of one that the file has not heard of.
  static func applied(_ db: Database, of intake: String) throws -> Int64 {
    try Int64.fetchOne(
      db.cachedStatement(sql: "SELECT applied_intake_id FROM identity WHERE intake_instance = ?"), arguments: [intake])
      ?? 0
  }

  /// Under which the file hashes numbers of erased people and addresses of visitors: 32 bytes, made with the file, never changed.
  static func hashKey(_ db: Database) throws -> [UInt8] {
    Array(try Data.fetchOne(db.cachedStatement(sql: "SELECT hash_key FROM identity")) ?? Data())
  }

  /// Writes the row of a new file.
  package static func begin(
    _ db: Database, tenant: String, instance: String, linkKeys: LinkKeys, timeZone: String
  ) throws {
    let hashKey = (0..<32).map { _ in UInt8.random(in: .min ... .max) }
    try db.execute(
      sql: "INSERT INTO identity (id, tenant, instance, hash_key, time_zone) VALUES (1, ?, ?, ?, ?)",
      arguments: [tenant, instance, Data(hashKey), timeZone])
    try linkKeys.write(db)
  }

  /// Makes a copied file another tenant's, and fences it.
  static func rename(_ db: Database, tenant: String, instance: String, fence: String) throws {
    try db.execute(
      sql: "UPDATE identity SET tenant = ?, instance = ?, fence = ?", arguments: [tenant, instance, fence])
  }

  /// Of a file of any schema.
  package static func tenant(_ db: Database) throws -> String? {
    try String.fetchOne(db.cachedStatement(sql: "SELECT tenant FROM identity"))
  }

  package static func fence(_ db: Database, reason: String?) throws {
    try db.execute(sql: "UPDATE identity SET fence = ?", arguments: [reason])
  }
}
