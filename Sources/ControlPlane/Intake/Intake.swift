import Dispatch
import Foundation
import GRDB
import Synchronization
package import TenantRuntime

/// The node's one durable append log of what the outside world was answered for.
///
/// Invariants:
/// - an entry is answered for after its row is on disk (FULL), and those that wait meanwhile share the next commit, over all tenants;
/// - ids only rise (AUTOINCREMENT), also over restarts; a tenant's file records the last one it has applied;
/// - a row goes only when the tenant's file has it on disk; revocations and send claims stay longer than any backup.
package final class Intake: SendClaimLog {
  /// Told where its row is, or why there is none, on the writer's thread: it must not block.
  package typealias Answer = @Sendable (Result<Int64, Refusal>) -> Void

  private enum Entry: Sendable {
    case event(tenant: String, OutsideEvent, stored: [UInt8])
    case claim(SendClaim)
  }
  private struct Waiting: Sendable {
    let entry: Entry
    let answer: Answer
  }
  private struct State: Sendable {
    var waiting: [Waiting] = []
    var draining = false
    /// The last commit was refused by the disk.
    var isRefused = false
    var backlogs: [String: Backlog] = [:]
    /// Rows kept, and those of them in memory.
    var rows = 0
    var whole = 0
    /// Ids whose rows can go.
    var trimmed: [Int64] = []
    /// Since when some wait to go; nil: none does.
    var trimmingSince: ContinuousClock.Instant?
    var lastCommit = ContinuousClock.now

    mutating func keep(_ event: OutsideEvent, id: Int64, tenant: String) {
      let isKept = whole < Intake.mostWhole
      let before = backlogs[tenant]?.events.count ?? 0
      backlogs[tenant, default: Backlog()].append(id, isKept ? event : nil)
      rows += 1
      whole += isKept ? 1 : -before
    }

    mutating func take(_ tenant: String, after id: Int64, atMost limit: Int) -> Backlog.Page {
      let before = backlogs[tenant]?.events.count ?? 0
      guard let page = backlogs[tenant]?.take(after: id, atMost: limit) else { return .whole([]) }
      whole -= before - (backlogs[tenant]?.events.count ?? 0)
      return page
    }

    mutating func trim(_ tenant: String, upTo id: Int64) {
      let before = backlogs[tenant]?.events.count ?? 0
      guard let gone = backlogs[tenant]?.drop(upTo: id), !gone.isEmpty else { return }
      whole -= before - (backlogs[tenant]?.events.count ?? 0)
      rows -= gone.count
      trimmed += gone
    }
  }
  /// So many rows are kept in memory beside the file.
  private static let mostWhole = 120_000
  /// Beyond any of these the door says 503 and the provider tries again: entries waiting for one commit, rows of a tenant that cannot
  /// take them, and rows of all.
  private static let mostWaiting = 20_000
  private static let mostOfTenant = 1_000_000
  private static let mostRows = 4_000_000
  private static let trimTogether = 250
  /// Rows that can go wait until nothing has come for so long, for answers would wait for their checkpoint; but no longer than this, and
  /// not when they are so many.
  private static let quiet = Duration.milliseconds(200)
  private static let longestTrimmed = Duration.seconds(10)
  private static let mostTrimmed = 100_000

  package let instance: String
  private let file: SQLiteFile
  private let writer = DispatchQueue(label: "intake")
  private let state = Mutex(State())

  package init(path: String) throws {
    file = try SQLiteFile(path: path, lane: DispatchQueue(label: "intake-file"))
    try file.migrateNow(IntakeMigrations.all, applicationID: IntakeMigrations.applicationID)
    var state = State()
    instance = try file.writeNow { db in
      let rows = try Row.fetchCursor(db, sql: "SELECT tenant, id FROM rows ORDER BY id")
      while let row = try rows.next() {
        state.backlogs[row[0], default: Backlog()].append(row[1], nil)
        state.rows += 1
      }
      return try String.fetchOne(db, sql: "SELECT instance FROM intake") ?? ""
    }
    self.state.withLock { [state] in $0 = state }
  }

  // MARK: Append

  /// Takes an event; the answer comes once its row is on disk.
  package func append(_ event: OutsideEvent, tenant: String, then answer: @escaping Answer) {
    do {
      append(.event(tenant: tenant, event, stored: try event.stored()), then: answer)
    } catch { answer(.failure(.unavailable("The event cannot be written down."))) }
  }

  package func append(_ event: OutsideEvent, tenant: String) async throws -> Int64 {
    try await withCheckedThrowingContinuation { continuation in
      append(event, tenant: tenant) { continuation.resume(with: $0) }
    }
  }

  /// Many at once, in one commit with whatever else waits.
  package func append(_ events: [OutsideEvent], tenant: String) async throws -> [Int64] {
    try await withThrowingTaskGroup(of: (Int, Int64).self) { group in
      for (index, event) in events.enumerated() {
        group.addTask { (index, try await self.append(event, tenant: tenant)) }
      }
      return try await group.reduce(into: Array(repeating: Int64(0), count: events.count)) { $0[$1.0] = $1.1 }
    }
  }

  package func append(_ claim: SendClaim) async throws {
    _ = try await withCheckedThrowingContinuation { continuation in
      append(.claim(claim)) { continuation.resume(with: $0) }
    }
  }

  private func append(_ entry: Entry, then answer: @escaping Answer) {
    let (taken, start) = state.withLock { state in
      guard Self.hasRoom(state, for: entry) else { return (false, false) }
      state.waiting.append(Waiting(entry: entry, answer: answer))
      defer { state.draining = true }
      return (true, !state.draining)
    }
    if !taken { answer(.failure(.unavailable("The intake is full; try again."))) }
    if start { writer.async { self.drain() } }
  }

  private static func hasRoom(_ state: State, for entry: Entry) -> Bool {
    guard state.waiting.count < mostWaiting else { return false }
    guard case .event(let tenant, _, _) = entry else { return true }
    return state.rows < mostRows && state.backlogs[tenant]?.ids.count ?? 0 < mostOfTenant
  }

  /// While one commit is on its way to the disk the next group gathers.
  private func drain() {
    var group: [Waiting] = []
    while true {
      // Two buffers take turns, so that neither grows anew for every group.
      group.removeAll(keepingCapacity: true)
      state.withLock { state in
        swap(&state.waiting, &group)
        if group.isEmpty { state.draining = false }
      }
      if group.isEmpty { return }
      do {
        let ids = try file.writeNow { db in try Self.insert(db, group) }
        state.withLock { state in
          state.isRefused = false
          state.lastCommit = .now
          for (waiting, id) in zip(group, ids) {
            if case .event(let tenant, let event, _) = waiting.entry { state.keep(event, id: id, tenant: tenant) }
          }
        }
        for (waiting, id) in zip(group, ids) { waiting.answer(.success(id)) }
        // Under load this loop does not end, and nothing else has a turn on this queue: then some go between two commits.
        if state.withLock({ $0.trimmed.count >= Self.mostTrimmed }) { deleteTrimmed() }
      } catch {
        state.withLock { $0.isRefused = true }
        for waiting in group { waiting.answer(.failure(.unavailable("The intake cannot write; try again."))) }
      }
    }
  }

  private static func insert(_ db: Database, _ group: [Waiting]) throws -> [Int64] {
    let row = try RawStatement(db, "INSERT INTO rows (tenant, event) VALUES (?, ?)")
    return try group.map { waiting in
      switch waiting.entry {
      case .claim(let claim): try insert(db, claim)
      case .event(let tenant, let event, let stored):
        try insert(db, row, tenant, event, stored)
      }
    }
  }

  private static func insert(
    _ db: Database, _ row: RawStatement, _ tenant: String, _ event: OutsideEvent, _ stored: [UInt8]
  ) throws -> Int64 {
    row.bind(1, tenant)
    try stored.withUnsafeBytes { bytes in
      row.bindBlob(2, bytes)
      try row.run()
    }
    let id = row.lastInsertedID
    if let revocation = event.revocation {
      try db.cachedStatement(sql: "INSERT INTO revocations (id, tenant, revocation, at) VALUES (?, ?, ?, ?)").execute(
        arguments: [
          id, tenant, String(decoding: try JSONEncoder().encode(revocation), as: UTF8.self), revocation.at,
        ])
    }
    return id
  }

  private static func insert(_ db: Database, _ claim: SendClaim) throws -> Int64 {
    try db.cachedStatement(
      sql: "INSERT INTO send_claims (tenant, epoch, claim_no, jobs, highest_campaign) VALUES (?, ?, ?, ?, ?)"
    ).execute(arguments: [
      claim.tenant, claim.epoch, claim.claimNumber, claim.jobIDs.map(String.init).joined(separator: ","),
      claim.highestCampaignID,
    ])
    return db.lastInsertedRowID
  }

  /// Whether it can take events now. After a refusal a small write tells.
  package func canTake() async -> Bool {
    let (isRefused, isLong) = state.withLock {
      ($0.isRefused, $0.waiting.count >= Self.mostWaiting || $0.rows >= Self.mostRows)
    }
    if isLong { return false }
    guard isRefused else { return true }
    let isWell = (try? await file.write { db in try db.execute(sql: "UPDATE intake SET checks = checks + 1") }) != nil
    if isWell { state.withLock { $0.isRefused = false } }
    return isWell
  }

  // MARK: Read and trim

  /// The last row of a tenant, from memory: 0 when none waits.
  package func last(of tenant: String) -> Int64 { state.withLock { $0.backlogs[tenant]?.last ?? 0 } }

  package func rows(of tenant: String, after id: Int64, atMost limit: Int) async throws -> [(
    id: Int64, event: OutsideEvent
  )] {
    switch state.withLock({ $0.take(tenant, after: id, atMost: limit) }) {
    case .whole(let rows): rows
    case .ids(let ids):
      try await file.read { db in
        let statement = try db.cachedStatement(sql: "SELECT event FROM rows WHERE id = ?")
        return try ids.compactMap { id in
          try Data.fetchOne(statement, arguments: [id]).map { (id, OutsideEvent(stored: Array($0))) }
        }
      }
    }
  }

  package func revocations(of tenant: String, after id: Int64) async throws -> [Revocation] {
    try await file.read { db in
      try String.fetchAll(
        db, sql: "SELECT revocation FROM revocations WHERE tenant = ? AND id > ? ORDER BY id", arguments: [tenant, id]
      ).map { try Self.decode(Revocation.self, $0) }
    }
  }

  package func claims(of tenant: String, after number: Int64) async throws -> [SendClaim] {
    try await file.read { db in
      try Row.fetchAll(
        db, sql: "SELECT * FROM send_claims WHERE tenant = ? AND claim_no > ? ORDER BY id", arguments: [tenant, number]
      ).map { row in
        SendClaim(
          tenant: tenant, epoch: row["epoch"], claimNumber: row["claim_no"],
          jobIDs: (row["jobs"] as String).split(separator: ",").compactMap { Int64($0) },
          highestCampaignID: row["highest_campaign"])
      }
    }
  }

  /// The tenant's file has these on disk. Their rows go within a second, with those of other tenants: beside each other they lie on the
  /// same pages.
  package func trim(_ tenant: String, upTo id: Int64) {
    let start = state.withLock { state in
      state.trim(tenant, upTo: id)
      guard !state.trimmed.isEmpty, state.trimmingSince == nil else { return false }
      state.trimmingSince = .now
      return true
    }
    if start { writer.asyncAfter(deadline: .now() + 1) { self.deleteAllTrimmed() } }
  }

  /// In turns, so that appends come between.
  private func deleteAllTrimmed() {
    let (isQuiet, isLong) = state.withLock { state in
      (.now - state.lastCommit > Self.quiet, state.trimmingSince.map { .now - $0 > Self.longestTrimmed } ?? false)
    }
    if isQuiet || isLong { deleteTrimmed() }
    let isMore = state.withLock { state in
      if state.trimmed.isEmpty { state.trimmingSince = nil }
      return state.trimmingSince != nil
    }
    if isMore { writer.asyncAfter(deadline: .now() + (isQuiet ? 0 : 0.1)) { self.deleteAllTrimmed() } }
  }

  private func deleteTrimmed() {
    let ids = state.withLock { state in
      let ids = Array(state.trimmed.prefix(Self.trimTogether))
      state.trimmed.removeFirst(ids.count)
      return ids
    }
    // What a full disk keeps from going is applied already, and trimmed after the next start.
    try? file.writeNow(.replayable) { db in
      let statement = try db.cachedStatement(sql: "DELETE FROM rows WHERE id BETWEEN ? AND ?")
      for run in Self.runs(ids.sorted()) { try statement.execute(arguments: [run.lowerBound, run.upperBound]) }
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
    writer.sync { while !state.withLock({ $0.trimmed.isEmpty }) { deleteTrimmed() } }
    try file.close()
  }

  private static func decode<Value: Decodable>(_: Value.Type, _ text: String) throws -> Value {
    try JSONDecoder().decode(Value.self, from: Data(text.utf8))
  }
}
