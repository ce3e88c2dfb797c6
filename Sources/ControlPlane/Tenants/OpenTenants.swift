import Dispatch
import Foundation
import GRDB
import Logging
import Synchronization
package import TenantRuntime

/// The capped set of open tenant files, and the turns they are given. At most one turn per tenant and kind of work at a time.
package actor OpenTenants {
  private struct Entry {
    var runtime: Runtime
    var users = 0
    var lastUse = 0
  }
  private struct Turn: Hashable {
    var tenant: String
    var worker: Worker
  }

  /// The house these tenants live in; set once, right after it is built.
  nonisolated let house = Mutex<ControlPlane?>(nil)
  private let cap: Int
  private var entries: [String: Entry] = [:]
  /// A file is opened, and closed, by one task at a time: two connections to one file are what must not be.
  private var opening: [String: Task<Void, any Error>] = [:]
  private var leaving: [String: Task<Void, Never>] = [:]
  private var running: Set<Turn> = []
  private var again: Set<Turn> = []
  /// Turns in a row that failed: they wait longer each time.
  private var failures: [Turn: Int] = [:]
  private var parked: Set<String> = []
  private var uses = 0
  private var closing = false
  /// Commands open files too, but only a server works on them.
  private var working = false
  private let lanes: [DispatchQueue] = (0..<4).map { DispatchQueue(label: "storage-\($0)") }
  private let importLane = DispatchQueue(label: "imports")

  init(cap: Int) { self.cap = cap }

  // MARK: Use

  /// Lends the tenant's runtime, opening its file if need be; it is not closed meanwhile.
  package func with<Value: Sendable>(_ key: String, _ body: @Sendable (Runtime) async throws -> Value) async throws
    -> Value
  {
    let runtime = try await borrow(key)
    defer { entries[key]?.users -= 1 }
    return try await body(runtime)
  }

  package func peek(_ key: String) -> Runtime? { entries[key]?.runtime }

  package func renew(_ lease: @Sendable (String) -> Lease?) async {
    for (key, entry) in entries {
      guard let lease = lease(key) else { continue }
      entry.runtime.renew(lease)
    }
  }

  /// Counts the user in the same step that finds the file open; anything may have changed after a wait, so it looks again.
  private func borrow(_ key: String) async throws -> Runtime {
    while true {
      if closing || parked.contains(key) { throw Refusal.locked("This tenant is paused.") }
      if let runtime = entries[key]?.runtime {
        uses += 1
        entries[key]?.users += 1
        entries[key]?.lastUse = uses
        return runtime
      }
      if let task = leaving[key] {
        await task.value
      } else if let task = opening[key] {
        try await task.value
      } else if let idle = idleBeyondCap() {
        await close(idle)
      } else {
        try await begin(key).value
      }
    }
  }

  private func begin(_ key: String) throws -> Task<Void, any Error> {
    guard let house = house.withLock({ $0 }) else { throw Refusal.unavailable("The house is closed.") }
    let lane = lanes[abs(key.hashValue % lanes.count)]
    let importLane = importLane
    let task = Task {
      defer { opening[key] = nil }
      entries[key] = Entry(
        runtime: try await TenantOpening(house: house, key: key).open(lane: lane, importLane: importLane))
      for worker in Worker.allCases { nudge(key, worker) }
    }
    opening[key] = task
    return task
  }

  /// The least recently used idle file, when the cap is reached. With every file in use the cap gives way.
  private func idleBeyondCap() -> String? {
    guard entries.count + opening.count >= cap else { return nil }
    return entries.filter { $0.value.users == 0 }.min { $0.value.lastUse < $1.value.lastUse }?.key
  }

  // MARK: Turns

  package nonisolated func nudgeSoon(_ key: String, _ worker: Worker) { Task { await nudge(key, worker) } }
  private func nudge(_ key: String, _ worker: Worker) { wake(Turn(tenant: key, worker: worker)) }

  private func wake(_ turn: Turn) {
    guard working, !closing, !parked.contains(turn.tenant) else { return }
    if running.contains(turn) {
      again.insert(turn)
      return
    }
    running.insert(turn)
    Task { await run(turn) }
  }

  private func run(_ turn: Turn) async {
    while !closing, !parked.contains(turn.tenant) {
      again.remove(turn)
      let next: NextTurn
      do {
        next = try await take(turn)
        failures[turn] = nil
      } catch {
        let count = min(failures[turn, default: 0] + 1, 7)
        failures[turn] = count
        let seconds = min(1 << (count - 1), 60)
        house.withLock { $0 }?.logger.error(
          "A turn failed; it is tried again",
          metadata: ["tenant": "\(turn.tenant)", "error": "\(error)", "seconds": "\(seconds)"])
        next = .at(Moment.now().advanced(bySeconds: Int64(seconds)))
      }
      if next == .now || again.contains(turn) { continue }
      if case .at(let moment) = next { wakeLater(turn, at: moment) }
      break
    }
    running.remove(turn)
  }

  private func take(_ turn: Turn) async throws -> NextTurn {
    try await with(turn.tenant) { runtime in try await runtime.takeTurn(turn.worker) }
  }

  private func wakeLater(_ turn: Turn, at moment: Moment) {
    let milliseconds = min(max(moment.milliseconds - Moment.now().milliseconds, 1), 3_600_000)
    Task {
      try? await Task.sleep(for: .milliseconds(milliseconds))
      wake(turn)
    }
  }

  /// Applies what waits for this tenant before it is read.
  package func catchUp(_ key: String) async throws {
    guard let house = house.withLock({ $0 }) else { return }
    try await with(key) { runtime in _ = try await house.applyWaiting(runtime) }
  }

  // MARK: Close

  /// Ends all work on a tenant's file and leaves one complete file. When this returns, nothing touches it.
  package func park(_ key: String) async throws {
    let house = house.withLock { $0 }
    house?.gate(of: key).close("paused")
    house?.http.recheck(key)
    parked.insert(key)
    while entries[key]?.users ?? 0 > 0 || running.contains(where: { $0.tenant == key }) || opening[key] != nil {
      try await Task.sleep(for: .milliseconds(5))
    }
    await close(key)
    await leaving[key]?.value
  }

  package func beginWork() { working = true }
  var isWorking: Bool { working }
  package func unpark(_ key: String) { parked.remove(key) }
  package func isParked(_ key: String) -> Bool { parked.contains(key) }

  private func close(_ key: String) async {
    guard let runtime = entries.removeValue(forKey: key)?.runtime else { return }
    let house = house.withLock { $0 }
    let task = Task {
      defer { leaving[key] = nil }
      // What cannot be applied or checkpointed now stays in the intake and the WAL, for the next opening.
      do {
        try await house?.applyWaiting(runtime)
        try await runtime.file.checkpoint()
        try await house?.trimApplied(runtime)
      } catch {
        runtime.logger.error("A tenant's file was closed with work left in its WAL", metadata: ["error": "\(error)"])
      }
      do { try runtime.file.close() } catch {
        runtime.logger.error("A tenant's file did not close", metadata: ["error": "\(error)"])
      }
    }
    leaving[key] = task
    await task.value
  }

  package func closeAll() async {
    closing = true
    for entry in entries.values { entry.runtime.gate.close("stopping") }
    for _ in 0..<4_000 where !running.isEmpty { try? await Task.sleep(for: .milliseconds(5)) }
    for key in entries.keys { await close(key) }
  }
}
