import Foundation
import GRDB
import GRDBSQLite
import TestKit
import Testing

@testable import TenantRuntime

@Suite final class ReadTests {
  let path = NSTemporaryDirectory() + UUID().uuidString + ".sqlite"
  let file: SQLiteFile

  init() throws {
    file = try SQLiteFile(path: path, lanes: StorageLanes(label: "a"))
    try file.writeNow { db in try db.execute(sql: "CREATE TABLE a (b); INSERT INTO a VALUES (1)") }
  }

  deinit {
    try? file.close()
    for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
  }

  private func sum() throws -> Int? { try file.readNow { db in try Int.fetchOne(db, sql: "SELECT sum(b) FROM a") } }

  @Test(arguments: ["INSERT INTO a VALUES (2)", "UPDATE a SET b = 2", "DELETE FROM a", "CREATE TABLE c (d)"])
  func aReadThatWritesIsUndoneAndRefused(_ sql: String) async throws {
    await #expect(throws: DatabaseError.self) { try await file.read { db in try db.execute(sql: sql) } }
    #expect(throws: DatabaseError.self) { try file.readNow { db in try db.execute(sql: sql) } }
    #expect(try sum() == 1)
    #expect(try file.readNow { db in try !db.tableExists("c") })
    try file.writeNow { db in try db.execute(sql: "INSERT INTO a VALUES (4)") }
    #expect(try sum() == 5)
  }

  /// Compiling costs more than most statements of ours do.
  @Test func readsAndWritesLeaveStatementsCompiled() throws {
    let read = "SELECT b FROM a", write = "UPDATE a SET b = b + 1"
    func compiledAgain() throws -> Int32 {
      try file.outsideTransactionNow { db in
        try [read, write].reduce(0) { sum, sql in
          sum + sqlite3_stmt_status(try db.cachedStatement(sql: sql).sqliteStatement, SQLITE_STMTSTATUS_REPREPARE, 0)
        }
      }
    }
    for _ in 0..<5 {
      _ = try file.readNow { db in try Int.fetchOne(db.cachedStatement(sql: read)) }
      try file.writeNow { db in try db.cachedStatement(sql: write).execute() }
      try file.writeNow(.replayable) { db in try db.cachedStatement(sql: write).execute() }
    }
    #expect(try compiledAgain() == 0)
  }
}
