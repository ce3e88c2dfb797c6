import Foundation
import GRDB
import TenantRuntime

/// Parking a tenant's file, and taking it into use again.
///
///     active | suspended → pausing → paused → (what it was)
///
/// `paused` is written when the file is closed and whole, not before: backups, restores and people with `cp` trust that word alone.
struct Pausing: Sendable {
  let directory: TenantDirectory
  let files: TenantFiles
  let open: OpenTenants
  let retries: Retries
  private static let seconds: Int64 = 25

  func pause(_ key: String, reason: String, _ doing: Doing) async throws -> JSON {
    try await files.alone(with: key, .paused) { try await park(key, reason: reason, doing) }
  }

  func resume(_ key: String, _ doing: Doing) async throws -> JSON {
    try await files.alone(with: key, .resumed) { try await takeIntoUse(key, doing) }
  }

  /// The caller is alone with the tenant's file.
  /// - Parameter also: in the transaction that writes `paused`: what the file is parked for, so that the server's end comes between the two at no
  ///   time. When it throws, the tenant goes on.
  func park(
    _ key: String, reason: String, _ doing: Doing, also: @escaping @Sendable (Database) throws -> Void = { _ in }
  ) async throws -> JSON {
    try await goOn(key)
    let before = try directory.tenant(key)
    guard before.isOpenable else { throw Refusal.conflict("Tenant \(key) is \(before.state.rawValue).") }
    guard FileManager.default.fileExists(atPath: files.path(of: key)) else {
      throw ControlFailure("\(files.path(of: key)) is missing: put it back or restore a backup")
    }
    try await directory.file.write { db in
      try db.execute(
        sql: """
          UPDATE tenants SET state = 'pausing', resume_state = state, resume_reason = reason, reason = ?
          WHERE key = ? AND (state = 'active' OR state = 'suspended')
          """, arguments: [reason, key])
      guard db.changesCount > 0 else { throw Refusal.conflict("Tenant \(key) is not active.") }
    }
    do {
      try await directory.routing.refresh()
      try await open.park(key, within: .seconds(Self.seconds))
      guard TenantFiles.size("\(files.path(of: key))-wal") == 0 else {
        throw ControlFailure("\(files.path(of: key))-wal is not empty: another program has the file open")
      }
      try await directory.file.write { db in
        try db.execute(sql: "UPDATE tenants SET state = 'paused' WHERE key = ? AND state = 'pausing'", arguments: [key])
        guard db.changesCount > 0 else { throw Refusal.conflict("Tenant \(key) has changed meanwhile; look again.") }
        try doing.note(db, key, detail: reason)
        try also(db)
      }
    } catch {
      do { try await goOn(key) } catch {
        retries.tryAgain("Ending a pause", of: key, after: error) {
          // While something else is being done with the file this is refused, and tried again.
          try await files.alone(with: key, .paused) { try await goOn(key) }
        }
      }
      throw error
    }
    try await directory.routing.refresh()
    return try directory.tenant(key).json
  }

  /// Whatever it was before the pause; nil: all whose pause is not under way.
  private func giveBack(_ key: String? = nil) async throws {
    try await directory.file.write { db in
      let pausing = try String.fetchAll(db, sql: "SELECT key FROM tenants WHERE state = 'pausing'")
      for tenant in pausing where key.map({ $0 == tenant }) ?? !isBeingParked(tenant) {
        try db.execute(
          sql: """
            UPDATE tenants SET state = coalesce(resume_state, 'active'), reason = resume_reason, resume_state = NULL, resume_reason = NULL
            WHERE key = ?
            """, arguments: [tenant])
        try DueTurns.mark(db, tenant)
      }
    }
    try await directory.routing.refresh()
  }

  /// A pause that is under way settles itself, whatever it is a part of.
  private func isBeingParked(_ key: String) -> Bool {
    switch files.work.kind(files.path(of: key)) {
    case .paused, .resumed, .restored, .archived, .unarchived: true
    case .made, .written, .copied, .deleted, nil: false
    }
  }

  /// After a start: a pause that the server's end has cut off is no pause.
  func endPauses() async throws { try await giveBack() }

  /// A pause that failed, or was cut off, is no pause. Until that is written down the tenant stays parked: nothing works on what counts as half
  /// paused. The caller is alone with the file.
  func goOn(_ key: String) async throws {
    if try directory.tenant(key).state == .pausing { try await giveBack(key) }
    if try directory.tenant(key).isOpenable { await open.unpark(key) }
  }

  /// Checks the file before it is used; stays paused, with the reason, if it may not be. The caller is alone with the file.
  func takeIntoUse(_ key: String, _ doing: Doing) async throws -> JSON {
    if try directory.tenant(key).state == .pausing {
      try await goOn(key)
      return try directory.tenant(key).json
    }
    guard try directory.tenant(key).state == .paused else { throw Refusal.conflict("Tenant \(key) is not paused.") }
    try files.check(files.path(of: key), belongsTo: key)
    let paused = try directory.tenant(key).reason
    try await directory.file.write { db in
      try db.execute(
        sql: """
          UPDATE tenants SET state = coalesce(resume_state, 'active'), reason = resume_reason, resume_state = NULL, resume_reason = NULL
          WHERE key = ? AND state = 'paused'
          """, arguments: [key])
      guard db.changesCount > 0 else { throw Refusal.conflict("Tenant \(key) is not paused.") }
      try DueTurns.mark(db, key)
      try doing.note(db, key, detail: paused)
    }
    try await directory.routing.refresh()
    await open.unpark(key)
    do { try await open.with(key) { _ in } } catch {
      _ = try await park(key, reason: (error as? Refusal)?.detail ?? "\(error)", doing)
      throw error
    }
    return try directory.tenant(key).json
  }
}
