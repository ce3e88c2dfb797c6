import Dispatch
import Foundation
import GRDB
import Synchronization
package import TenantRuntime

/// The node's one durable append log of what was answered for.
///
/// Invariants:
/// - an entry is answered for after its row is on disk (FULL), and those that wait meanwhile share the next commit, over all tenants;
/// - ids only rise (AUTOINCREMENT), also over restarts, and over a log that was put back from an older copy: each start goes on above the
///   microseconds of its clock. A tenant's file records the last one it has applied;
/// - what people have written or decided has room of its own: clicks and reports never fill it;
/// - a row goes only when the tenant's file has it on disk; revocations and send claims stay longer than any backup.
package final class Intake: IntakeLog {
  /// Events of a tenant that are on disk now.
  package struct Arrival: Sendable {
    package var tenant: String
    package var events: Int
    package var kind: IntakeEvent.Kind
  }

  private struct Waiting: Sendable {
    let entry: IntakeGroup.Entry
    let answer: IntakeAnswer
  }
  private struct State {
    var waiting: [Waiting] = []
    var draining = false
    /// The last commit was refused by the disk.
    var isRefused = false
    var lastCommit = ContinuousClock.now
    var backlogs = Backlogs()
    var highest: Int64 = 0
  }
  /// Beyond any of these the answer is 503 and the provider tries again: entries waiting for one commit, events of a tenant that cannot
  /// take them, and events of all.
  private static let mostWaiting = 20_000
  private static let mostTextsWaiting = 30_000
  private static let mostOfTenant = 1_000_000
  private static let mostEvents = 4_000_000
  private static let trimTogether = 250
  /// Rows that can go wait until nothing has come for so long, for answers would wait for their checkpoint; but no longer than this, and
  /// not when they are so many.
  private static let quiet = Duration.milliseconds(200)
  private static let longestTrimmed = Duration.seconds(10)
  private static let mostTrimmed = 100_000

  package let instance: String
  let file: SQLiteFile
  private let writer = DispatchQueue(label: "intake")
  private let state = Mutex(State())
  private let toRaise: Mutex<Int64?>
  private let arrived: @Sendable (Arrival) -> Void

  /// - Parameter arrived: called with each row once its events are answered, on the writer's thread: it must not block.
  /// - Parameter start: the time of the start.
  package init(
    path: String, start: Moment = .now(), arrived: @escaping @Sendable (Arrival) -> Void = { _ in }
  ) throws {
    self.arrived = arrived
    file = try SQLiteFile(path: path, lanes: StorageLanes(label: "intake-file"))
    try file.migrateNow(IntakeMigrations.all, applicationID: IntakeMigrations.applicationID)
    var backlogs = Backlogs()
    instance = try file.writeNow { db in
      let rows = try Row.fetchCursor(
        db, sql: "SELECT tenant, id, events, substr(event, 1, 1) NOT IN (X'53', X'48') FROM rows ORDER BY id")
      while let row = try rows.next() {
        backlogs.append(.init(id: row[1], events: row[2], isText: row[3]), nil, tenant: row[0])
      }
      return try String.fetchOne(db, sql: "SELECT instance FROM intake") ?? ""
    }
    let begin = start.milliseconds * 1_000
    let highest = try file.readNow { db in
      max(try Int64.fetchOne(db, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'rows'") ?? 0, begin)
    }
    toRaise = Mutex(begin)
    state.withLock { [backlogs] in ($0.backlogs, $0.highest) = (backlogs, highest) }
  }

  /// The log of a data folder.
  static func open(_ data: String, start: Moment, arrived: @escaping @Sendable (Arrival) -> Void) throws -> Intake {
    let path = "\(data)/intake.sqlite"
    return try ControlFile.naming(path) { try Intake(path: path, start: start, arrived: arrived) }
  }

  /// Ids that are given from now on are higher. At a start that is done with the first rows, so that one on a full disk begins.
  private static func raiseIDs(_ db: Database, above id: Int64) throws {
    try db.execute(sql: "UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = 'rows'", arguments: [id])
    guard db.changesCount == 0 else { return }
    try db.execute(sql: "INSERT INTO sqlite_sequence (name, seq) VALUES ('rows', ?)", arguments: [id])
  }

  /// The last id that was given, also before a start.
  package var highestID: Int64 { state.withLock { $0.highest } }

  /// A file has applied rows of this log that the log has not given out: it was put back, and its clock too. Ids go on above.
  package func raiseIDs(above id: Int64) async throws {
    try await file.write { db in try Self.raiseIDs(db, above: id) }
    state.withLock { $0.highest = max($0.highest, id) }
  }

  // MARK: Append

  /// Takes an event; the answer comes once its row is on disk.
  package func append(_ event: IntakeEvent, tenant: String, then answer: @escaping IntakeAnswer) {
    do {
      if case .hits(let hits) = event { return append(.hits(tenant: tenant, hits), then: answer) }
      append(.event(tenant: tenant, event, stored: try event.stored()), then: answer)
    } catch { answer(.failure(.unavailable("The event cannot be written down."))) }
  }

  /// Many at once, in one commit with whatever else waits.
  package func append(_ events: [IntakeEvent], tenant: String) async throws -> [Int64] {
    try await withThrowingTaskGroup(of: (Int, Int64).self) { group in
      for (index, event) in events.enumerated() {
        group.addTask { (index, try await self.append(event, tenant: tenant)) }
      }
      return try await group.reduce(into: Array(repeating: Int64(0), count: events.count)) { $0[$1.0] = $1.1 }
    }
  }

  package func append(_ claim: SendClaim, campaigns: [CampaignNote]) async throws {
    _ = try await withCheckedThrowingContinuation { continuation in
      append(.claim(claim, campaigns)) { continuation.resume(with: $0) }
    }
  }

  package func append(_ note: CampaignNote, tenant: String) async throws {
    _ = try await withCheckedThrowingContinuation { continuation in
      append(.note(note, tenant: tenant)) { continuation.resume(with: $0) }
    }
  }

  private func append(_ entry: IntakeGroup.Entry, then answer: @escaping IntakeAnswer) {
    let (taken, start) = state.withLock { state in
      guard Self.hasRoom(state, for: entry) else { return (false, false) }
      state.waiting.append(Waiting(entry: entry, answer: answer))
      defer { state.draining = true }
      return (true, !state.draining)
    }
    if !taken { answer(.failure(.unavailable("The intake is full; try again."))) }
    if start { writer.async { self.drain() } }
  }

  private static func hasRoom(_ state: State, for entry: IntakeGroup.Entry) -> Bool {
    let backlogs = state.backlogs
    switch entry {
    case .claim, .note: return state.waiting.count < mostTextsWaiting
    case .event(let tenant, let event, _) where event.kind == .texts:
      return state.waiting.count < mostTextsWaiting && backlogs.texts < mostEvents
        && backlogs.texts(of: tenant) < mostOfTenant
    case .event(let tenant, _, _), .hits(let tenant, _):
      return state.waiting.count < mostWaiting && backlogs.events - backlogs.texts < mostEvents
        && backlogs.events(of: tenant) - backlogs.texts(of: tenant) < mostOfTenant
    }
  }

  /// While one commit is on its way to the disk the next group gathers.
  private func drain() {
    var waiting: [Waiting] = []
    while true {
      // Two buffers take turns, so that neither grows anew for every group.
      waiting.removeAll(keepingCapacity: true)
      state.withLock { state in
        swap(&state.waiting, &waiting)
        if waiting.isEmpty { state.draining = false }
      }
      if waiting.isEmpty { return }
      commit(waiting)
      // Under load this loop does not end, and nothing else has a turn on this queue: then some go between two commits.
      if state.withLock({ $0.backlogs.trimmed.count >= Self.mostTrimmed }) { _ = deleteTrimmed() }
    }
  }

  private func commit(_ waiting: [Waiting]) {
    let group = IntakeGroup(waiting.lazy.map(\.entry))
    do {
      let ids = try file.writeNow { db in
        if let begin = toRaise.withLock({ $0 }) { try Self.raiseIDs(db, above: begin) }
        return try group.insert(db)
      }
      toRaise.withLock { $0 = nil }
      keep(group, ids)
      for (waiting, rowIndex) in zip(waiting, group.rowIndices) { waiting.answer(.success(ids[rowIndex])) }
      for case .events(let tenant, let event, _) in group.rows {
        arrived(Arrival(tenant: tenant, events: event.count, kind: event.kind))
      }
    } catch {
      state.withLock { $0.isRefused = true }
      for waiting in waiting { waiting.answer(.failure(.unavailable("The intake cannot write; try again."))) }
    }
  }

  private func keep(_ group: IntakeGroup, _ ids: [Int64]) {
    state.withLock { state in
      state.isRefused = false
      state.lastCommit = .now
      for (row, id) in zip(group.rows, ids) {
        guard case .events(let tenant, let event, _) = row else { continue }
        state.highest = max(state.highest, id)
        state.backlogs.append(
          .init(id: id, events: Int32(clamping: event.count), isText: event.kind == .texts), event, tenant: tenant)
      }
    }
  }

  /// Whether it can take events now. After a refusal a small write decides.
  package func canTake() async -> Bool {
    let (isRefused, isLong) = state.withLock {
      ($0.isRefused, $0.waiting.count >= Self.mostWaiting || $0.backlogs.texts >= Self.mostEvents)
    }
    if isLong { return false }
    guard isRefused else { return true }
    let isWell = (try? await file.write { db in try db.execute(sql: "UPDATE intake SET checks = checks + 1") }) != nil
    if isWell { state.withLock { $0.isRefused = false } }
    return isWell
  }

  // MARK: Read and trim

  /// Tenants whose files may not have all that was answered for them.
  package var waitingTenants: [String] { state.withLock { $0.backlogs.tenants } }

  /// The last row of a tenant, from memory: 0 when none waits.
  package func last(of tenant: String) -> Int64 { state.withLock { $0.backlogs.last(of: tenant) } }

  /// Whether a row is still to be applied.
  func isWaiting(_ id: Int64, of tenant: String) -> Bool { state.withLock { $0.backlogs.waits(id, of: tenant) } }

  /// - Parameter limit: of events; a single row may hold more.
  package func rows(of tenant: String, after id: Int64, atMost limit: Int) async throws -> [(
    id: Int64, event: IntakeEvent
  )] {
    switch state.withLock({ $0.backlogs.take(tenant, after: id, atMost: limit) }) {
    case .whole(let rows): rows
    case .ids(let ids):
      try await file.read { db in
        let statement = try db.cachedStatement(sql: "SELECT event FROM rows WHERE id = ?")
        return try ids.compactMap { id in
          try Data.fetchOne(statement, arguments: [id]).map { (id, IntakeEvent(stored: Array($0))) }
        }
      }
    }
  }

  /// The tenant's file has these on disk. Their rows go within a second, with those of other tenants: beside each other they lie on the
  /// same pages.
  package func trim(_ tenant: String, upTo id: Int64) {
    let start = state.withLock { $0.backlogs.trim(tenant, upTo: id, at: .now) }
    if start { writer.asyncAfter(deadline: .now() + 1) { self.deleteAllTrimmed() } }
  }

  /// In turns, so that appends come between.
  private func deleteAllTrimmed() {
    let (isQuiet, isLong) = state.withLock { state in
      (
        .now - state.lastCommit > Self.quiet,
        state.backlogs.trimmingSince.map { .now - $0 > Self.longestTrimmed } ?? false
      )
    }
    let isRefused = (isQuiet || isLong) && !deleteTrimmed()
    if state.withLock({ $0.backlogs.trimmingSince != nil }) {
      writer.asyncAfter(deadline: .now() + (isRefused ? 1 : isQuiet ? 0 : 0.1)) { self.deleteAllTrimmed() }
    }
  }

  /// False when the disk refuses it: then the same go next, for after a start a row that is left stands for all behind it.
  private func deleteTrimmed() -> Bool {
    let ids = state.withLock { $0.backlogs.takeTrimmed(atMost: Self.trimTogether) }
    do {
      try file.writeNow(.replayable) { db in
        let statement = try db.cachedStatement(sql: "DELETE FROM rows WHERE id BETWEEN ? AND ?")
        for run in Self.runs(ids.sorted()) { try statement.execute(arguments: [run.lowerBound, run.upperBound]) }
      }
      return true
    } catch {
      state.withLock { $0.backlogs.giveBackTrimmed(ids, at: .now) }
      return false
    }
  }

  /// Ids that follow each other, as ranges.
  private static func runs(_ sorted: [Int64]) -> [ClosedRange<Int64>] {
    sorted.reduce(into: []) { runs, id in
      if let last = runs.last, last.upperBound + 1 == id {
        runs[runs.count - 1] = last.lowerBound...id
      } else {
        runs.append(id...id)
      }
    }
  }

  package func close() throws {
    writer.sync { while !state.withLock({ $0.backlogs.trimmed.isEmpty }), deleteTrimmed() {} }
    try file.close()
  }
}
