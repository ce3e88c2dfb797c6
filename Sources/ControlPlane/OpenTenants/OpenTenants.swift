import Foundation
import GRDB
import Logging
package import TenantRuntime

/// The capped set of open tenant files. A file that nobody has used for a while is closed, too.
package actor OpenTenants {
  private struct Entry {
    var runtime: Runtime
    var users: [Int: User] = [:]
    var lastUse = 0
    var usedAt: Moment
  }
  /// A user of the open file.
  private struct User {
    /// In an operator's words.
    var what: String
    var cancel: (@Sendable () -> Void)?
  }

  nonisolated let opening: TenantOpening
  private let rows: WaitingRows
  private let applier: Applier
  private let dueTurns: DueTurns
  private let retries: Retries
  private let turns = Turns()
  private let cap: Int
  private var entries: [String: Entry] = [:]
  /// A file is opened, and closed, by one task at a time: two connections to one file are what must not be.
  private var arriving: [String: Task<Void, any Error>] = [:]
  private var leaving: [String: Task<Void, any Error>] = [:]
  private var parked: Set<String> = []
  private var uses = 0
  private var closing = false
  private let lanes = StorageLanes(label: "storage", count: 8)
  private let importLane = ImportLane()

  init(
    cap: Int, opening: TenantOpening, rows: WaitingRows, applier: Applier, dueTurns: DueTurns, retries: Retries
  ) {
    (self.cap, self.opening, self.rows) = (cap, opening, rows)
    (self.applier, self.dueTurns, self.retries) = (applier, dueTurns, retries)
  }

  nonisolated private var scheduler: Scheduler { opening.scheduler }
  nonisolated private var routing: CurrentRouting { opening.directory.routing }

  // MARK: Use

  /// Lends the tenant's runtime, opening its file if need be; it is not closed meanwhile.
  /// - Parameter what: who borrows it, for the operator who waits for its end. When the tenant is paused, the body's task is cancelled.
  package func with<Value: Sendable>(
    _ key: String, as what: String = "a request", _ body: @escaping @Sendable (Runtime) async throws -> Value
  ) async throws -> Value {
    let (runtime, user) = try await borrow(key, what)
    defer {
      entries[key]?.users[user] = nil
      entries[key]?.usedAt = runtime.dependencies.now()
    }
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

  /// How many files are open, and how many may be.
  package var counts: (open: Int, most: Int) { (entries.count, cap) }

  package func peek(_ key: String) -> Runtime? { entries[key]?.runtime }
  var keys: [String] { Array(entries.keys) }

  /// Gives all open files the leases of the current snapshot.
  func renewLeases() {
    let routing = routing
    let current = routing.current
    for (key, entry) in entries {
      if let tenant = current.tenants[key] { entry.runtime.renew(routing.lease(tenant)) }
    }
  }

  /// Something outside of the files has changed that texts of these tenants may have waited for.
  func wakeTexts(of isMeant: @Sendable (String) -> Bool) {
    // One that is being closed is in neither of the others; woken, it is opened again.
    for tenant in Set(keys + Array(leaving.keys) + scheduler.heldTenants) where isMeant(tenant) {
      scheduler.wake(tenant, .sending)
    }
  }

  /// Counts the user in the same step that finds the file open; anything may have changed after a wait, so it looks again.
  private func borrow(_ key: String, _ what: String) async throws -> (Runtime, user: Int) {
    var capGivesWay = false
    while true {
      if closing || parked.contains(key) { throw Refusal.locked("This tenant is paused.") }
      if let runtime = entries[key]?.runtime {
        uses += 1
        entries[key]?.users[uses] = User(what: what)
        entries[key]?.lastUse = uses
        return (runtime, uses)
      }
      if let task = leaving[key] {
        _ = await task.result
      } else if let task = arriving[key] {
        try await task.value
      } else if !capGivesWay, let idle = idleBeyondCap() {
        capGivesWay = await !closes(idle)
      } else {
        try await beginOpening(key).value
      }
    }
  }

  private func beginOpening(_ key: String) -> Task<Void, any Error> {
    let task = Task {
      defer { arriving[key] = nil }
      let known = routing.current.tenants[key]
      scheduler.opening(key)
      await noteOpening(key)
      let runtime = try await opening.open(key, lanes: lanes, importLane: importLane, revocations: answeredEvents())
      entries[key] = Entry(runtime: runtime, usedAt: opening.now())
      scheduler.schedule(.notingAuditHeads, at: opening.now().advanced(bySeconds: Turn.auditHeadSeconds))
      applier.recovered(key)
      do { try await opening.agree(runtime, since: known) } catch {
        retries.tryAgain("Informing an open file of its tenant's changes", of: key, after: error) { [self] in
          // Its next opening begins with what is true then.
          if await peek(key) === runtime { try await opening.agree(runtime, since: nil) }
        }
      }
      scheduler.opened(key)
      scheduler.schedule(Self.closingIdle, at: opening.now().advanced(bySeconds: Self.idleSeconds))
    }
    arriving[key] = task
    return task
  }

  private func noteOpening(_ key: String) async {
    let dueTurns = dueTurns
    do { try await dueTurns.opening(key) } catch {
      retries.tryAgain("Noting an open file", of: key, after: error) { try await dueTurns.opening(key) }
    }
  }

  /// What the outside world is answered for, of these tenants.
  nonisolated func answeredEvents() -> AnsweredEvents {
    AnsweredEvents(
      intake: opening.intake, memory: opening.memory, http: opening.clients.http, routing: routing, turns: turns,
      open: self)
  }

  /// The least recently used idle file, when the cap is reached. With every file in use the cap gives way.
  private func idleBeyondCap() -> String? {
    guard entries.count + arriving.count >= cap else { return nil }
    return entries.filter { $0.value.users.isEmpty }.min { $0.value.lastUse < $1.value.lastUse }?.key
  }

  /// Applies what waits for this tenant before it is read.
  package func catchUp(_ key: String) async throws {
    let rows = rows
    try await with(key) { runtime in _ = try await rows.apply(to: runtime) }
  }

  // MARK: Close

  static let closingIdle = Turn(tenant: "", work: .platform(.closingIdleFiles))
  /// So long a file stays open without use.
  private static let idleSeconds: Int64 = 300

  /// Closes files that nobody has used for a while.
  func closeIdle() async -> NextTurn {
    let now = opening.now()
    let since = now.advanced(bySeconds: -Self.idleSeconds)
    for (key, entry) in entries where entry.usedAt <= since && entries[key]?.users.isEmpty == true && !closing {
      try? await close(key)
    }
    guard let first = entries.values.map(\.usedAt).min() else { return .whenNudged }
    return .at(max(first.advanced(bySeconds: Self.idleSeconds), now.advanced(bySeconds: 15)))
  }

  /// After so long, its users are asked to end.
  private static let grace = Duration.seconds(2)

  /// Ends all work on a tenant's file and leaves one complete file. When this returns, nothing touches it; when it cannot be done in time, it
  /// throws the reason. In both cases the tenant stays parked until `unpark`.
  package func park(_ key: String, within time: Duration) async throws {
    opening.memory.gate(of: key).close("paused")
    opening.clients.http.recheck(key)
    parked.insert(key)
    let begun = ContinuousClock.now
    while let holder = holder(key) {
      if ContinuousClock.now - begun > Self.grace { entries[key]?.users.values.forEach { $0.cancel?() } }
      guard ContinuousClock.now - begun < time else {
        throw ControlFailure("tenant \(key) cannot be paused now: \(holder) does not end; it goes on as before")
      }
      try await Task.sleep(for: .milliseconds(5))
    }
    _ = await leaving[key]?.result
    try await close(key, within: time - (ContinuousClock.now - begun))
  }

  /// Who keeps the file from being closed.
  private func holder(_ key: String) -> String? {
    if arriving[key] != nil { return "its opening" }
    return entries[key]?.users.min { $0.key < $1.key }?.value.what
  }

  package func unpark(_ key: String) {
    guard parked.remove(key) != nil else { return }
    opening.memory.gate(of: key).open("paused")
    // Its turns have ended, and what came meanwhile was left in the intake. A file that was closed takes what waits when it is opened.
    guard entries[key] != nil else {
      scheduler.wake(Turn(tenant: key, work: .open))
      return
    }
    scheduler.opened(key)
    applier.wake(key)
  }
  package func isParked(_ key: String) -> Bool { parked.contains(key) }

  /// Whether there is one file less: where there is not, the cap gives way.
  private func closes(_ key: String) async -> Bool {
    do { try await close(key) } catch { return false }
    return true
  }

  /// Closes a tenant's file. One that does not close is open, and lent as before: it is never opened beside itself.
  /// - Parameter time: so long it is tried to fold the WAL into the file; it stays open, and this throws, when that cannot be done. Nil: what
  ///   cannot be applied or folded now stays in the intake and the WAL, for the next opening.
  private func close(_ key: String, within time: Duration? = nil) async throws {
    guard let runtime = entries.removeValue(forKey: key)?.runtime else { return }
    let task = Task {
      // In the task itself: anyone who finds one that is over would look again and again, and let nobody else take it away.
      defer { leaving[key] = nil }
      do { try await end(runtime, within: time) } catch {
        entries[key] = Entry(runtime: runtime, lastUse: uses, usedAt: runtime.dependencies.now())
        throw error
      }
    }
    leaving[key] = task
    try await task.value
  }

  private func end(_ runtime: Runtime, within time: Duration?) async throws {
    var isHeld = true
    do {
      try await rows.apply(to: runtime, within: .seconds(5))
      isHeld = try await runtime.hasQueuedTexts()
      await noteAuditHead(runtime)
      try await fold(runtime, within: time)
      try await rows.trimApplied(by: runtime)
    } catch {
      if time != nil { throw error }
      runtime.logger.error("A tenant's file was closed with work left in its WAL", metadata: ["error": "\(error)"])
    }
    do { try runtime.file.close() } catch {
      runtime.logger.error("A tenant's file did not close", metadata: ["error": "\(error)"])
      throw ControlFailure("the file of tenant \(runtime.lease.tenant) does not close: \(error)")
    }
    await noteClosed(runtime.lease.tenant, isHeld: isHeld)
  }

  /// What is not noted now is noted when the file is closed again; until then the former head stands for it.
  private func noteAuditHead(_ runtime: Runtime) async {
    do { try await AuditHeads(directory: opening.directory).note(runtime) } catch {
      runtime.logger.notice("The head of an audit log is not noted", metadata: ["error": "\(error)"])
    }
  }

  private func noteClosed(_ tenant: String, isHeld: Bool) async {
    if isHeld { scheduler.hold(tenant) }
    guard let timers = scheduler.timers(of: tenant) else { return }
    do { try await dueTurns.closed(tenant, timers, isHeld: isHeld) } catch {
      // It stays marked as open: the next start looks into it.
      opening.logger.notice(
        "What a closed file waits for is not noted", metadata: ["tenant": "\(tenant)", "error": "\(error)"])
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
    for round in 0..<4_000 where scheduler.hasRunning || entries.values.contains(where: { !$0.users.isEmpty }) {
      if round == 400 { for entry in entries.values { entry.users.values.forEach { $0.cancel?() } } }
      try? await Task.sleep(for: .milliseconds(5))
    }
    for key in entries.keys { try? await close(key) }
  }
}
