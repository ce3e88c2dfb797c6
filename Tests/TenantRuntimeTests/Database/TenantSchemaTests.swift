import GRDB
import TenantRuntime
import TestKit
import Testing

@Suite struct TenantSchemaTests {
  let folder = try! TestFolder()

  @Test func schemaSQLIsTheSumOfTheMigrations() throws {
    let made = try folder.tenantFile().readNow { db in try SchemaSnapshot.of(db) }
    let path = #filePath.replacing(
      "Tests/TenantRuntimeTests/Database/TenantSchemaTests.swift", with: "Sources/TenantRuntime/Database/schema.sql")
    #expect(try SchemaSnapshot.stored(path, now: made) == made)
  }

  @Test func everyTableIsStrict() throws {
    let loose = try folder.tenantFile().readNow { db in
      try String.fetchAll(
        db,
        sql: """
          SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict = 0
          AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'contact_search%'
          """)
    }
    #expect(loose == [])
  }

  @Test func aFileNewerThanTheProgramIsRefused() throws {
    let file = try folder.tenantFile()
    try file.writeNow { db in try db.execute(sql: "PRAGMA user_version = 9999") }
    #expect(throws: Migrator.Failure.self) {
      try file.outsideTransactionNow { db in
        try Migrator.migrate(db, TenantMigrations.all, applicationID: TenantMigrations.applicationID)
      }
    }
  }

  @Test func aFileOfAnotherProgramIsRefused() throws {
    let file = try folder.tenantFile()
    try file.writeNow { db in try db.execute(sql: "PRAGMA application_id = 7") }
    #expect(throws: Migrator.Failure.self) {
      try file.outsideTransactionNow { db in
        try Migrator.migrate(db, TenantMigrations.all, applicationID: TenantMigrations.applicationID)
      }
    }
  }

  @Test func aDurableCommitIsFullAndAReplayableOneNormal() async throws {
    let file = try folder.tenantFile()
    let full = try await file.write(.durable) { db in try Int.fetchOne(db, sql: "PRAGMA synchronous") }
    let normal = try await file.write(.replayable) { db in try Int.fetchOne(db, sql: "PRAGMA synchronous") }
    #expect(full == 2)
    #expect(normal == 1)
  }

  @Test func aConsentIsNeverRewritten() throws {
    let file = try folder.tenantFile()
    try file.writeNow { db in
      try Consent.apply(
        db,
        Revocation(
          phone: PhoneNumber(digits: 14_158_675_309)!, action: .optOut, method: "api", evidence: "",
          at: Moment(milliseconds: 1)))
    }
    #expect(throws: DatabaseError.self) {
      try file.writeNow { db in try db.execute(sql: "UPDATE consents SET action = 'grant'") }
    }
  }
}
