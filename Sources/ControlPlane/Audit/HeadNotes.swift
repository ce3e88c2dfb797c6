import GRDB
import Synchronization
import TenantRuntime

/// Notes the newest rows of the audit logs while the server runs: a log whose end is cut off shows, but for what the last minute has added.
/// Files that close note their own (`OpenTenants`). Where no file is open and the platform does nothing, nothing is looked at.
final class HeadNotes: Sendable {
  static let turn = Turn.notingAuditHeads

  private let directory: TenantDirectory
  private let open: OpenTenants
  private let scheduler: Scheduler
  private let data: String
  /// The newest row of each open file as of its last turn: what has not changed asks the control file nothing.
  private let seen = Mutex<[String: Int64]>([:])

  init(directory: TenantDirectory, open: OpenTenants, scheduler: Scheduler, data: String) {
    (self.directory, self.open, self.scheduler, self.data) = (directory, open, scheduler, data)
  }

  /// A change of the platform asks for a look; tenants' files that are opened ask for it themselves, and while one is open it goes on.
  func followCommits() {
    directory.file.follow { [scheduler, now = directory.now] in
      scheduler.schedule(Self.turn, at: now().advanced(bySeconds: Turn.auditHeadSeconds))
    }
  }

  func takeTurn() async throws -> NextTurn {
    let keys = Set(await open.keys)
    seen.withLock { seen in seen = seen.filter { keys.contains($0.key) } }
    for key in keys {
      // One that is being closed meanwhile cannot be read any more, and has noted its own.
      if let runtime = await open.peek(key) { try? await note(key, runtime) }
    }
    try await PlatformAuditHead.note(directory.file, data, directory.secret)
    return keys.isEmpty ? .whenNudged : .at(directory.now().advanced(bySeconds: Turn.auditHeadSeconds))
  }

  private func note(_ key: String, _ runtime: Runtime) async throws {
    let last = try await runtime.file.read { db in try AuditChain.last(db).id }
    guard seen.withLock({ $0[key] }) != last else { return }
    try await AuditHeads(directory: directory).note(runtime)
    seen.withLock { $0[key] = last }
  }
}
