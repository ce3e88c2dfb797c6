import Dispatch
import Foundation
import GRDB
import TenantRuntime
import TestKit
import Testing

/// What SQLite writes to its log, gathered into one write a commit, is what it would have written itself.
@Suite struct GatheredWritesTests {
  struct Cancelled: Error {}

  let folder = try! TestFolder()

  private func file(_ name: String = "file") throws -> SQLiteFile {
    let file = try SQLiteFile(
      path: "\(folder.path)/\(name).sqlite", lane: DispatchQueue(label: "test"), checkpointsItself: false)
    try file.writeNow { db in
      try db.execute(sql: "CREATE TABLE IF NOT EXISTS things (id INTEGER PRIMARY KEY, value BLOB NOT NULL) STRICT")
    }
    return file
  }

  /// Each thing has about a page.
  private func put(_ db: Database, _ ids: Range<Int>, _ mark: Int) throws {
    for id in ids {
      try db.execute(
        sql: "INSERT INTO things VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
        arguments: [id, value(id, mark)])
    }
  }

  private func value(_ id: Int, _ mark: Int) -> Data {
    Data("\(id)-\(mark)".utf8) + Data(repeating: UInt8(mark & 0xff), count: 3_000)
  }

  private func things(_ file: SQLiteFile) throws -> [Int: Data] {
    try file.readNow { db in
      #expect(try String.fetchAll(db, sql: "PRAGMA integrity_check") == ["ok"])
      let rows = try Row.fetchAll(db, sql: "SELECT id, value FROM things").map { ($0[0] as Int, $0[1] as Data) }
      return Dictionary(rows, uniquingKeysWith: { first, _ in first })
    }
  }

  /// The file as another process would find it if this one were killed now: the database and its log, without what is in memory.
  private func thingsAfterAKill(_ name: String = "file") throws -> [Int: Data] {
    let copy = "killed\(UUID().uuidString)"
    for end in [".sqlite", ".sqlite-wal"] {
      try FileManager.default.copyItem(
        atPath: "\(folder.path)/\(name)\(end)", toPath: "\(folder.path)/\(copy)\(end)")
    }
    let file = try self.file(copy)
    defer { try? file.close() }
    return try things(file)
  }

  /// Calls by this thread that write.
  private func writes() throws -> Int {
    let text = try String(contentsOfFile: "/proc/thread-self/io", encoding: .utf8)
    let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("syscw:") })
    return try #require(Int(line.split(separator: " ")[1]))
  }

  @Test(arguments: [Durability.replayable, .durable])
  func aCommitOfManyPagesIsOneWrite(_ durability: Durability) throws {
    let file = try file()
    try file.writeNow(durability) { db in try put(db, 0..<20, 1) }
    let before = try writes()
    try file.writeNow(durability) { db in try put(db, 0..<20, 2) }
    let made = try writes() - before
    #expect((1...2).contains(made))
    #expect(try thingsAfterAKill() == things(file))
  }

  @Test func aCommitIsInTheFileWhenItReturns() throws {
    let file = try file()
    for mark in 1...40 {
      try file.writeNow(mark % 3 == 0 ? .durable : .replayable) { db in try put(db, 0..<(mark * 7 % 60 + 1), mark) }
      #expect(try thingsAfterAKill() == things(file))
    }
  }

  @Test func whatOutgrewTheCacheAndWasTakenBackNeverComesOverTheCommitOfAnother() throws {
    let (file, other) = (try file(), try file())
    try file.writeNow { db in try put(db, 0..<20, 1) }
    for spilled in [400, 413, 440, 467] {
      #expect(throws: Cancelled.self) {
        try file.writeNow { db in
          try put(db, 1_000..<(1_000 + spilled), 2)
          throw Cancelled()
        }
      }
      try other.writeNow { db in try put(db, 5_000..<5_800, spilled) }
      try file.writeNow { db in try put(db, 0..<20, spilled) }
      let now = try things(other)
      #expect(now.count == 820 && now[5_799] == value(5_799, spilled) && now[19] == value(19, spilled))
      #expect(try things(file) == now)
      #expect(try thingsAfterAKill() == now)
    }
  }

  @Test func whatATransactionOutgrewItsCacheWithIsReadAgainInsideIt() throws {
    let file = try file()
    try file.writeNow { db in
      try put(db, 0..<500, 1)
      try db.inSavepoint {
        try put(db, 0..<500, 2)
        return .rollback
      }
      for id in stride(from: 0, to: 500, by: 7) {
        #expect(try Data.fetchOne(db, sql: "SELECT value FROM things WHERE id = ?", arguments: [id]) == value(id, 1))
      }
      try put(db, 250..<300, 3)
    }
    let now = try things(file)
    #expect(now[249] == value(249, 1) && now[299] == value(299, 3) && now.count == 500)
    #expect(try thingsAfterAKill() == now)
  }

  @Test(arguments: 1...12)
  func anyMixOfCommitsRollbacksSavepointsCheckpointsAndOtherWritersLeavesWhatWasCommitted(_ seed: UInt64) throws {
    var chance = Seeded(state: seed)
    let (file, other) = (try file(), try file())
    var expected: [Int: Data] = [:]
    for mark in 1...60 {
      let writer = Int.random(in: 0..<4, using: &chance) == 0 ? other : file
      let size = [1, 5, 30, 31, 32, 200, 450].randomElement(using: &chance)!
      let start = Int.random(in: 0..<600, using: &chance)
      let (undone, cancels) = (Int.random(in: 0..<3, using: &chance) == 0, Int.random(in: 0..<4, using: &chance) == 0)
      do {
        try writer.writeNow(Bool.random(using: &chance) ? .durable : .replayable) { db in
          try put(db, start..<(start + size), mark)
          if undone {
            try db.inSavepoint {
              try put(db, (start + 100)..<(start + 100 + size), -mark)
              return .rollback
            }
          }
          if cancels { throw Cancelled() }
        }
        for id in start..<(start + size) { expected[id] = value(id, mark) }
      } catch is Cancelled {}
      if mark % 9 == 0 {
        try file.outsideTransactionNow { db in _ = try db.checkpoint(mark % 2 == 0 ? .passive : .truncate) }
      }
      if mark % 5 == 0 {
        #expect(try things(file) == expected)
        #expect(try things(other) == expected)
        #expect(try thingsAfterAKill() == expected)
      }
    }
  }
}

/// The same numbers for the same seed.
private struct Seeded: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return (state ^ (state >> 29)) &* 0xbf58_476d_1ce4_e5b9
  }
}
