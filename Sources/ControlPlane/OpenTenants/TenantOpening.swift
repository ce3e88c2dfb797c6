import Foundation
import GRDB
import Logging
import Synchronization
import TenantRuntime

/// Opens one tenant's file: checks whose it is, migrates, fences it if it has forgotten something, applies what it missed.
struct TenantOpening: Sendable {
  let directory: TenantDirectory
  let files: TenantFiles
  let memory: TenantMemory
  let intake: any IntakeLog
  let rows: WaitingRows
  let clients: OutboundClients
  let scheduler: Scheduler
  let networks: KnownNetworks
  let shares: Shares
  let now: @Sendable () -> Moment
  let logger: Logger

  func open(
    _ key: String, lanes: StorageLanes, importLane: ImportLane, revocations: any RevocationLog
  ) async throws -> Runtime {
    let routing = directory.routing
    guard let tenant = routing.current.tenants[key] else { throw Refusal.notFound("There is no such tenant.") }
    guard tenant.isOpenable else { throw Refusal.locked(tenant.whyClosed) }
    let file = try await openFile(tenant, lanes)
    var logger = logger
    logger[metadataKey: "tenant"] = .string(key)
    let scheduler = scheduler
    let runtime = Runtime(
      file: file, lease: routing.lease(routing.current.tenants[key] ?? tenant), gate: memory.gate(of: key),
      inbox: memory.inbox(of: key), links: memory.links(of: key),
      dependencies: Dependencies(
        now: now, http: clients.http, guarded: clients.guarded, claims: intake, revocations: revocations,
        limits: clients.limits, networks: networks, shares: shares, logger: logger),
      importLane: importLane, spool: "\(files.folder(of: key))/imports", wake: { scheduler.wake(key, $0) })
    do { try await begin(runtime) } catch {
      // Nobody else knows of this connection, and the next opening makes one of its own.
      try? file.close()
      throw error
    }
    return runtime
  }

  private func openFile(_ tenant: Routing.Tenant, _ lanes: StorageLanes) async throws -> SQLiteFile {
    let path = files.path(of: tenant.key)
    try files.putInPlace(tenant.key)
    guard FileManager.default.fileExists(atPath: path) else {
      throw Refusal.unavailable("The tenant's file is missing.")
    }
    try TenantFileHeader.check(path)
    let file: SQLiteFile
    do { file = try SQLiteFile(path: path, lanes: lanes) } catch let error as DatabaseError {
      throw Self.damaged(error)
    }
    do {
      try await check(file, tenant)
      let (numbers, now) = (tenant.numbers, now())
      try await file.write { db in try SendingNumber.reconcile(db, with: numbers, at: now) }
      try await agreeOnLinkKeys(file, tenant)
    } catch {
      try? file.close()
      throw (error as? DatabaseError).map(Self.damaged) ?? error
    }
    return file
  }

  private func begin(_ runtime: Runtime) async throws {
    try await runtime.removeStrayUploads()
    try await runtime.logWhatWaits()
    // Drained before the first claim: an opt-out answered while the file slept holds.
    let applied = try await rows.apply(to: runtime)
    let killed = try await runtime.file.read { db in try KillSwitch.isOn(db) }
    try await runtime.publishWords()
    try await runtime.publishLinks()
    let isFenced = try await runtime.file.read { db in try Identity.read(db)?.fence != nil }
    runtime.isFenced.store(isFenced, ordering: .relaxed)
    let isSuspended = directory.routing.current.tenants[runtime.lease.tenant]?.state == .suspended
    runtime.gate.opened(appliedUpTo: applied, suspended: isSuspended, killed: killed)
  }

  private static func damaged(_ error: DatabaseError) -> any Error {
    switch error.resultCode {
    case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_IOERR:
      Refusal.unavailable(
        "The tenant's file is damaged (\(error.message ?? "unreadable")). Pause it and restore a backup.")
    default: error
    }
  }

  private func check(_ file: SQLiteFile, _ tenant: Routing.Tenant) async throws {
    do {
      try await file.outsideTransaction { db in
        try Migrator.migrate(db, TenantMigrations.all, applicationID: TenantMigrations.applicationID)
      }
    } catch Migrator.Failure.newer(let version, _) { throw TenantFileHeader.newer(version) }
    let (found, isCounted) = try await file.read { db in
      (try Identity.read(db), try DayCounting.isDone(db, zone: tenant.timeZone))
    }
    guard let identity = found else {
      throw Refusal.unavailable("The tenant's file has no identity.")
    }
    guard identity.tenant == tenant.key else {
      throw Refusal.unavailable("The file belongs to another tenant; put the right one back.")
    }
    if !isCounted { try await file.write { db in try DayCounting.begin(db, zone: tenant.timeZone) } }
    try await fence(file, identity, tenant)
  }

  /// A file whose claims are behind, or of another instance, is readable, but texts nobody until a person says so. Texts it
  /// has forgotten become unknown, opt-outs it has forgotten are applied again, ids go on above what was given out.
  private func fence(_ file: SQLiteFile, _ identity: Identity, _ tenant: Routing.Tenant) async throws {
    let key = tenant.key
    let mark = identity.intakeInstance == intake.instance ? identity.appliedIntakeID : 0
    if mark > intake.highestID { try await intake.raiseIDs(above: mark) }
    let claims = try await intake.claims(of: key, after: identity.claimNumber)
    // What still waits is applied in its turn; the rest is what a file put back from a copy has forgotten.
    let revocations = try await intake.appliedRevocations(of: key, after: mark)
    let foreign = identity.instance != tenant.instance
    let isFenced = foreign || !claims.isEmpty || identity.fence != nil
    let forgotten = ForgottenClaims(claims: claims, notes: try await intake.notes(of: key, all: !claims.isEmpty))
    guard isFenced || !revocations.isEmpty || forgotten.mayHaveStopped else { return }
    if isFenced { memory.gate(of: key).restored() }
    let now = now()
    try await file.write { db in
      try Consent.applyForgotten(db, revocations)
      if foreign { try Identity.fence(db, reason: "the file is another one than this tenant's") }
      if !claims.isEmpty { try Identity.fence(db, reason: "the file is older than texts already sent from it") }
      try forgotten.mark(db, now: now)
      try forgotten.markStopped(db, now: now)
      if !isFenced { try Fence.pauseMoved(db, at: now) }
    }
  }

  /// A file put back or brought from elsewhere knows keys that we do not, or has forgotten some: both sides then know all.
  private func agreeOnLinkKeys(_ file: SQLiteFile, _ tenant: Routing.Tenant) async throws {
    guard let filed = try await file.read({ db in try LinkKeys.read(db) }) else {
      throw Refusal.unavailable("The tenant's file has no link key.")
    }
    let all = filed.union(tenant.linkKeys)
    if all != filed { try await file.write { db in try all.write(db) } }
    if all != tenant.linkKeys {
      try await directory.keep(all, of: tenant.key)
      try await directory.routing.refresh()
    }
  }

  /// What was changed of a tenant while its file was being opened, which may take long: from here on changes find it open.
  func agree(_ runtime: Runtime, since opened: Routing.Tenant?) async throws {
    guard let tenant = directory.routing.current.tenants[runtime.lease.tenant], tenant !== opened else { return }
    runtime.renew(directory.routing.lease(tenant))
    if tenant.state == .suspended { runtime.gate.close("suspended") }
    // The opening closed it for what is over. A suspension that is being written meanwhile closes it once more.
    if opened?.state == .suspended, tenant.state == .active { runtime.gate.open("suspended") }
    let (numbers, now) = (tenant.numbers, now())
    try await runtime.file.write { db in try SendingNumber.reconcile(db, with: numbers, at: now) }
    for worker in Worker.allCases { runtime.nudge(worker) }
  }
}
