import GRDB
import Synchronization
import TenantRuntime

/// What an operator puts right in a tenant's file.
struct Repairs: Sendable {
  let directory: TenantDirectory
  let open: OpenTenants
  let scheduler: Scheduler

  func unfence(_ key: String, _ doing: Doing) async throws -> JSON {
    _ = try directory.tenant(key)
    let now = directory.now()
    let instance = try await open.with(key) { runtime in
      let instance = try await runtime.file.write { db in
        try Fence.lift(db, at: now)
        return try Identity.read(db)?.instance ?? ""
      }
      runtime.isFenced.store(false, ordering: .relaxed)
      // What this file's audit log says counts from now on, be it an older one.
      try await AuditHeads(directory: directory).note(runtime, isTrusted: true)
      for worker in Worker.allCases { runtime.nudge(worker) }
      return instance
    }
    try await directory.file.write { db in
      try db.execute(sql: "UPDATE tenants SET instance = ? WHERE key = ?", arguments: [instance, key])
      try doing.note(db, key)
    }
    return ["tenant": .text(key), "fence": nil]
  }

  /// A running server's worker does it; without one it is done here.
  func rejudgeLinks(_ key: String, since: Moment?, _ doing: Doing) async throws -> JSON {
    _ = try directory.tenant(key)
    let isServer = scheduler.isWorking
    let state = try await open.with(key) { runtime in
      let begun = try await runtime.transact(doing.caller) { change in
        try Rejudging.begin(change, since: since)
      }
      if isServer { return begun }
      while try await runtime.takeTurn(.rejudging) == .now {}
      return try await runtime.file.read { db in try Rejudging.newest(db) }
    }
    try await directory.note(doing, key)
    return .object([("tenant", .text(key))] + (state.members ?? []))
  }
}
