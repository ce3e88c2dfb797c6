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
    var users: [Int: User] = [:]
    var lastUse = 0
  }
  /// A user of the open file.
  private struct User {
    /// In an operator's words.
    var what: String
    var cancel: (@Sendable () -> Void)?
  }
  private struct Turn: Hashable {
    var tenant: String
    var worker: Worker
  }

  /// The control plane of these tenants; set once, right after it is built.
  nonisolated let controlPlane = Mutex<ControlPlane?>(nil)
  private let cap: Int
  private var entries: [String: Entry] = [:]
  /// A file is opened, and closed, by one task at a time: two connections to one file are what must not be.
  private var opening: [String: Task<Void, any Error>] = [:]
  private var leaving: [String: Task<Void, Never>] = [:]
  private var running: Set<Turn> = []
  private var again: Set<Turn> = []
  /// Turns in a row that failed: they wait longer each time.
  private var failures: [Turn: Int] = [:]
  /// Turns that have their time.
  private var sleepers: [Turn: (until: Moment, task: Task<Void, Never>)] = [:]
  private var parked: Set<String> = []
  private var uses = 0
  private var closing = false
  var isClosing: Bool { closing }
  /// Commands open files too, but only a server works on them.
  private var working = false
  private let lanes = StorageLanes(label: "storage", count: 8)
  private let importLane = DispatchQueue(label: "imports")

  init(cap: Int) { self.cap = cap }

  // MARK: Use

  /// Lends the tenant's runtime, opening its file if need be; it is not closed meanwhile.
  /// - Parameter what: who borrows it, for the operator who waits for its end. When the tenant is paused, the body's task is cancelled.
  package func with<Value: Sendable>(
    _ key: String, as what: String = "a request", _ body: @escaping @Sendable (Runtime) async throws -> Value
  ) async throws -> Value {
    let (runtime, user) = try await borrow(key, what)
    defer { entries[key]?.users[user] = nil }
    let task = Task { try await body(runtime) }
    entries[key]?.users[user]?.cancel = { task.cancel() }
    do {
      return try await withTaskCancellationHandler {
        try await task.value
      } onCancel: {
        task.cancel()
      }
    } catch {
      if task.isCancelled, parked.contains(key) { throw Refusal.locked("This tenant is being paused.") }
      throw error
    }
  }

  package func peek(_ key: String) -> Runtime? { entries[key]?.runtime }

  package func renew(_ lease: @Sendable (String) -> Lease?) async {
    for (key, entry) in entries {
      guard let lease = lease(key) else { continue }
      entry.runtime.renew(lease)
    }
  }

  /// Counts the user in the same step that finds the file open; anything may have changed after a wait, so it looks again.
  private func borrow(_ key: String, _ what: String) async throws -> (Runtime, user: Int) {
    while true {
      if closing || parked.contains(key) { throw Refusal.locked("This tenant is paused.") }
      if let runtime = entries[key]?.runtime {
        uses += 1
        entries[key]?.users[uses] = User(what: what)
        entries[key]?.lastUse = uses
        return (runtime, uses)
      }
      if let task = leaving[key] {
        await task.value
      } else if let task = opening[key] {
        try await task.value
      } else if let idle = idleBeyondCap() {
        try? await close(idle)
      } else {
        try await begin(key).value
      }
    }
  }

  private func begin(_ key: String) throws -> Task<Void, any Error> {
    guard let controlPlane = controlPlane.withLock({ $0 }) else { throw Refusal.unavailable("The server is closing.") }
    let (lanes, importLane) = (lanes, importLane)
    let task = Task {
      defer { opening[key] = nil }
      let known = controlPlane.routing.tenants[key]
      let runtime = try await TenantOpening(controlPlane: controlPlane, key: key).open(
        lanes: lanes, importLane: importLane)
      entries[key] = Entry(runtime: runtime)
      controlPlane.applier.recovered(key)
      do { try await controlPlane.agree(runtime, since: known) } catch {
        controlPlane.tryAgain("Informing an open file of its tenant's changes", of: key, after: error) {
          // Its next opening begins with what is true then.
          if await controlPlane.open.peek(key) === runtime { try await controlPlane.agree(runtime, since: nil) }
        }
      }
      for worker in Worker.allCases { nudge(key, worker) }
    }
    opening[key] = task
    return task
  }

  /// The least recently used idle file, when the cap is reached. With every file in use the cap gives way.
  private func idleBeyondCap() -> String? {
    guard entries.count + opening.count >= cap else { return nil }
    return entries.filter { $0.value.users.isEmpty }.min { $0.value.lastUse < $1.value.lastUse }?.key
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
      } catch  where error is CancellationError || parked.contains(turn.tenant) || closing {
        // A pause has ended it. Where that has failed meanwhile it was nudged; else it goes on when the file is opened again.
        if again.contains(turn) { continue }
        break
      } catch {
        let count = min(failures[turn, default: 0] + 1, 7)
        failures[turn] = count
        let seconds = min(1 << (count - 1), 60)
        controlPlane.withLock { $0 }?.logger.error(
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
    try await with(turn.tenant, as: "its worker for \(turn.worker.rawValue)") { runtime in
      try await runtime.takeTurn(turn.worker)
    }
  }

  /// One sleeper for each kind of work, however often it is nudged meanwhile: the earliest.
  private func wakeLater(_ turn: Turn, at moment: Moment) {
    if let sleeper = sleepers[turn] {
      // One that is late (the clock was set) does not stand for what is due later.
      if sleeper.until <= moment, sleeper.until > Moment.now() { return }
      sleeper.task.cancel()
    }
    let task = Task {
      // Clocks are set, and machines sleep: looked at again each hour at least.
      while case let left = moment.milliseconds - Moment.now().milliseconds, left > 0, !closing {
        do { try await Task.sleep(for: .milliseconds(min(left, 3_600_000))) } catch { return }
      }
      if Task.isCancelled { return }
      sleepers[turn] = nil
      wake(turn)
    }
    sleepers[turn] = (moment, task)
  }

  /// Applies what waits for this tenant before it is read.
  package func catchUp(_ key: String) async throws {
    guard let controlPlane = controlPlane.withLock({ $0 }) else { return }
    try await with(key) { runtime in _ = try await controlPlane.applyWaiting(runtime) }
  }

  // MARK: Close

  /// After so long, its users are asked to end.
  private static let grace = Duration.seconds(2)

  /// Ends all work on a tenant's file and leaves one complete file. When this returns, nothing touches it; when it cannot be done in time, it
  /// throws the reason. In both cases the tenant stays parked until `unpark`.
  package func park(_ key: String, within time: Duration) async throws {
    let controlPlane = controlPlane.withLock { $0 }
    controlPlane?.gate(of: key).close("paused")
    controlPlane?.http.recheck(key)
    parked.insert(key)
    let begun = ContinuousClock.now
    while let holder = holder(key) {
      if ContinuousClock.now - begun > Self.grace { entries[key]?.users.values.forEach { $0.cancel?() } }
      guard ContinuousClock.now - begun < time else {
        throw ControlFailure("tenant \(key) cannot be paused now: \(holder) does not end; it goes on as before")
      }
      try await Task.sleep(for: .milliseconds(5))
    }
    await leaving[key]?.value
    try await close(key, within: time - (ContinuousClock.now - begun))
  }

  /// Who keeps the file from being closed.
  private func holder(_ key: String) -> String? {
    if opening[key] != nil { return "its opening" }
    if let user = entries[key]?.users.min(by: { $0.key < $1.key }) { return user.value.what }
    return running.first { $0.tenant == key }.map { "its worker for \($0.worker.rawValue)" }
  }

  package func beginWork() { working = true }
  var isWorking: Bool { working }
  package func unpark(_ key: String) {
    guard parked.remove(key) != nil else { return }
    let controlPlane = controlPlane.withLock { $0 }
    controlPlane?.gate(of: key).open("paused")
    // Its turns have ended, and what came meanwhile was left in the intake. A file that was closed is opened by the first turn, takes what
    // waits and wakes the others.
    let isOpen = entries[key] != nil
    for worker in isOpen ? Worker.allCases : [.sending] { nudge(key, worker) }
    if isOpen { controlPlane?.applier.wake(key) }
  }
  package func isParked(_ key: String) -> Bool { parked.contains(key) }

  /// Closes a tenant's file.
  /// - Parameter time: so long it is tried to fold the WAL into the file; it stays open, and this throws, when that cannot be done. Nil: what
  ///   cannot be applied or folded now stays in the intake and the WAL, for the next opening.
  private func close(_ key: String, within time: Duration? = nil) async throws {
    guard let runtime = entries.removeValue(forKey: key)?.runtime else { return }
    let task = Task { try await end(runtime, within: time) }
    leaving[key] = Task { _ = try? await task.value }
    defer { leaving[key] = nil }
    do { try await task.value } catch {
      guard time != nil else { throw error }
      entries[key] = Entry(runtime: runtime)
      throw error
    }
  }

  private func end(_ runtime: Runtime, within time: Duration?) async throws {
    let controlPlane = controlPlane.withLock { $0 }
    do {
      try await controlPlane?.applyWaiting(runtime, within: .seconds(5))
      try await fold(runtime, within: time)
      try await controlPlane?.trimApplied(runtime)
    } catch {
      if time != nil { throw error }
      runtime.logger.error("A tenant's file was closed with work left in its WAL", metadata: ["error": "\(error)"])
    }
    do { try runtime.file.close() } catch {
      runtime.logger.error("A tenant's file did not close", metadata: ["error": "\(error)"])
      if time != nil { throw ControlFailure("the file of tenant \(runtime.lease.tenant) does not close: \(error)") }
    }
  }

  /// A reader of another process keeps the WAL; it is waited for.
  private func fold(_ runtime: Runtime, within time: Duration?) async throws {
    let begun = ContinuousClock.now
    while true {
      do { return try await runtime.file.checkpoint() } catch let error as DatabaseError {
        guard let time, ContinuousClock.now - begun < time else {
          throw ControlFailure(
            "another program reads the file of tenant \(runtime.lease.tenant): \(error.message ?? "busy")")
        }
        try await Task.sleep(for: .milliseconds(50))
      }
    }
  }

  package func closeAll() async {
    closing = true
    for entry in entries.values { entry.runtime.gate.close("stopping") }
    // Users of open files end first: what comes behind the closing is refused.
    for round in 0..<4_000 where !running.isEmpty || entries.values.contains(where: { !$0.users.isEmpty }) {
      if round == 400 { for entry in entries.values { entry.users.values.forEach { $0.cancel?() } } }
      try? await Task.sleep(for: .milliseconds(5))
    }
    for key in entries.keys { try? await close(key) }
  }
}
