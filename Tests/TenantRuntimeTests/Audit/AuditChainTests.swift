import Foundation
import GRDB
import TenantRuntime
import TestKit
import Testing

/// The chain of an audit log: a change, a gap and a row put between show; age takes rows from its beginning alone.
@Suite struct AuditChainTests {
  private let folder = try! TestFolder()

  private func made(_ rows: Int = 5) throws -> SQLiteFile {
    let file = try folder.tenantFile()
    try file.writeNow { db in
      for n in 1...rows {
        try Audit.append(
          db, call: n % 2 == 0 ? "user:ada@acme.test" : "key:rh_1", n % 3 == 0 ? "a.three" : "a.one", "thing:\(n)",
          before: "b\(n)", after: "a\(n)", address: "192.0.2.\(n)", requestID: "r\(n)",
          at: Moment(milliseconds: Int64(n) * 1_000))
      }
    }
    return file
  }

  /// As somebody with the file in their hands would.
  private func forge(_ file: SQLiteFile, _ sql: String) throws -> AuditChain.Check {
    try file.writeNow { db in
      try db.execute(sql: "DROP TRIGGER audit_log_kept; DROP TRIGGER audit_log_unchanged")
      try db.execute(sql: sql)
    }
    return try file.readNow { db in try AuditChain.check(db) }
  }

  @Test func aLogAsItWasWrittenIsWhole() throws {
    let check = try made().readNow { db in try AuditChain.check(db) }
    #expect(check.wrong == nil && check.rows == 5 && check.erased == 0 && check.unchained == 0 && check.head.id == 5)
  }

  @Test(arguments: [
    ("UPDATE audit_log SET actor = 'nobody' WHERE id = 3", 3),
    ("UPDATE audit_log SET at = 3001 WHERE id = 3", 3),
    ("UPDATE audit_log SET after = 'another' WHERE id = 2", 2),
    ("UPDATE audit_log SET request_id = NULL WHERE id = 4", 4),
    ("UPDATE audit_log SET address = '' WHERE id = 1", 1),
    ("DELETE FROM audit_log WHERE id = 2", 3),
    ("DELETE FROM audit_log WHERE id = 1", 2),
    ("INSERT INTO audit_log (at, actor, action, subject) VALUES (9000, 'x', 'x', 'x')", 6),
    ("DELETE FROM audit_log WHERE id = 2; UPDATE audit_log SET id = id - 1 WHERE id > 2", 2),
  ])
  func whatSomebodyHasChangedShowsWithItsRow(sql: String, row: Int64) throws {
    let check = try forge(try made(), sql)
    #expect(check.wrong?.id == row, "\(check)")
  }

  @Test(arguments: [
    "UPDATE audit_log SET actor = 'nobody'", "UPDATE audit_log SET after = 'another'", "DELETE FROM audit_log",
    "DELETE FROM audit_log WHERE id = 5", "UPDATE audit_anchor SET audit_id = -1",
  ])
  func theFileItselfRefusesToForget(sql: String) throws {
    let file = try made()
    #expect(throws: DatabaseError.self) { try file.writeNow { db in try db.execute(sql: sql) } }
    #expect(try file.readNow { db in try AuditChain.check(db).wrong == nil })
  }

  @Test func anErasureTakesWordsAndLeavesTheChain() throws {
    let file = try made()
    try file.writeNow { db in
      try db.execute(sql: "UPDATE audit_log SET after = 'erased', salt = NULL WHERE id = 2")
    }
    let check = try file.readNow { db in try AuditChain.check(db) }
    #expect(check.wrong == nil && check.erased == 1)
  }

  @Test func ageTakesTheOldestRowsAndTheRestIsStillWhole() throws {
    let file = try made()
    let more = try file.writeNow { db in
      try AuditChain.sweep(db, before: Moment(milliseconds: 3_500), atMost: 2)
    }
    #expect(more)
    #expect(try !file.writeNow { db in try AuditChain.sweep(db, before: Moment(milliseconds: 3_500), atMost: 2) })
    let ids = try file.readNow { db in try Int64.fetchAll(db, sql: "SELECT id FROM audit_log ORDER BY id") }
    #expect(ids == [4, 5])
    #expect(try file.readNow { db in try AuditChain.check(db).wrong == nil })
    // All of it: the next row goes on from the anchor.
    _ = try file.writeNow { db in try AuditChain.sweep(db, before: .end) }
    try file.writeNow { db in
      try Audit.append(db, call: "a", "b", "c", at: Moment(milliseconds: 1))
    }
    let check = try file.readNow { db in try AuditChain.check(db) }
    #expect(check.wrong == nil && check.rows == 1 && check.head.id == 6)
  }

  @Test func aClockThatGoesBackLeavesTimesInOrder() throws {
    let file = try made()
    try file.writeNow { db in try Audit.append(db, call: "a", "b", "c", at: Moment(milliseconds: 1)) }
    let times = try file.readNow { db in try Int64.fetchAll(db, sql: "SELECT at FROM audit_log ORDER BY id") }
    #expect(times == times.sorted() && times.count == 6)
  }

  @Test func filtersFindTheNewestFirst() throws {
    let file = try made(9)
    func ids(_ edit: (inout AuditFilter) -> Void, below: Int64 = .max, atMost: Int = 10) throws -> [Int64] {
      var filter = AuditFilter()
      edit(&filter)
      return try file.readNow { db in try filter.page(db, below: below, atMost: atMost).map(\.id) }
    }
    #expect(try ids { _ in } == Array((1...9).reversed()))
    #expect(try ids({ _ in }, below: 4, atMost: 2) == [3, 2])
    #expect(try ids { $0.actor = "user:ada@acme.test" } == [8, 6, 4, 2])
    #expect(try ids { ($0.actor, $0.action) = ("user:ada@acme.test", "a.three") } == [6])
    #expect(try ids { $0.subject = "thing:7" } == [7])
    #expect(try ids { ($0.since, $0.until) = (Moment(milliseconds: 3_000), Moment(milliseconds: 5_500)) } == [5, 4, 3])
    #expect(
      try ids { $0.since = Moment(milliseconds: 9_001) } == [] && ids { $0.until = Moment(milliseconds: 0) } == [])
  }

  @Test func noFilterReadsTheWholeLog() throws {
    let file = try made()
    let filters: [(AuditFilter) -> AuditFilter] = [
      { $0 },
      {
        var f = $0; f.actor = "a"; return f
      },
      {
        var f = $0; f.action = "a"; return f
      },
      {
        var f = $0; f.subject = "a"; return f
      },
      {
        var f = $0; f.since = Moment(milliseconds: 1); return f
      },
      {
        var f = $0; f.until = Moment(milliseconds: 9_000); return f
      },
    ]
    let recorder = try StatementRecorder(file)
    for filter in filters { _ = try file.readNow { db in try filter(AuditFilter()).page(db, below: 5, atMost: 5) } }
    #expect(try recorder.scans(file, besides: []) == [])
  }
}
