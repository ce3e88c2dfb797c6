import Foundation
import GRDB
import Logging
import TenantRuntime

/// The end of a tenant: asked for by its key typed once more, put away at once, and gone after a time in which it can be kept.
///
///     (any) → archived, to be deleted → deleted
///                   └→ kept: what it was before
///
/// What stays: the final backup, the audit rows, the evidence of opt-outs in the intake for as long as it is kept, and the key, which no other
/// tenant is ever given.
struct Deletion: Sendable {
  let directory: TenantDirectory
  let archiving: Archiving
  let copies: FileCopies
  let intake: any IntakeLog
  let dueTurns: DueTurns
  let scheduler: Scheduler
  let logger: Logger
  static let graceSeconds: Int64 = 7 * 86_400
  static let turn = Turn(tenant: "", work: .platform(.deletingTenants))

  private var files: TenantFiles { archiving.pausing.files }

  /// - Parameter asTenant: its own owner asks, who may keep it too; what the operator has ordered is the operator's to end.
  func order(_ key: String, confirm: String, asTenant: Bool, _ doing: Doing) async throws -> JSON {
    let tenant = try directory.tenant(key)
    guard confirm == key else { throw Refusal.invalid("confirm", "must be the tenant's key, \(key)") }
    guard tenant.deleteAfter == nil else { throw Refusal.conflict("Tenant \(key) is to be deleted already.") }
    let end = doing.at.advanced(bySeconds: Self.graceSeconds)
    let reason = "to be deleted on \(end.iso8601)"
    let side = asTenant ? "tenant" : "platform"
    let mark: @Sendable (Bool, Database) throws -> Void = { wasArchived, db in
      try db.execute(
        sql: """
          UPDATE tenants SET delete_after = ?, delete_side = ?, stays_archived = ?, former_reason = CASE WHEN ? = 1 THEN reason END,
          reason = ? WHERE key = ? AND delete_after IS NULL
          """, arguments: [end, side, wasArchived ? 1 : 0, wasArchived ? 1 : 0, reason, key])
    }
    try await files.alone(with: key, .archived) {
      if try directory.tenant(key).state == .archived {
        try await directory.change { db in
          try mark(true, db)
          guard db.changesCount > 0 else { throw Refusal.conflict("Tenant \(key) is to be deleted already.") }
          try doing.note(db, key, detail: reason)
        }
      } else {
        _ = try await archiving.putAway(key, reason: reason, doing) { db in try mark(false, db) }
      }
    }
    try await dueTurns.keep(Self.turn, due: doing.at)
    scheduler.wake(Self.turn)
    return try directory.tenant(key).json
  }

  func keep(_ key: String, asTenant: Bool, _ doing: Doing) async throws -> JSON {
    try await files.alone(with: key, .unarchived) {
      let row = try await directory.file.read { db in
        try Row.fetchOne(
          db, sql: "SELECT delete_side, stays_archived FROM tenants WHERE key = ? AND delete_after IS NOT NULL",
          arguments: [key]
        ).map { (side: $0[0] as String?, staysArchived: $0[1] as Bool) }
      }
      guard let row else { throw Refusal.conflict("Tenant \(key) is not to be deleted.") }
      guard !asTenant || row.side == "tenant" else {
        throw Refusal.conflict("The operator has ordered this; ask the operator of this server to keep it.")
      }
      let unmark: @Sendable (Database) throws -> Void = { db in
        try db.execute(
          sql: """
            UPDATE tenants SET delete_after = NULL, delete_side = NULL, stays_archived = 0, former_reason = NULL
            WHERE key = ? AND delete_after IS NOT NULL
            """, arguments: [key])
        guard db.changesCount > 0 else { throw Refusal.conflict("Tenant \(key) has changed meanwhile; look again.") }
      }
      guard row.staysArchived else { return try await archiving.takeBack(key, doing, also: unmark) }
      try await directory.change { db in
        try db.execute(sql: "UPDATE tenants SET reason = former_reason WHERE key = ?", arguments: [key])
        try unmark(db)
        try doing.note(db, key, detail: "kept, archived")
      }
      return try directory.tenant(key).json
    }
  }

  // MARK: When the time has come

  /// One tenant that cannot be deleted now keeps no other waiting: it is tried again.
  func takeTurn() async throws -> NextTurn {
    let now = directory.now()
    try await removeLeftFolders()
    var failed = false
    for tenant in directory.routing.current.tenants.values {
      guard let due = tenant.deleteAfter, due <= now else { continue }
      do { try await finish(tenant.key, isLong: due.advanced(bySeconds: Self.graceSeconds) <= now) } catch {
        failed = true
        logger.error("A tenant cannot be deleted yet", metadata: ["tenant": "\(tenant.key)", "error": "\(error)"])
        try await noteDelay(tenant.key, due)
      }
    }
    let next = directory.routing.current.tenants.values.compactMap(\.deleteAfter).min()
    guard let next else { return .whenNudged }
    let due = failed ? now.advanced(bySeconds: Self.retrySeconds) : next
    try await dueTurns.keep(Self.turn, due: due)
    return .at(due)
  }
  private static let retrySeconds: Int64 = 900

  /// Where operators look: beside the tenant. Its own people read it, too: what this machine has to say about it is for the log.
  private func noteDelay(_ key: String, _ due: Moment) async throws {
    let end = due.advanced(bySeconds: Self.graceSeconds).iso8601
    try await directory.change { db in
      try db.execute(
        sql: "UPDATE tenants SET reason = ? WHERE key = ? AND delete_after IS NOT NULL",
        arguments: [
          "to be deleted; its last copy cannot be made, and from \(end) on a file that is damaged or gone goes without one",
          key,
        ])
    }
  }

  /// - Parameter isLong: it has been tried for so long that a file that is damaged or gone ends without a copy. One that is whole waits for it,
  ///   as long as the disk has no room, say.
  private func finish(_ key: String, isLong: Bool) async throws {
    let doing = Doing(caller: .worker("deletion"), action: "tenant.delete", at: directory.now())
    let backup = URL(fileURLWithPath: "\(files.data)/backups/\(key)/\(doing.at.milliseconds)-final.sqlite")
      .standardizedFileURL.path
    let left: String
    do {
      _ = try await copies.backup(key, to: backup, Doing(caller: doing.caller, action: "tenant.backup", at: doing.at))
      left = "its last copy is \(backup)"
    } catch {
      guard isLong, (try? files.check(files.path(of: key), belongsTo: key)) == nil else { throw error }
      left = "there is no last copy: \(error)"
    }
    try await files.alone(with: key, .deleted) {
      try await forget(key, doing, left)
      directory.keyChanges.haveEnded()
      intake.trim(key, upTo: intake.highestID)
      // Nor need there be a folder.
      if FileManager.default.fileExists(atPath: files.folder(of: key)) {
        try FileManager.default.removeItem(atPath: files.folder(of: key))
      }
    }
    logger.notice("A tenant was deleted", metadata: ["tenant": "\(key)"])
  }

  private func forget(_ key: String, _ doing: Doing, _ left: String) async throws {
    try await directory.change { db in
      try db.execute(
        sql: """
          UPDATE tenants SET deleted_at = ?, delete_after = NULL, name = '', owner_email = '', link_keys = ?, reason = NULL,
          former_reason = NULL, released_routes = NULL WHERE key = ? AND state = 'archived' AND delete_after <= ?
          """, arguments: [doing.at, Data(), key, doing.at])
      guard db.changesCount > 0 else { throw Refusal.conflict("Tenant \(key) is kept.") }
      for sql in Self.rows { try db.execute(sql: sql, arguments: [key]) }
      try doing.note(db, key, detail: "deleted; \(left)")
    }
  }

  /// What else the control file has of a tenant, but for its audit rows.
  private static let rows = [
    "DELETE FROM api_keys WHERE tenant_key = ?", "DELETE FROM memberships WHERE tenant_key = ?",
    "DELETE FROM sign_in_links WHERE accepts = ?",
    "DELETE FROM twilio_accounts WHERE tenant_key = ?", "DELETE FROM number_routes WHERE tenant_key = ?",
    "DELETE FROM former_number_routes WHERE tenant_key = ?", "DELETE FROM link_hosts WHERE tenant_key = ?",
    "DELETE FROM quotas WHERE tenant_key = ?", "DELETE FROM support_grants WHERE tenant_key = ?",
    "DELETE FROM audit_heads WHERE tenant_key = ?",
    "DELETE FROM due_turns WHERE tenant = ?",
  ]

  /// A crash between the rows, what waits for them in the intake, and the folder.
  private func removeLeftFolders() async throws {
    let deleted = try await directory.file.read { db in
      try String.fetchAll(db, sql: "SELECT key FROM tenants WHERE deleted_at IS NOT NULL")
    }
    for key in deleted where intake.last(of: key) > 0 { intake.trim(key, upTo: intake.last(of: key)) }
    for key in deleted where FileManager.default.fileExists(atPath: files.folder(of: key)) {
      try? await files.alone(with: key, .deleted) {
        try FileManager.default.removeItem(atPath: files.folder(of: key))
      }
    }
  }
}
