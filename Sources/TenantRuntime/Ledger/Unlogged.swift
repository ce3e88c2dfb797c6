import Foundation
import GRDB
import Logging
import Synchronization

/// An opt-out that the tenant's file has understood by itself: words of its own, a code of the provider, what a person has brought along from
/// another number. It waits in the file until the log that outlives the file has it, so that neither a crash nor a full disk makes a restored
/// file forget it.
struct Unlogged: Sendable {
  var id: Int64
  var revocation: Revocation

  static func keep(_ db: Database, _ revocation: Revocation) throws -> Unlogged {
    try db.execute(
      sql: "INSERT INTO unlogged_revocations (revocation) VALUES (?)",
      arguments: [String(decoding: try JSONEncoder().encode(revocation), as: UTF8.self)])
    return Unlogged(id: db.lastInsertedRowID, revocation: revocation)
  }

  static func all(_ db: Database) throws -> [Unlogged] {
    try Row.fetchAll(db.cachedStatement(sql: "SELECT id, revocation FROM unlogged_revocations ORDER BY id")).map {
      row in
      Unlogged(
        id: row["id"],
        revocation: try JSONDecoder().decode(Revocation.self, from: Data((row["revocation"] as String).utf8)))
    }
  }
}
