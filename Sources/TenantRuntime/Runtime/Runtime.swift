import Foundation
package import Logging
package import Synchronization

/// One tenant, open: its file, its lease, and its dependencies. Everything a tenant does goes through here; it has never
/// heard of another.
package final class Runtime: Sendable {
  package let file: SQLiteFile
  package let dependencies: Dependencies
  /// What is looked at again right before each call begins.
  package let gate: SendGate
  /// Bulk parsing and sorting; never the lane of the file.
  package let importLane: ImportLane
  /// Where uploads are kept while they are imported.
  package let spool: String
  package let logger: Logger
  /// Rung after every commit that an open inbox shows; outlives this opening of the file.
  package let inbox: InboxBell
  /// What the router knows of the links; outlives this opening, too.
  package let links: LinkCacheState
  private let leaseBox: Mutex<Lease>
  private let wake: @Sendable (Worker) -> Void
  /// Turns of the sender so far: campaigns of one tenant take turns by it.
  let sendingTurns = Atomic<Int>(0)
  let importProgress = ImportProgress()
  /// What many look at while it changes.
  let shared = SharedReadings()
  /// Grows when something is written, or an import comes on: who shows it looks again.
  package var changes: Int { file.commits.load(ordering: .relaxed) + importProgress.changes }
  /// The last intake row in the file, as this process knows; -1: not asked yet.
  package let appliedIntakeID = Atomic<Int64>(-1)
  let outbox = OutboxWatch()
  /// When old hits were last looked for, in milliseconds.
  let sweptAt = Atomic<Int64>(0)
  /// The last note that was begun (`beginNote`).
  let noting = Mutex<Task<Bool, Never>?>(nil)
  /// Rows of `unlogged_revocations` that are on their way to the log.
  let beingLogged = Mutex<Set<Int64>>([])
  /// When hits were last applied, in milliseconds, and how many since the file was opened.
  let hitAt = Atomic<Int64>(0)
  let unlistedHits = Atomic<Int>(0)
  let bulkCache = BulkCache()
  /// Campaigns that the log of claims knows.
  let notedCampaigns = Mutex<Set<Int64>>([])
  /// The file has forgotten something, or may have: nothing is texted, frozen, woken or claimed from it until a person says so.
  package let isFenced = Atomic<Bool>(false)
  /// Intake rows applied since the last commit that is surely on disk.
  let untrimmed = Atomic<Int>(0)

  package init(
    file: SQLiteFile, lease: Lease, gate: SendGate, inbox: InboxBell = InboxBell(),
    links: LinkCacheState = LinkCacheState(),
    dependencies: Dependencies,
    importLane: ImportLane, spool: String,
    wake: @escaping @Sendable (Worker) -> Void
  ) {
    self.file = file
    self.gate = gate
    self.inbox = inbox
    self.links = links
    self.dependencies = dependencies
    self.importLane = importLane
    self.spool = spool
    self.wake = wake
    leaseBox = Mutex(lease)
    var logger = dependencies.logger
    logger[metadataKey: "tenant"] = .string(lease.tenant)
    self.logger = logger
  }

  package var lease: Lease { leaseBox.withLock { $0 } }
  package func renew(_ lease: Lease) { leaseBox.withLock { $0 = lease } }

  /// Publishes to the webhook handler which words this tenant's people use.
  package func publishWords() async throws {
    let settings = try await file.read { db in try TenantSettings.read(db) }
    gate.setWords(settings.keywords, languages: Set(settings.languages))
  }

  /// Ends long work whose file is about to be closed; it goes on when the file is opened again.
  func leaveIfAsked() throws {
    if gate.isLeaving || Task.isCancelled { throw CancellationError() }
  }

  /// Tells the wake-up loop that there is work now.
  package func nudge(_ worker: Worker) { wake(worker) }
}
