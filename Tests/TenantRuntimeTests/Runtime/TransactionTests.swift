import GRDB
import Synchronization
import TestKit
import Testing

@testable import TenantRuntime

/// One entrance for every change: the rows, then what follows from them, or neither.
@Suite struct TransactionTests {
  private let folder = try! TestFolder()
  private struct Refused: Error {}
  private static let caller = Caller(kind: .apiKey, name: "key:rh_1", tenant: "acme", address: "192.0.2.7")

  private final class Log: SendClaimLog, Sendable {
    let lines = Mutex<[String]>([])
    let isFull = Mutex(false)
    let budgets = Mutex<[Int64?]>([])
    func append(_ claim: SendClaim, campaigns: [CampaignNote]) async throws {}
    func append(_ note: CampaignNote, tenant: String) async throws {
      if isFull.withLock({ $0 }) { throw Refused() }
      budgets.withLock { $0.append(note.budget) }
      lines.withLock { $0.append("note \(note.id) \(note.state?.rawValue ?? "")") }
    }
    func add(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
  }

  private func runtime(_ log: Log) throws -> Runtime {
    try TestRuntime.open(try folder.tenantFile(), folder, claims: log) { worker in log.add("wake \(worker.rawValue)") }
  }

  private static func audit(_ runtime: Runtime) async throws -> [String] {
    try await runtime.file.read { db in
      try Row.fetchAll(db, sql: "SELECT * FROM audit_log ORDER BY id").map { row in
        "\(row["actor"] as String) \(row["action"] as String) \(row["address"] as String)"
      }
    }
  }

  @Test func whatFollowsComesAfterTheCommitAndInOrder() async throws {
    let log = Log()
    let runtime = try runtime(log)
    try await runtime.transact(Self.caller) { change in
      try change.audit("first.change", "tenant")
      change.effects.wakes.insert(.sending)
      change.effects.notes.append(CampaignNote(id: 7, state: .paused, at: change.now))
      change.then { _ in log.add("then") }
      #expect(log.all.isEmpty)
    }
    #expect(log.all == ["note 7 paused", "then", "wake sending"])
    #expect(try await Self.audit(runtime) == ["key:rh_1 first.change 192.0.2.7"])
  }

  @Test func aVerbThatIsRefusedLeavesNothing() async throws {
    let log = Log()
    let runtime = try runtime(log)
    await #expect(throws: Refused.self) {
      try await runtime.transact(Self.caller) { change in
        try change.audit("never", "tenant")
        change.effects.wakes.insert(.sending)
        change.effects.notes.append(CampaignNote(id: 7, state: .paused, at: change.now))
        change.then { _ in log.add("then") }
        throw Refused()
      }
    }
    #expect(log.all.isEmpty)
    #expect(try await Self.audit(runtime).isEmpty)
  }

  @Test func aResumptionIsNotedBeforeItsRowAndTakenBackByTheRowWhenItIsRefused() async throws {
    let log = Log()
    let runtime = try runtime(log)
    try await runtime.transact(Self.caller, stopping: .tenant) { change in
      try KillSwitch.throwOn(change, reason: "r")
    }
    await #expect(throws: Refused.self) {
      try await runtime.transact(Self.caller, resuming: .tenant) { _ in throw Refused() }
    }
    #expect(log.all == ["note 0 paused", "note 0 running", "note 0 paused"])
    #expect(
      !runtime.gate.isAllowed(
        SendGate.Text(phone: PhoneNumber(digits: 14_157_000_001)!, number: PhoneNumber(digits: 14_155_550_100)!)))
    // One that was never on is not noted as such by a refusal.
    try await runtime.transact(Self.caller, resuming: .tenant) { change in try KillSwitch.takeOff(change, reason: "") }
    await #expect(throws: Refused.self) {
      try await runtime.transact(Self.caller, resuming: .tenant) { _ in throw Refused() }
    }
    #expect(log.all.suffix(2) == ["note 0 running", "note 0 running"])
  }

  /// Else the note of a lower limit, which is laid on the file at its next opening, would take a higher one back.
  @Test func aHigherLimitIsNotedBeforeItsRowAndRefusedWhereThatCannotBeWritten() async throws {
    let log = Log()
    let runtime = try runtime(log)
    let now = Moment(milliseconds: 1_800_000_000_000)
    func set(_ daily: Int64?) async throws {
      let raised = try await runtime.file.read { db in
        try Budget.raised(db, by: Budget.Edit(daily: .some(daily)), "UTC", now: now)
      }
      try await runtime.transact(Self.caller, allowing: raised) { change in
        log.add("row")
        _ = try Budget.edit(change, Budget.Edit(daily: .some(daily)))
      }
    }
    try await set(5)
    try await set(3)
    try await set(9)
    try await set(nil)
    let note = "note \(CampaignNote.dailyBudget) "
    func order() -> [String] { log.all.filter { !$0.hasPrefix("wake") } }
    #expect(order() == ["row", note, "row", note, note, "row", note, note, "row", note])
    try await set(5)
    // What was refused is noted as the row has it.
    let before = order().count
    await #expect(throws: Refused.self) {
      let raised = [CampaignNote(id: CampaignNote.dailyBudget, budget: 9, at: now)]
      try await runtime.transact(Self.caller, allowing: raised) { _ in throw Refused() }
    }
    #expect(order().count == before + 2 && log.budgets.withLock { $0.suffix(2) == [9, 5] })
    log.isFull.withLock { $0 = true }
    await #expect(throws: Refusal.self) { try await set(9) }
    let daily = try await runtime.file.read { db in try Budget.read(db, zone: "UTC", now: now).dailyMicros }
    let last = order().suffix(2)
    #expect(daily == 5 && last == [note, note])
    await #expect(throws: Refusal.self) {
      try await runtime.transact(Self.caller, resuming: .tenant) { _ in log.add("row") }
    }
    #expect(order().suffix(2) == last)
  }

  /// The log of claims takes ids from it: a request for a campaign that nobody has made must not raise them.
  @Test func nothingIsNotedOfACampaignThatDoesNotExist() async throws {
    let log = Log()
    let runtime = try runtime(log)
    await #expect(throws: Refusal.notFound("There is no such campaign.")) {
      try await runtime.transact(Self.caller, resuming: .campaign(1 << 60)) { change in
        _ = try Campaign.resume(change, 1 << 60)
      }
    }
    #expect(log.all.isEmpty)
  }
}
