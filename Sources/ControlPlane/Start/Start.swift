import Logging
import TenantRuntime

/// What a server does by itself, from its start on.
package struct Start: Sendable {
  let directory: TenantDirectory
  let open: OpenTenants
  let intake: any IntakeLog
  let scheduler: Scheduler
  let dueTurns: DueTurns
  let pausing: Pausing
  let deletion: Deletion
  let retries: Retries
  let mails: MailQueue
  let headNotes: HeadNotes
  /// So long rows of the platform's audit log are kept.
  let auditDays: Int64
  let logger: Logger

  /// After a start: what is due is begun, and what was answered before is applied. Files with neither stay closed.
  func begin() async {
    scheduler.begin { turn in try await take(turn) }
    await wakeWhatIsOpen()
    do { try await pausing.endPauses() } catch {
      retries.tryAgain("Ending the pauses that were cut off", after: error) {
        try await pausing.endPauses()
        try await scheduleWhatIsDue()
      }
    }
    do { try await scheduleWhatIsDue() } catch {
      retries.tryAgain("Reading what is due", after: error) { try await scheduleWhatIsDue() }
    }
    await applyBacklogs()
  }

  /// Requests may have opened files before there was anybody to work on them.
  private func wakeWhatIsOpen() async {
    for tenant in await open.keys { scheduler.wakeAll(tenant) }
    scheduler.wake(OpenTenants.closingIdle)
    headNotes.followCommits()
    scheduler.wake(HeadNotes.turn)
    scheduler.wake(Turn(tenant: "", work: .platform(.sendingMail)))
  }

  private func scheduleWhatIsDue() async throws {
    let (turns, held) = try await dueTurns.all()
    // What they waited for may have come while no server ran, or as the last one ended: one turn of each sees.
    for tenant in held { scheduler.wake(tenant, .sending) }
    for (turn, due) in turns { scheduler.schedule(turn, at: due) }
    for work in [PlatformWork.sweepingIntake, .sweepingAudit, .deletingTenants]
    where !turns.contains(where: { $0.turn.work == .platform(work) }) {
      scheduler.wake(Turn(tenant: "", work: .platform(work)))
    }
  }

  /// Tenants for which something waits in the intake, a few at a time.
  private func applyBacklogs() async {
    var waiting = intake.waitingTenants.filter { directory.routing.current.tenants[$0]?.isOpenable == true }.sorted()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<min(8, waiting.count) {
        let tenant = waiting.removeLast()
        group.addTask { await openNow(tenant) }
      }
      while await group.next() != nil, let tenant = waiting.popLast() {
        group.addTask { await openNow(tenant) }
      }
    }
  }

  private func openNow(_ tenant: String) async {
    do { try await open.with(tenant) { _ in } } catch let error as Refusal {  // missing or damaged
      logger.error("A tenant cannot be opened", metadata: ["tenant": "\(tenant)", "error": "\(error.detail)"])
    } catch {
      retries.tryAgain("Opening a tenant", of: tenant, after: error) {
        if directory.routing.current.tenants[tenant]?.isOpenable == true { try await open.with(tenant) { _ in } }
      }
    }
  }

  /// One turn of the scheduler.
  func take(_ turn: Turn) async throws -> NextTurn {
    switch turn.work {
    case .open:
      guard await isAtWork(turn.tenant) else { throw CancellationError() }
      try await open.with(turn.tenant, as: "its opening") { _ in }
      return .whenNudged
    case .worker(let worker):
      do {
        return try await open.with(turn.tenant, as: "its worker for \(worker.rawValue)") { runtime in
          try await runtime.takeTurn(worker)
        }
      } catch {
        // What a worker itself refuses is tried again; that its tenant is closed is no failure.
        guard await isAtWork(turn.tenant) else { throw CancellationError() }
        throw error
      }
    case .platform(.closingIdleFiles): return await open.closeIdle()
    case .platform(.sendingMail): return try await mails.takeTurn(now: directory.now())
    case .platform(.sweepingIntake):
      try await intake.sweep(before: directory.now().advanced(bySeconds: -Self.keptSeconds))
      return try await tomorrow(turn)
    case .platform(.deletingTenants): return try await deletion.takeTurn()
    case .platform(.sweepingAudit):
      let end = directory.now().advanced(bySeconds: -auditDays * 86_400)
      // A slice at a time: a turn of the file's lane is nobody's for long.
      while try await directory.file.write(.replayable, { db in try AuditChain.sweep(db, before: end) }) {}
      return try await tomorrow(turn)
    case .platform(.notingAuditHeads): return try await headNotes.takeTurn()
    }
  }

  private func tomorrow(_ turn: Turn) async throws -> NextTurn {
    let next = directory.now().advanced(bySeconds: 86_400)
    try await dueTurns.keep(turn, due: next)
    return .at(next)
  }

  private func isAtWork(_ tenant: String) async -> Bool {
    guard directory.routing.current.tenants[tenant]?.isOpenable == true else { return false }
    return await !open.isParked(tenant)
  }

  /// Longer than the oldest backup.
  private static let keptSeconds: Int64 = 400 * 86_400
}
