import GRDB
import TestKit
import Testing

@testable import TenantRuntime

/// A trigger stands for a bug of ours: the schema refuses what a worker writes, each time.
@Suite struct RecurringErrorTests {
  private func refuse(_ file: SQLiteFile, insertsInto table: String) throws {
    try file.writeNow { db in
      try db.execute(
        sql: "CREATE TRIGGER refuse BEFORE INSERT ON \(table) BEGIN SELECT RAISE(ABORT, 'refused'); END")
    }
  }

  @Test(.timeLimit(.minutes(5))) func anImportThatCanOnlyFailEndsWithAReference() async throws {
    let driver = try ImportDriver()
    try refuse(driver.file, insertsInto: "contacts")
    let (file, result) = try await driver.run(Array("Mobile\n+14158675309\n".utf8))
    #expect(result.state == .failed)
    let failure = try file.readNow { db in try String.fetchOne(db, sql: "SELECT failure FROM import_batches") }
    #expect(failure?.wholeMatch(of: /internal error, reference [0-9a-f]+/) != nil)
  }

  @Test(.timeLimit(.minutes(5))) func aBulkChangeThatCanOnlyFailEnds() async throws {
    let folder = try TestFolder()
    let file = try folder.tenantFile()
    let runtime = try TestRuntime.open(file, folder)
    try file.writeNow { db in
      try db.execute(
        sql: """
          INSERT INTO contacts (phone, created_at, updated_at) VALUES (14158675309, 0, 0);
          INSERT INTO bulk_changes (action, tag, rule, state, up_to, actor, created_at) VALUES ('tag', 'a', '{"all":true}', 'running', 9, 't', 0)
          """)
    }
    try refuse(file, insertsInto: "contact_tags")
    while try await runtime.takeTurn(.bulkChanges) == .now {}
    #expect(try file.readNow { db in try String.fetchOne(db, sql: "SELECT state FROM bulk_changes") } == "failed")
  }

  @Test(.timeLimit(.minutes(5))) func aCampaignThatCannotBePlannedIsCancelledAndTheNextGoesOn() async throws {
    let folder = try TestFolder()
    let file = try folder.tenantFile()
    let runtime = try TestRuntime.open(file, folder)
    try file.writeNow { db in
      try db.execute(sql: "INSERT INTO contacts (phone, created_at, updated_at) VALUES (14158675309, 0, 0)")
      for audience in [#"{"all":true}"#, #"{"tag":"nobody"}"#] {
        try db.execute(
          sql: """
            INSERT INTO campaigns (name, body, purpose, state, audience, numbers, created_by, created_at)
            VALUES ('c', 'b', 'informational', 'starting', ?, '[14155550100]', 't', 0)
            """, arguments: [audience])
      }
    }
    try refuse(file, insertsInto: "send_jobs")
    while try await runtime.takeTurn(.launching) == .now {}
    let campaigns = try file.readNow { db in
      try Row.fetchAll(db, sql: "SELECT state, pause_reason FROM campaigns ORDER BY id")
    }
    #expect(campaigns.map { $0["state"] } == ["cancelled", "running"])
    #expect((campaigns[0]["pause_reason"] as String?)?.contains("reference") == true)
  }
}
