import Dispatch
import Foundation
import GRDB
import Logging
import Synchronization
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

  /// The control plane of these tenants; set once, right after it is built.
  nonisolated let controlPlane = Mutex<ControlPlane?>(nil)
  private let cap: Int
  private var entries: [String: Entry] = [:]
  /// A file is opened, and closed, by one task at a time: two connections to one file are what must not be.
  private var opening: [String: Task<Void, any Error>] = [:]
  private var leaving: [String: Task<Void, Never>] = [:]
  private var parked: Set<String> = []
  private var uses = 0
  private var closing = false
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

  package func peek(_ key: String) -> Runtime? { entries[key]?.runtime }
  var keys: [String] { Array(entries.keys) }

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
      controlPlane.scheduler.opening(key)
      await noteOpening(key, controlPlane)
      let runtime = try await TenantOpening(controlPlane: controlPlane, key: key).open(
        lanes: lanes, importLane: importLane)
      entries[key] = Entry(runtime: runtime, usedAt: controlPlane.now())
      controlPlane.applier.recovered(key)
      do { try await controlPlane.agree(runtime, since: known) } catch {
        controlPlane.retries.tryAgain("Informing an open file of its tenant's changes", of: key, after: error) {
          // Its next opening begins with what is true then.
          if await controlPlane.open.peek(key) === runtime { try await controlPlane.agree(runtime, since: nil) }
        }
      }
      controlPlane.scheduler.opened(key)
      controlPlane.scheduler.schedule(Self.closingIdle, at: controlPlane.now().advanced(bySeconds: Self.idleSeconds))
    }
    opening[key] = task
    return task
  }

  private func noteOpening(_ key: String, _ controlPlane: ControlPlane) async {
    let dueTurns = controlPlane.dueTurns
    do { try await dueTurns.opening(key) } catch {
      controlPlane.retries.tryAgain("Noting an open file", of: key, after: error) { try await dueTurns.opening(key) }
    }
  }

  /// The least recently used idle file, when the cap is reached. With every file in use the cap gives way.
  private func idleBeyondCap() -> String? {
    guard entries.count + opening.count >= cap else { return nil }
    return entries.filter { $0.value.users.isEmpty }.min { $0.value.lastUse < $1.value.lastUse }?.key
  }

  /// One turn of the scheduler.
  nonisolated func take(_ turn: Turn) async throws -> NextTurn {
    guard let controlPlane = controlPlane.withLock({ $0 }) else { throw CancellationError() }
    return try await controlPlane.take(turn)
  }

  /// Applies what waits for this tenant before it is read.
  package func catchUp(_ key: String) async throws {
    guard let controlPlane = controlPlane.withLock({ $0 }) else { return }
    try await with(key) { runtime in _ = try await controlPlane.applyWaiting(runtime) }
  }

  // MARK: Close

  static let closingIdle = Turn(tenant: "", work: .platform(.closingIdleFiles))
  /// So long a file stays open without use.
  private static let idleSeconds: Int64 = 300

  /// Closes files that nobody has used for a while.
  func closeIdle() async -> NextTurn {
    guard let now = controlPlane.withLock({ $0 })?.now() else { return .whenNudged }
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
    let controlPlane = controlPlane.withLock { $0 }
    controlPlane?.gate(of: key).close("paused")
    controlPlane?.clients.http.recheck(key)
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
    return entries[key]?.users.min { $0.key < $1.key }?.value.what
  }

  package func unpark(_ key: String) {
    guard parked.remove(key) != nil else { return }
    let controlPlane = controlPlane.withLock { $0 }
    controlPlane?.gate(of: key).open("paused")
    // Its turns have ended, and what came meanwhile was left in the intake. A file that was closed takes what waits when it is opened.
    guard entries[key] != nil else {
      controlPlane?.scheduler.wake(Turn(tenant: key, work: .open))
      return
    }
    controlPlane?.scheduler.wakeAll(key)
    controlPlane?.applier.wake(key)
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
      entries[key] = Entry(runtime: runtime, usedAt: runtime.dependencies.now())
      throw error
    }
  }

  private func end(_ runtime: Runtime, within time: Duration?) async throws {
    let controlPlane = controlPlane.withLock { $0 }
    var isHeld = true
    do {
      try await controlPlane?.applyWaiting(runtime, within: .seconds(5))
      isHeld = try await runtime.hasQueuedTexts()
      try await fold(runtime, within: time)
      try await controlPlane?.trimApplied(runtime)
    } catch {
      if time != nil { throw error }
      runtime.logger.error("A tenant's file was closed with work left in its WAL", metadata: ["error": "\(error)"])
    }
    do { try runtime.file.close() } catch {
      runtime.logger.error("A tenant's file did not close", metadata: ["error": "\(error)"])
      if time != nil { throw ControlFailure("the file of tenant \(runtime.lease.tenant) does not close: \(error)") }
      return
    }
    await controlPlane?.noteClosed(runtime.lease.tenant, isHeld: isHeld)
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
    let scheduler = controlPlane.withLock { $0 }?.scheduler
    for round in 0..<4_000 where scheduler?.hasRunning == true || entries.values.contains(where: { !$0.users.isEmpty })
    {
      if round == 400 { for entry in entries.values { entry.users.values.forEach { $0.cancel?() } } }
      try? await Task.sleep(for: .milliseconds(5))
    }
    for key in entries.keys { try? await close(key) }
  }
}
