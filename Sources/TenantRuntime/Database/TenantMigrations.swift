package import GRDB

/// The numbered migrations of a tenant file, a folder or file each. Never edited once released; `schema.sql` beside them is their sum, kept true
/// by a test. `PRAGMA user_version` is the number of the last one applied.
package enum TenantMigrations {
  /// "RHtn": distinguishes our files from every other SQLite file.
  package static let applicationID: Int32 = 0x5248_746E
  package static let all: [String] = [
    Migration0001.all, Migration0002.all, Migration0003.all, Migration0004.all, Migration0005.all, Migration0006.all,
    Migration0007.all,
  ]

  /// What a file of this version is made of, statement by statement.
  package static func schema(_ db: Database) throws -> [String] {
    try String.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT type || ' ' || name || ' on ' || tbl_name || ': ' || ifnull(sql, '') FROM sqlite_schema
          WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY type, name
          """))
  }

  /// The same, made by the migrations up to a version.
  package static func schema(version: Int) throws -> [String] {
    let made = try DatabaseQueue()
    defer { try? made.close() }
    return try made.write { db in
      for migration in all.prefix(version) { try db.execute(sql: migration) }
      return try schema(db)
    }
  }
}
