import Synchronization
package import TenantRuntime

/// Hands an open tenant the rows of the intake that wait for it, and lets the intake forget what its file has on disk.
package struct WaitingRows: Sendable {
  let intake: any IntakeLog
  let files: TenantFiles
  /// Some thirty milliseconds of a tenant's lane.
  private static let appliedTogether = 1_000

  /// In order, in batches; trims what the tenant's file has on disk. Answers the last one applied.
  /// - Parameter time: then what is left waits on.
  @discardableResult
  package func apply(to runtime: Runtime, within time: Duration? = nil) async throws -> Int64 {
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

  /// After a checkpoint the file has all it applied on disk.
  func trimApplied(by runtime: Runtime) async throws {
    guard intake.last(of: runtime.lease.tenant) > 0, !isOnTrial(runtime.lease.tenant) else { return }
    intake.trim(runtime.lease.tenant, upTo: try await appliedMark(runtime))
  }

  private func appliedMark(_ runtime: Runtime) async throws -> Int64 {
    let known = runtime.appliedIntakeID.load(ordering: .relaxed)
    if known >= 0 { return known }
    let intakeInstance = intake.instance
    let mark = try await runtime.file.read { db in
      guard let identity = try Identity.read(db), identity.intakeInstance == intakeInstance else { return Int64(0) }
      return identity.appliedIntakeID
    }
    runtime.appliedIntakeID.max(mark, ordering: .relaxed)
    return mark
  }

  /// While a file is being restored the one it replaces may come back, and needs what this one has applied.
  private func isOnTrial(_ key: String) -> Bool { files.work.kind(files.path(of: key)) == .restored }
}
