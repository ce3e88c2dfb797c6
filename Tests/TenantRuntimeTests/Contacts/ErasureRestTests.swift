import GRDB
import TestKit
import Testing

@testable import TenantRuntime

/// What an erasure looks through in slices, and how it goes on after a restart.
@Suite struct ErasureRestTests {
  private let folder = try! TestFolder()
  private let now = Moment(milliseconds: 1_800_000_000_000)
  private let ann = PhoneNumber(digits: 14_157_000_001)!
  /// More than a window of each table.
  private static let rows: Int64 = 350

  /// Every third row of each table is Ann's, another third's address only ends like hers.
  private func town() throws -> SQLiteFile {
    let file = try folder.tenantFile()
    try file.writeNow { db in
      var values = Contact.Values()
      values.email = "Ann@x.test"
      _ = try Contact.upsert(db, phone: ann, values, importID: nil, at: now)
      try writeImport(db, 1)
      for row in 0..<Self.rows {
        let said = row % 3 == 0 ? "[\"+14157000001\"]" : "[\"+14157000002\"]"
        try db.execute(
          sql: "INSERT INTO audit_log (at, actor, action, subject, after) VALUES (1, 'a', 'campaign.test', 'c', ?)",
          arguments: [said])
        try writeAnswer(db, key: "k\(row)", said)
      }
    }
    return file
  }

  private func writeImport(_ db: Database, _ id: Int64) throws {
    try db.execute(
      sql: """
        INSERT INTO import_batches (id, state, mode, file, bytes, options, actor, created_at) VALUES (?, 'completed', 'commit', 'f', 1, '{}', 'a', 1)
        """, arguments: [id])
    for row in 0..<Self.rows {
      let original = ["x,(415) 700-0001", "ann@X.test,y", "joann@x.test,+1 415 700 0002"][Int(row % 3)]
      try db.execute(
        sql: "INSERT INTO import_rejects VALUES (?, ?, 'r', '', ?)", arguments: [id, row + 1, original])
    }
  }

  private func writeAnswer(_ db: Database, key: String, _ answer: String) throws {
    try db.execute(
      sql: """
        INSERT INTO idempotency_keys (actor, path, key, body_hash, status, answer, at) VALUES ('a', 'p', ?, zeroblob(32), 200, ?, 1)
        """, arguments: [key, answer])
  }

  private func count(_ file: SQLiteFile, _ table: String, _ condition: String = "TRUE") throws -> Int64? {
    try file.readNow { db in try Int64.fetchOne(db, sql: "SELECT count(*) FROM \(table) WHERE \(condition)") }
  }

  /// Numbers are of any length in Austria.
  @Test func whoeverHasALongerNumberKeepsTheirRows() async throws {
    let file = try folder.tenantFile()
    let runtime = try TestRuntime.open(file, folder)
    let (short, long) = (PhoneNumber(digits: 4_366_012_345)!, PhoneNumber(digits: 43_660_123_456)!)
    try file.writeNow { db in
      _ = try Contact.upsert(db, phone: short, Contact.Values(), importID: nil, at: now)
      try writeImport(db, 1)
      for (row, phone) in [short, long].enumerated() {
        try db.execute(
          sql: "INSERT INTO import_rejects VALUES (1, ?, 'r', '', ?)", arguments: [9_000 + row, "x,\(phone)"])
        try db.execute(
          sql: "INSERT INTO audit_log (at, actor, action, subject, after) VALUES (1, 'a', 'campaign.test', 'c', ?)",
          arguments: ["[\"\(phone)\"]"])
        try writeAnswer(db, key: "k\(row)", "[\"\(phone)\"]")
        try db.execute(
          sql: "INSERT INTO refused_events (intake_id, kind, event, error) VALUES (1, 'status', ?, '')",
          arguments: ["To=%2B\(phone.digits)"])
      }
      _ = try ContactErasure.erase(db, contact: 1, at: now)
    }
    while try await runtime.takeTurn(.erasing) == .now {}
    #expect(try count(file, "import_rejects", "row_number >= 9000") == 1)
    #expect(try count(file, "import_rejects", "original = 'x,\(long)'") == 1)
    #expect(try count(file, "audit_log", "after = '[\"\(long)\"]'") == 1)
    #expect(try count(file, "audit_log", "instr(after, '\(short)\"') > 0") == 0)
    #expect(try count(file, "idempotency_keys", "answer = ''") == 1)
    #expect(try count(file, "refused_events") == 1)
  }

  @Test func aSliceIsShortAndTheWorkerGoesOnFromItsCursor() async throws {
    let file = try town()
    try file.writeNow { db in
      _ = try ContactErasure.erase(db, contact: 1, at: now)
      #expect(try ErasureRest.slice(db, lasting: .zero))
    }
    // One window of the first number.
    #expect(try count(file, "import_rejects") == Self.rows - 34)
    #expect(try count(file, "erasures") == 2)
    let runtime = try TestRuntime.open(file, folder)
    while try await runtime.takeTurn(.erasing) == .now {}
    #expect(try count(file, "import_rejects", "original NOT LIKE 'joann%'") == 0)
    #expect(try count(file, "import_rejects") == Self.rows / 3)
    #expect(try count(file, "audit_log", "instr(after, '7000001') > 0") == 0)
    #expect(try count(file, "audit_log", "instr(after, '7000002') > 0") == Self.rows * 2 / 3)
    #expect(try count(file, "idempotency_keys", "answer <> '' AND status = 200") == Self.rows * 2 / 3)
    // They were carried out all the same.
    #expect(try count(file, "idempotency_keys", "answer = '' AND status = 0") == Self.rows - Self.rows * 2 / 3)
    #expect(try count(file, "erasures") == 0)
  }

  @Test func theAnswerOfTheRequestComesBehindTheLastSlice() async throws {
    let file = try town()
    let runtime = try TestRuntime.open(file, folder)
    _ = try await ContactErasure.erase(runtime, .worker(), 1, reason: "asked", longestWait: .seconds(600))
    #expect(try count(file, "erasures") == 0)
    #expect(try count(file, "idempotency_keys", "answer <> ''") == Self.rows * 2 / 3)
  }

  @Test func whatCameLaterIsOfWhoeverHasTheNumberThen() async throws {
    let file = try town()
    try file.writeNow { db in
      _ = try ContactErasure.erase(db, contact: 1, at: now)
      try writeImport(db, 2)
      try writeAnswer(db, key: "later", "+14157000001")
      try Audit.append(db, call: "a", "campaign.test", "c", after: "+14157000001", at: now)
      while try ErasureRest.slice(db) {}
    }
    #expect(try count(file, "import_rejects", "import_id = 2") == Self.rows)
    #expect(try count(file, "idempotency_keys", "key = 'later' AND answer <> ''") == 1)
    #expect(try count(file, "audit_log", "after = '+14157000001'") == 1)
  }
}
