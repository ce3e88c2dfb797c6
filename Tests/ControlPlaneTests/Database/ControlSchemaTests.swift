import ControlPlane
import Dispatch
import GRDB
import TenantRuntime
import TestKit
import Testing

@Suite struct ControlSchemaTests {
  let folder = try! TestFolder()

  private func made(_ migrations: [String], id: Int32) throws -> String {
    let file = try SQLiteFile(path: folder.path + "/made.sqlite", lanes: .init(label: "test"))
    try file.migrateNow(migrations, applicationID: id)
    return try file.readNow { db in try SchemaSnapshot.of(db) }
  }

  private func path(_ name: String) -> String {
    #filePath.replacing(
      "Tests/ControlPlaneTests/Database/ControlSchemaTests.swift", with: "Sources/ControlPlane/" + name)
  }

  @Test func theControlFilesSchemaSQLIsTheSumOfItsMigrations() throws {
    let made = try made(ControlMigrations.all, id: ControlMigrations.applicationID)
    #expect(try SchemaSnapshot.stored(path("Database/schema.sql"), now: made) == made)
  }

  @Test func theIntakesSchemaSQLIsTheSumOfItsMigrations() throws {
    let made = try made(IntakeMigrations.all, id: IntakeMigrations.applicationID)
    #expect(try SchemaSnapshot.stored(path("Intake/schema.sql"), now: made) == made)
  }
}
