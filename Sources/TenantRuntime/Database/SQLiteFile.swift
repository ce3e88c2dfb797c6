import CSQLite
import Dispatch
import Foundation
package import GRDB
import GRDBSQLite
package import Synchronization

/// How much a commit promises. `durable` is on disk when it returns (claims, consents, money); `replayable` survives a killed
/// process, and what a power cut takes back comes again from the intake or the ledger.
package enum Durability: String, Sendable {
  case durable = "FULL"
  case replayable = "NORMAL"
}

/// One open SQLite file: one connection that reads, writes and checkpoints, on a storage lane.
///
/// - One connection per file: Debian's SQLite has the WAL-reset race, which needs a second one that checkpoints or commits.
/// - Work runs on `lanes` (shared by many files, which take turns), never on a thread of the cooperative pool.
/// - Transactions are IMMEDIATE, and the closures are synchronous: no network call can stand inside one.
package final class SQLiteFile: Sendable {
  package let path: String
  private let queue: DatabaseQueue
  private let lanes: StorageLanes
  /// The durability that the connection has now: 0 is none that we have set. Set again only when it changes, for a PRAGMA is compiled
  /// each time.
  private let isDurable = Atomic<UInt8>(0)
  private let bulkUsers = Mutex(0)
  private let isClosed = Atomic(false)
  /// Transactions since it was opened: who shows what it holds looks again when there was one.
  package let commits = Atomic<Int>(0)
  private let follower = Mutex<(@Sendable () -> Void)?>(nil)

  private static let configured: Void = rh_sqlite_prepare()

  package init(path: String, lanes: StorageLanes, checkpointsItself: Bool = true) throws {
    Self.configured
    var configuration = Configuration()
    configuration.journalMode = .wal
    configuration.busyMode = .timeout(5)
    configuration.label = "sqlite"
    configuration.maximumReaderCount = 1
    configuration.prepareDatabase { db in
      try db.execute(sql: "PRAGMA cache_size = -512; PRAGMA journal_size_limit = 16777216")
      if !checkpointsItself { try db.execute(sql: "PRAGMA wal_autocheckpoint = 0") }
    }
    (self.path, self.lanes) = (path, lanes)
    queue = try DatabaseQueue(path: path, configuration: configuration)
  }

  /// For commands beside a running server: reads, never writes nor checkpoints. Its own process only.
  package init(reading path: String) throws {
    Self.configured
    var configuration = Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(5)
    configuration.label = "reader"
    (self.path, lanes) = (path, StorageLanes(label: "reader"))
    queue = try DatabaseQueue(path: path, configuration: configuration)
  }

  /// A copy that nobody writes to, also on a medium that cannot be written: no lock is taken and nothing is made beside it.
  package init(immutable path: String) throws {
    Self.configured
    var configuration = Configuration()
    configuration.readonly = true
    (self.path, lanes) = (path, StorageLanes(label: "copy"))
    let allowed = CharacterSet.urlPathAllowed.subtracting(CharacterSet(charactersIn: "?#%"))
    guard let escaped = path.addingPercentEncoding(withAllowedCharacters: allowed) else {
      throw DatabaseError(message: "the path cannot be read")
    }
    queue = try DatabaseQueue(path: "file:\(escaped)?immutable=1", configuration: configuration)
  }

  /// From now on told after each commit, on the lane: what it does must be short.
  package func follow(_ commits: @escaping @Sendable () -> Void) { follower.withLock { $0 = commits } }

  /// In its turn; the end of the caller's task is the end of the work.
  private func onLane<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
    let access = FileAccess { [queue] in queue.interrupt() }
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { done in
        lanes.add(self) { [queue] in
          // Inside the connection's queue: an interrupt must not reach its former user.
          done.resume(with: Result { try queue.writeWithoutTransaction { db in try access.run { try body(db) } } })
        }
      }
    } onCancel: {
      access.cancel()
    }
  }

  /// The same for who owns their thread: on that one.
  private func onLaneNow<Value>(_ body: (Database) throws -> Value) throws -> Value {
    try queue.writeWithoutTransaction(body)
  }

  package func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
    try await onLane { [self] db in try reading(db, body) }
  }

  /// One transaction. GRDB resets `synchronous` when it opens a WAL file, so it is set for each.
  package func write<Value: Sendable>(
    _ durability: Durability = .durable, _ body: @escaping @Sendable (Database) throws -> Value
  ) async throws -> Value {
    try await onLane { [self] db in try transaction(db, durability, body) }
  }

  /// The same for set-up and command-line work, which own their thread. Never from a task.
  package func writeNow<Value>(_ durability: Durability = .durable, _ body: (Database) throws -> Value) throws -> Value
  {
    try onLaneNow { db in try transaction(db, durability, body) }
  }

  package func readNow<Value>(_ body: (Database) throws -> Value) throws -> Value {
    try onLaneNow { db in try reading(db, body) }
  }

  /// For bulk work by the file's one writer: a larger cache, and fewer but longer checkpoints, until the last of those who asked is done.
  package func inBulk<Value>(_ body: () async throws -> Value) async throws -> Value {
    try await setBulk(1, "PRAGMA cache_size = -16384; PRAGMA wal_autocheckpoint = 4000") { $0 == 1 }
    let end = { () async throws in
      try await surely {
        try await self.setBulk(-1, "PRAGMA cache_size = -512; PRAGMA wal_autocheckpoint = 1000; PRAGMA shrink_memory") {
          $0 == 0
        }
      }
    }
    let value: Value
    do { value = try await body() } catch {
      try? await end()
      throw error
    }
    try await end()
    return value
  }

  private func setBulk(_ change: Int, _ sql: String, when holds: @escaping @Sendable (Int) -> Bool) async throws {
    try await onLane { [self] db in
      let users = bulkUsers.withLock { users in
        users += change
        return users
      }
      try refuseClosed()
      if holds(users) { try db.execute(sql: sql) }
    }
  }

  /// Folds the whole WAL into the file. Throws at once when another process still reads it: no lane waits for that.
  package func checkpoint() async throws {
    try await onLane { [self] db in
      try refuseClosed()
      try db.execute(sql: "PRAGMA busy_timeout = 0")
      defer { try? db.execute(sql: "PRAGMA busy_timeout = 5000") }
      _ = try db.checkpoint(.truncate)
    }
  }

  /// Copies the whole file, as of one moment, into a new and compact one: by a connection of its own that only reads, on a thread of its own,
  /// so that a large file keeps no lane.
  package func copy(to target: String) async throws {
    let path = path
    try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
      DispatchQueue(label: "copy").async {
        done.resume(
          with: Result {
            let reader = try SQLiteFile(reading: path)
            defer { try? reader.close() }
            try reader.copyNow(to: target)
          })
      }
    }
  }

  /// The same by this connection, for a file that nobody has open.
  package func copyNow(to target: String) throws {
    try onLaneNow { db in try db.execute(sql: "VACUUM INTO ?", arguments: [target]) }
  }

  package func outsideTransaction<Value: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> Value
  ) async throws -> Value {
    isDurable.store(0, ordering: .relaxed)
    return try await onLane { [self] db in
      try refuseClosed()
      return try body(db)
    }
  }

  package func outsideTransactionNow<Value>(_ body: (Database) throws -> Value) throws -> Value {
    isDurable.store(0, ordering: .relaxed)
    return try onLaneNow { db in
      try refuseClosed()
      return try body(db)
    }
  }

  /// What comes later is refused.
  package func close() throws {
    queue.writeWithoutTransaction { _ in isClosed.store(true, ordering: .relaxed) }
    do { try queue.close() } catch {
      isClosed.store(false, ordering: .relaxed)
      throw error
    }
  }

  /// GRDB hands its missing connection to SQLite, which ends the process. On the lane, as the closing is.
  private func refuseClosed() throws {
    guard !isClosed.load(ordering: .relaxed) else {
      throw DatabaseError(resultCode: .SQLITE_MISUSE, message: "\(path) has been closed")
    }
  }

  /// One read transaction. A body that has written anything is undone and refused. Not by `PRAGMA query_only`, as `DatabaseQueue.read` does it:
  /// setting it expires every prepared statement of the connection, so that each was compiled again after each read.
  private func reading<Value>(_ db: Database, _ body: (Database) throws -> Value) throws -> Value {
    try refuseClosed()
    var value: Value?
    try db.inTransaction(.deferred) {
      value = try body(db)
      guard sqlite3_txn_state(db.sqliteConnection, nil) != SQLITE_TXN_WRITE else {
        throw DatabaseError(resultCode: .SQLITE_READONLY, message: "a read of \(path) has written")
      }
      return .commit
    }
    guard let value else { preconditionFailure("a committed transaction has its value") }
    return value
  }

  private func transaction<Value>(
    _ db: Database, _ durability: Durability, _ body: (Database) throws -> Value
  ) throws -> Value {
    try refuseClosed()
    let wanted: UInt8 = durability == .durable ? 1 : 2
    if isDurable.load(ordering: .relaxed) != wanted {
      try db.execute(sql: "PRAGMA synchronous = \(durability.rawValue)")
      isDurable.store(wanted, ordering: .relaxed)
    }
    var value: Value?
    try db.inTransaction(.immediate) {
      value = try body(db)
      return .commit
    }
    commits.add(1, ordering: .relaxed)
    follower.withLock { $0 }?()
    guard let value else { preconditionFailure("a committed transaction has its value") }
    return value
  }
}

/// Brings a file to the newest schema; refuses one that is newer than the program.
package enum Migrator {
  package enum Failure: Error, CustomStringConvertible {
    case newer(Int, known: Int)
    case foreign(Int32)

    package var description: String {
      switch self {
      case .newer(let version, let known):
        "the file has schema \(version), this program knows up to \(known): run the program that made it, or a newer one"
      case .foreign(let id): "the file is not one of ours (application id \(id))"
      }
    }
  }

  package static func migrate(_ db: Database, _ migrations: [String], applicationID: Int32) throws {
    let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    let id = try Int32.fetchOne(db, sql: "PRAGMA application_id") ?? 0
    guard version <= migrations.count else { throw Failure.newer(version, known: migrations.count) }
    guard id == applicationID || (id == 0 && version == 0) else { throw Failure.foreign(id) }
    for number in version..<migrations.count {
      try db.execute(sql: "PRAGMA synchronous = FULL")
      try db.inTransaction(.immediate) {
        try db.execute(sql: migrations[number])
        try db.execute(sql: "PRAGMA application_id = \(applicationID); PRAGMA user_version = \(number + 1)")
        return .commit
      }
    }
  }
}
