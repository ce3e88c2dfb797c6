import GRDB
import TestKit
import Testing

@testable import TenantRuntime

/// Work on many contacts at once: how much of it one transaction does.
@Suite struct BulkChangeTests {
  private static let people: Int64 = 450
  private static let now = Moment(milliseconds: 1_800_000_000_000)

  private func town(_ folder: TestFolder) throws -> SQLiteFile {
    let file = try folder.tenantFile()
    try file.writeNow { db in
      for person in 0..<Self.people {
        try db.execute(
          sql: "INSERT INTO contacts (phone, import_id, created_at, updated_at) VALUES (?, 1, 0, 0)",
          arguments: [14_157_000_000 + person])
      }
    }
    return file
  }

  private func people(_ db: Database) throws -> Int64? { try Int64.fetchOne(db, sql: "SELECT count(*) FROM contacts") }

  @Test func aSliceOfADeletionEndsByTimeAndTheNextGoesOnBehindIt() throws {
    let folder = try TestFolder()
    try town(folder).writeNow { db in
      try db.execute(
        sql: """
          INSERT INTO bulk_changes (action, rule, state, up_to, actor, created_at) VALUES ('delete', '{"all":true}', 'running', 450, 't', 0)
          """)
      var left: [Int64?] = []
      while try String.fetchOne(db, sql: "SELECT state FROM bulk_changes") == "running", left.count < 9 {
        try BulkChange.slice(db, 1, now: Self.now, lasting: .zero)
        left.append(try people(db))
      }
      #expect(left == [250, 50, 0])
      #expect(try Int64.fetchOne(db, sql: "SELECT changed FROM bulk_changes") == Self.people)
    }
  }

  @Test func aSliceOfAnUndoEndsByTimeAndTheNextGoesOnBehindIt() throws {
    let folder = try TestFolder()
    try town(folder).writeNow { db in
      try db.execute(
        sql: """
          INSERT INTO import_batches (state, mode, file, bytes, options, actor, created_at, first_contact_id, last_contact_id, undo_asked_at)
          VALUES ('completed', 'commit', '', 1, '{}', 't', 0, 1, 450, 1)
          """)
      var left: [Int64?] = []
      while try ImportUndo.slice(db, at: Self.now, lasting: .zero), left.count < 9 { left.append(try people(db)) }
      #expect(left == [250, 50, 0, 0])
      #expect(try Int64.fetchOne(db, sql: "SELECT undo_deleted FROM import_batches") == Self.people)
    }
  }

  /// Texts of the contact lose it whether they have been claimed or not, those of others and of another number keep theirs.
  @Test func aDeletedContactLeavesTheLedger() throws {
    let folder = try TestFolder()
    try town(folder).writeNow { db in
      try db.execute(
        sql: """
          INSERT INTO send_jobs (kind, contact_id, phone, state, claimed_at) VALUES ('reply', 1, 14157000000, 'delivered', 5),
          ('reply', 1, 14157000000, 'queued', NULL), ('reply', 2, 14157000001, 'queued', NULL), ('reply', 2, 14157000000, 'delivered', 5),
          ('reply', 1, 14157999999, 'queued', NULL)
          """)
      try Contact.remove(db, id: 1)
      #expect(
        try String.fetchAll(db, sql: "SELECT ifnull(CAST(contact_id AS TEXT), '–') FROM send_jobs ORDER BY id")
          == ["–", "–", "2", "2", "1"])
    }
  }
}
