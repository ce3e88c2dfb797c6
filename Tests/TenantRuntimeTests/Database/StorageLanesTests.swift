import Dispatch
import GRDB
import Synchronization
import TestKit
import Testing

@testable import TenantRuntime

/// Many files on one lane, and tasks that end while their work waits or runs.
@Suite(.timeLimit(.minutes(5))) struct StorageLanesTests {
  private let folder = try! TestFolder()
  private let lanes = StorageLanes(label: "test")

  private final class Count: Sendable {
    private let count = Atomic(0)
    var now: Int { count.load(ordering: .relaxed) }
    func add() { count.add(1, ordering: .relaxed) }
  }

  private final class Names: Sendable {
    private let names = Mutex<[String]>([])
    var all: [String] { names.withLock { $0 } }
    func add(_ name: String) { names.withLock { $0.append(name) } }
  }

  private func file(_ name: String) throws -> SQLiteFile {
    let file = try SQLiteFile(path: "\(folder.path)/\(name).sqlite", lanes: lanes)
    try file.writeNow { db in try db.execute(sql: "CREATE TABLE a (b)") }
    return file
  }

  @Test func filesTakeTurnsHoweverMuchOneHasToDo() async throws {
    let (busy, quiet) = (try file("busy"), try file("quiet"))
    let order = Names()
    let (begun, go) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    lanes.add(busy) {
      begun.signal()
      go.wait()
    }
    begun.wait()
    await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
      for n in 1...4 { lanes.add(busy) { order.add("busy \(n)") } }
      for n in 1...2 { lanes.add(quiet) { order.add("quiet \(n)") } }
      lanes.add(busy) { done.resume() }
      go.signal()
    }
    #expect(order.all == ["quiet 1", "busy 1", "quiet 2", "busy 2", "busy 3", "busy 4"])
  }

  @Test func eachFilesPiecesAreDoneInOrderAndOneAtATimeOnWhicheverLane() async throws {
    let many = StorageLanes(label: "many", count: 8)
    let files = try (0..<5).map { try file("file \($0)") }
    let (order, inside) = (files.map { _ in Names() }, files.map { _ in Count() })
    await withTaskGroup(of: Void.self) { group in
      for (index, file) in files.enumerated() {
        group.addTask {
          await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
            for n in 0..<400 {
              many.add(file) {
                let before = inside[index].now
                inside[index].add()
                order[index].add("\(n) \(before)")
                if n == 399 { done.resume() }
              }
            }
          }
        }
      }
    }
    for order in order { #expect(order.all == (0..<400).map { "\($0) \($0)" }) }
  }

  @Test func aLaneThatRestsIsWoken() async throws {
    let many = StorageLanes(label: "many", count: 2)
    let file = try file("one")
    for _ in 0..<2_000 {
      await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in many.add(file) { done.resume() } }
    }
  }

  /// Others have the connection by themselves: what waits behind them and is cancelled is not what they are at.
  @Test func theEndOfATaskInterruptsNobodyElse() async throws {
    let file = try file("one")
    for _ in 0..<20 {
      let (begun, tell) = AsyncStream.makeStream(of: Void.self)
      let other = Task {
        await withCheckedContinuation { (done: CheckedContinuation<Result<Int?, any Error>, Never>) in
          DispatchQueue(label: "other").async {
            done.resume(
              returning: Result {
                try file.writeNow(.replayable) { db in
                  tell.yield()
                  return try Int.fetchOne(db, sql: Self.long)
                }
              })
          }
        }
      }
      for await _ in begun { break }
      let task = Task { try await file.read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM a") } }
      for _ in 0..<100 { await Task.yield() }
      task.cancel()
      #expect(try await other.value.get() == 300_000)
      _ = try? await task.value
    }
  }

  private static let long = """
    WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 300000) SELECT count(*) FROM n
    """

  /// Two tasks that go on with one file keep nobody from another on the same lane.
  @Test func aFileThatIsNeverIdleLeavesRoomForOthers() async throws {
    let (busy, quiet) = (try file("busy"), try file("quiet"))
    let begun = Count()
    let tasks = (0..<3).map { _ in
      Task {
        while !Task.isCancelled {
          try? await busy.read { db in
            begun.add()
            _ = try Int.fetchOne(
              db,
              sql: "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 20000) SELECT count(*) FROM n")
          }
        }
      }
    }
    for _ in 0..<20 {
      let before = begun.now
      _ = try await quiet.read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM a") }
      #expect(begun.now - before <= 4)
    }
    for task in tasks { task.cancel() }
    for task in tasks { await task.value }
  }

  @Test func theEndOfATaskIsTheEndOfItsStatement() async throws {
    let file = try file("one")
    let (begun, tell) = AsyncStream.makeStream(of: Void.self)
    let task = Task {
      try await file.read { db in
        tell.yield()
        return try Int.fetchOne(
          db, sql: "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n")
      }
    }
    for await _ in begun {
      task.cancel()
      break
    }
    await #expect(throws: CancellationError.self) { _ = try await task.value }
    #expect(try await file.read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM a") } == 0)
  }

  @Test func whatWaitsIsNotBegunWhenItsTaskEnds() async throws {
    let (file, other) = (try file("one"), try file("other"))
    let writes = Count()
    let (begun, go) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    lanes.add(other) {
      begun.signal()
      go.wait()
    }
    begun.wait()
    let task = Task {
      try await file.write { db in
        writes.add()
        try db.execute(sql: "INSERT INTO a VALUES (1)")
      }
    }
    task.cancel()
    go.signal()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(writes.now == 0)
  }

  /// An answer says what is in the file, whenever the task is ended.
  @Test func whatIsCommittedIsAnsweredAndWhatIsNotIsNot() async throws {
    let file = try file("one")
    var cancelled = 0
    for n in 0..<300 {
      let task = Task {
        try await file.write(.replayable) { db in
          for _ in 0..<20 { try db.execute(sql: "INSERT INTO a VALUES (?)", arguments: [n]) }
        }
      }
      for _ in 0..<n % 30 { await Task.yield() }
      task.cancel()
      var isCommitted = true
      do { try await task.value } catch {
        #expect(error is CancellationError)
        isCommitted = false
        cancelled += 1
      }
      let count = try await file.read { db in
        try Int.fetchOne(db, sql: "SELECT count(*) FROM a WHERE b = ?", arguments: [n])
      }
      #expect(count == (isCommitted ? 20 : 0))
    }
    #expect((1..<300).contains(cancelled))
  }
}
