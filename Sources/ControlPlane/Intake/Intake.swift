import Dispatch
import Foundation
import GRDB
import Synchronization
package import TenantRuntime

/// The node's one durable append log of what the outside world was answered for.
///
/// Invariants:
/// - `append` returns after its row is on disk (FULL), and rows that wait meanwhile share the next commit, over all tenants;
/// - ids only rise (AUTOINCREMENT), also over restarts; a tenant's file records the last one it has applied;
/// - a row goes only when the tenant's file has it on disk; revocations and send claims stay longer than any backup.
package final class Intake: SendClaimLog {
  private enum Entry: Sendable {
    case event(tenant: String, OutsideEvent)
    case claim(SendClaim)
  }
  private struct Waiting: Sendable {
    let entry: Entry
    let continuation: CheckedContinuation<Int64, any Error>
  }
  private struct State: Sendable {
    var waiting: [Waiting] = []
    var draining = false
    /// The last commit was refused by the disk.
    var isRefused = false
    var last: [String: Int64] = [:]
    /// Rows that wait for their tenant, still in memory: its newest ones, without a gap.
    var pending: [String: [(id: Int64, event: OutsideEvent)]] = [:]
    var pendingCount = 0
    /// The last row handed out for applying: what is pending follows it directly.
    var handed: [String: Int64] = [:]

    mutating func keep(_ event: OutsideEvent, id: Int64, tenant: String) {
      last[tenant] = id
      if pendingCount >= Intake.mostPending {
        // The tenant reads its rows from the file; the gap closes once all of them are handed out.
        pendingCount -= pending.removeValue(forKey: tenant)?.count ?? 0
        handed[tenant] = nil
      } else if handed[tenant] != nil {
        pending[tenant, default: []].append((id, event))
        pendingCount += 1
      }
    }

    mutating func take(_ tenant: String, after id: Int64, atMost limit: Int) -> [(id: Int64, event: OutsideEvent)]? {
      guard handed[tenant] == id, let rows = pending[tenant], !rows.isEmpty else { return nil }
      let taken = rows.count <= limit ? rows : Array(rows[..<limit])
      pending[tenant] = rows.count <= limit ? nil : Array(rows[limit...])
      pendingCount -= taken.count
      handed[tenant] = taken[taken.count - 1].id
      return taken
    }

    /// Rows were read from the file: if they are the last ones, memory takes over from here.
    mutating func handedOut(_ tenant: String, upTo id: Int64) {
      if let rows = pending[tenant] {
        let left = rows.filter { $0.id > id }
        pendingCount -= rows.count - left.count
        pending[tenant] = left.isEmpty ? nil : left
        handed[tenant] = handed[tenant].map { max($0, id) }
      }
      if last[tenant] ?? 0 <= id { handed[tenant] = id }
    }
  }
  private static let mostPending = 50_000

  package let instance: String
  private let file: SQLiteFile
  private let writer = DispatchQueue(label: "intake")
  private let state = Mutex(State())
  private static let gatherMicroseconds: UInt32 = 700
  /// Beyond this many rows waiting for one commit the door says 503 and the provider tries again.
  private static let mostWaiting = 20_000

  package init(path: String) throws {
    file = try SQLiteFile(path: path, lane: DispatchQueue(label: "intake-file"))
    try file.migrateNow(IntakeMigrations.all, applicationID: IntakeMigrations.applicationID)
    let (instance, last) = try file.writeNow { db in
      let rows = try Row.fetchAll(db, sql: "SELECT tenant, max(id) AS last FROM rows GROUP BY tenant")
      return (
        try String.fetchOne(db, sql: "SELECT instance FROM intake") ?? "",
        Dictionary(uniqueKeysWithValues: rows.map { ($0["tenant"] as String, $0["last"] as Int64) })
      )
    }
    self.instance = instance
    state.withLock { $0.last = last }
  }

  // MARK: Append

  package func append(_ event: OutsideEvent, tenant: String) async throws -> Int64 {
    try await append(.event(tenant: tenant, event))
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

  package func append(_ claim: SendClaim) async throws { _ = try await append(.claim(claim)) }

  private func append(_ entry: Entry) async throws -> Int64 {
    try await withCheckedThrowingContinuation { continuation in
      let (taken, start) = state.withLock { state in
        guard state.waiting.count < Self.mostWaiting else { return (false, false) }
        state.waiting.append(Waiting(entry: entry, continuation: continuation))
        defer { state.draining = true }
        return (true, !state.draining)
      }
      if !taken { continuation.resume(throwing: Refusal.unavailable("The intake is full; try again.")) }
      if start { writer.async { self.drain() } }
    }
  }

  /// While one commit is on its way to the disk the next group gathers. A disk can be faster than that is good for: where several came
  /// together last time, the next waits a moment for company, since a commit costs as much as the rows in it.
  private func drain() {
    var company = 0
    while true {
      if company > 1 { usleep(Self.gatherMicroseconds) }
      let group = state.withLock { state in
        defer { state.waiting = [] }
        if state.waiting.isEmpty { state.draining = false }
        return state.waiting
      }
      if group.isEmpty { return }
      company = group.count
      do {
        let ids = try file.writeNow { db in try group.map { try Self.insert(db, $0.entry) } }
        state.withLock { state in
          state.isRefused = false
          for (waiting, id) in zip(group, ids) {
            if case .event(let tenant, let event) = waiting.entry { state.keep(event, id: id, tenant: tenant) }
          }
        }
        for (waiting, id) in zip(group, ids) { waiting.continuation.resume(returning: id) }
      } catch {
        state.withLock { $0.isRefused = true }
        for waiting in group {
          waiting.continuation.resume(throwing: Refusal.unavailable("The intake cannot write; try again."))
        }
      }
    }
  }

  private static func insert(_ db: Database, _ entry: Entry) throws -> Int64 {
    switch entry {
    case .claim(let claim):
      try db.cachedStatement(
        sql: "INSERT INTO send_claims (tenant, epoch, claim_no, jobs, highest_campaign) VALUES (?, ?, ?, ?, ?)"
      ).execute(arguments: [
        claim.tenant, claim.epoch, claim.claimNumber, claim.jobIDs.map(String.init).joined(separator: ","),
        claim.highestCampaignID,
      ])
      return db.lastInsertedRowID
    case .event(let tenant, let event):
      try db.cachedStatement(sql: "INSERT INTO rows (tenant, event) VALUES (?, ?)")
        .execute(arguments: [tenant, Data(try event.stored())])
      let id = db.lastInsertedRowID
      if let revocation = event.revocation {
        try db.execute(
          sql: "INSERT INTO revocations (id, tenant, revocation, at) VALUES (?, ?, ?, ?)",
          arguments: [id, tenant, String(decoding: try JSONEncoder().encode(revocation), as: UTF8.self), revocation.at])
      }
      return id
    }
  }

  /// Whether it can take events now. After a refusal a small write tells.
  package func canTake() async -> Bool {
    let (isRefused, isLong) = state.withLock { ($0.isRefused, $0.waiting.count >= Self.mostWaiting) }
    if isLong { return false }
    guard isRefused else { return true }
    let isWell = (try? await file.write { db in try db.execute(sql: "UPDATE intake SET checks = checks + 1") }) != nil
    if isWell { state.withLock { $0.isRefused = false } }
    return isWell
  }

  // MARK: Read and trim

  /// The last row of a tenant, from memory: 0 when none waits.
  package func last(of tenant: String) -> Int64 { state.withLock { $0.last[tenant] ?? 0 } }
  package var tenantsWithRows: [String] { state.withLock { $0.last.keys.sorted() } }

  package func rows(of tenant: String, after id: Int64, atMost limit: Int) async throws -> [(
    id: Int64, event: OutsideEvent
  )] {
    if let rows = state.withLock({ $0.take(tenant, after: id, atMost: limit) }) { return rows }
    let rows = try await file.read { db in
      try Row.fetchAll(
        db.cachedStatement(sql: "SELECT id, event FROM rows WHERE tenant = ? AND id > ? ORDER BY id LIMIT ?"),
        arguments: [tenant, id, limit]
      ).map { (id: $0[0] as Int64, event: OutsideEvent(stored: Array($0[1] as Data))) }
    }
    // Nothing newer than these is on its way without being in memory too: an id is given out when its row is committed.
    if let end = rows.last?.id { state.withLock { $0.handedOut(tenant, upTo: end) } }
    return rows
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

  package func trim(_ tenant: String, upTo id: Int64) async throws {
    try await file.write(.replayable) { db in
      try db.execute(sql: "DELETE FROM rows WHERE tenant = ? AND id <= ?", arguments: [tenant, id])
    }
  }

  package func close() throws { try file.close() }

  private static func decode<Value: Decodable>(_: Value.Type, _ text: String) throws -> Value {
    try JSONDecoder().decode(Value.self, from: Data(text.utf8))
  }
}
