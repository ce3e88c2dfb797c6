import Dispatch
import Foundation
import GRDB
import TestKit
import Testing

@testable import TenantRuntime

/// Work that comes behind the closing is refused: SQLite without a connection would end the process.
@Suite struct ClosedFileTests {
  @Test func everyUseOfAClosedFileIsRefused() async throws {
    let path = NSTemporaryDirectory() + UUID().uuidString + ".sqlite"
    defer { for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) } }
    let file = try SQLiteFile(path: path, lanes: StorageLanes(label: "a"))
    try file.writeNow { db in try db.execute(sql: "CREATE TABLE a (b)") }
    let reads = (0..<50).map { _ in
      Task { try? await file.read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM a") } }
    }
    try file.close()
    // Each was either in time or refused.
    for read in reads { #expect([0, nil].contains(await read.value)) }
    await #expect(throws: DatabaseError.self) {
      _ = try await file.read { db in try Int.fetchOne(db, sql: "SELECT 1") }
    }
    await #expect(throws: DatabaseError.self) {
      try await file.write(.durable) { db in try db.execute(sql: "DELETE FROM a") }
    }
    await #expect(throws: DatabaseError.self) {
      try await file.outsideTransaction { db in try db.execute(sql: "VACUUM") }
    }
    #expect(throws: DatabaseError.self) { try file.readNow { db in try Int.fetchOne(db, sql: "SELECT 1") } }
    #expect(throws: DatabaseError.self) { try file.writeNow { db in try db.execute(sql: "DELETE FROM a") } }
    try file.close()
  }
}
