import Dispatch
import Foundation
import GRDB
import Logging
import Synchronization
package import TenantRuntime

/// Opens one tenant's file: checks whose it is, migrates, fences it if it has forgotten something, applies what it missed.
struct TenantOpening {
  let controlPlane: ControlPlane
  let key: String

  func open(lanes: StorageLanes, importLane: DispatchQueue) async throws -> Runtime {
    guard let tenant = controlPlane.routing.tenants[key] else { throw Refusal.notFound("There is no such tenant.") }
    guard tenant.isOpenable else { throw Refusal.locked(tenant.whyClosed) }
    let path = controlPlane.tenantFile(key)
    try controlPlane.putTenantFileInPlace(key)
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
      let now = controlPlane.now()
      let numbers = tenant.numbers
      try await file.write { db in try SendingNumber.reconcile(db, with: numbers, at: now) }
      try await controlPlane.agreeOnLinkKeys(file, tenant)
    } catch {
      try? file.close()
      throw (error as? DatabaseError).map(Self.damaged) ?? error
    }
    var logger = controlPlane.logger
    logger[metadataKey: "tenant"] = .string(key)
    let controlPlane = controlPlane
    let key = key
    let runtime = Runtime(
      file: file, lease: controlPlane.lease(controlPlane.routing.tenants[key] ?? tenant),
      gate: controlPlane.gate(of: key),
      inbox: controlPlane.memory.inbox(of: key),
      links: controlPlane.links(of: key),
      dependencies: Dependencies(
        now: controlPlane.now, http: controlPlane.clients.http, guarded: controlPlane.clients.guarded,
        claims: controlPlane.intake,
        revocations: controlPlane,
        limits: controlPlane.clients.limits, networks: controlPlane.networks, shares: controlPlane.shares,
        logger: logger),
      importLane: importLane, spool: "\(controlPlane.tenantFolder(key))/imports",
      wake: { controlPlane.scheduler.wake(key, $0) })
    do { try await begin(runtime) } catch {
      // Nobody else knows of this connection, and the next opening makes one of its own.
      try? file.close()
      throw error
    }
    return runtime
  }

  private func begin(_ runtime: Runtime) async throws {
    try await runtime.removeStrayUploads()
    try await runtime.logWhatWaits()
    // Drained before the first claim: an opt-out answered while the file slept holds.
    let applied = try await controlPlane.applyWaiting(runtime)
    let killed = try await runtime.file.read { db in try KillSwitch.isOn(db) }
    try await runtime.publishWords()
    try await runtime.publishLinks()
    let isFenced = try await runtime.file.read { db in try Identity.read(db)?.fence != nil }
    runtime.isFenced.store(isFenced, ordering: .relaxed)
    let isSuspended = controlPlane.routing.tenants[key]?.state == .suspended
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
    try await file.outsideTransaction { db in
      try Migrator.migrate(db, TenantMigrations.all, applicationID: TenantMigrations.applicationID)
    }
    guard let identity = try await file.read({ db in try Identity.read(db) }) else {
      throw Refusal.unavailable("The tenant's file has no identity.")
    }
    guard identity.tenant == key else {
      throw Refusal.unavailable("The file belongs to another tenant; put the right one back.")
    }
    try await fence(file, identity, tenant)
  }

  /// A file whose claims are behind, or of another instance, is readable, but texts nobody until a person says so. Texts it
  /// has forgotten become unknown, opt-outs it has forgotten are applied again, ids go on above what was given out.
  private func fence(_ file: SQLiteFile, _ identity: Identity, _ tenant: Routing.Tenant) async throws {
    let intake = controlPlane.intake
    let mark = identity.intakeInstance == intake.instance ? identity.appliedIntakeID : 0
    if mark > intake.highestID { try await intake.raiseIDs(above: mark) }
    let claims = try await intake.claims(of: key, after: identity.claimNumber)
    // What still waits is applied in its turn; the rest is what a file put back from a copy has forgotten.
    let revocations = try await intake.appliedRevocations(of: key, after: mark)
    let foreign = identity.instance != tenant.instance
    let isFenced = foreign || !claims.isEmpty || identity.fence != nil
    let forgotten = ForgottenClaims(claims: claims, notes: try await intake.notes(of: key, all: !claims.isEmpty))
    guard isFenced || !revocations.isEmpty || forgotten.mayHaveStopped else { return }
    if isFenced { controlPlane.gate(of: key).restored() }
    let now = controlPlane.now()
    try await file.write { db in
      try Consent.applyForgotten(db, revocations)
      if foreign { try Identity.fence(db, reason: "the file is another one than this tenant's") }
      if !claims.isEmpty { try Identity.fence(db, reason: "the file is older than texts already sent from it") }
      try forgotten.mark(db, now: now)
      try forgotten.markStopped(db, now: now)
      if !isFenced { try Fence.pauseMoved(db, at: now) }
    }
  }
}

extension ControlPlane {
  /// What was changed of a tenant while its file was being opened, which may take long: from here on changes find it open.
  func agree(_ runtime: Runtime, since opened: Routing.Tenant?) async throws {
    let key = runtime.lease.tenant
    guard let tenant = routing.tenants[key], tenant !== opened else { return }
    runtime.renew(lease(tenant))
    if tenant.state == .suspended { runtime.gate.close("suspended") }
    // The opening closed it for what is over. A suspension that is being written meanwhile closes it once more.
    if opened?.state == .suspended, tenant.state == .active { runtime.gate.open("suspended") }
    let (numbers, now) = (tenant.numbers, now())
    try await runtime.file.write { db in try SendingNumber.reconcile(db, with: numbers, at: now) }
    for worker in Worker.allCases { runtime.nudge(worker) }
  }

  /// Some thirty milliseconds of a tenant's lane.
  private static let appliedTogether = 1_000

  package func tenantFolder(_ key: String) -> String { "\(configuration.data)/tenants/\(key)" }
  package func tenantFile(_ key: String) -> String { "\(tenantFolder(key))/tenant.sqlite" }

  /// Hands a tenant its waiting rows, in order, in batches; trims what its file has on disk. Answers the last one applied.
  /// - Parameter time: then what is left waits on.
  @discardableResult
  package func applyWaiting(_ runtime: Runtime, within time: Duration? = nil) async throws -> Int64 {
    let tenant = runtime.lease.tenant
    let last = intake.last(of: tenant)
    guard last > 0 else { return 0 }
    var applied = try await appliedMark(runtime)
    let begun = ContinuousClock.now
    while applied < last {
      if let time, ContinuousClock.now - begun > time { break }
      let rows = try await intake.rows(of: tenant, after: applied, atMost: Self.appliedTogether)
      guard let end = rows.last?.id else { break }
      let durable = try await runtime.apply(rows, intakeInstance: intake.instance)
      if durable, !isOnTrial(tenant) { intake.trim(tenant, upTo: end) }
      applied = end
    }
    return applied
  }

  private func appliedMark(_ runtime: Runtime) async throws -> Int64 {
    let known = runtime.appliedIntakeID.load(ordering: .relaxed)
    if known >= 0 { return known }
    let intakeInstance = intake.instance
    return try await runtime.file.read { db in
      guard let identity = try Identity.read(db), identity.intakeInstance == intakeInstance else { return 0 }
      return identity.appliedIntakeID
    }
  }

  /// While a file is being restored the one it replaces may come back, and needs what this one has applied.
  private func isOnTrial(_ key: String) -> Bool { fileCommands.withLock { $0[key] == Self.restoring } }

  /// After a checkpoint the file has all it applied on disk.
  func trimApplied(_ runtime: Runtime) async throws {
    guard intake.last(of: runtime.lease.tenant) > 0, !isOnTrial(runtime.lease.tenant) else { return }
    intake.trim(runtime.lease.tenant, upTo: try await appliedMark(runtime))
  }
}
