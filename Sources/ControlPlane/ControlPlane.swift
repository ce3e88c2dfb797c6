import Dispatch
import Foundation
import GRDB
import Glibc
package import Logging
import Synchronization
package import TenantRuntime

/// Who exists, and who is open: the control file, the intake, and the capped set of open tenants.
package final class ControlPlane: Sendable {
  package struct Configuration: Sendable {
    package var data: String
    package var publicURL: String
    package var twilioAPI: String
    package var secretKey: String?
    package var redisURL: String?
    package var openFiles: Int
    /// Connections outward at once, of each of the two outbound clients.
    package var outgoing: Int
    package var shares: Shares
    /// Addresses that tenants' webhooks may reach although they are not public.
    package var webhookAllow: [AddressBlock]
    /// What the operator says of visitors' addresses.
    package var networks: Networks
    /// `ADDRESS:PORT` that is asked for TXT records; nil: the system's servers.
    package var dnsServer: String?

    package init(
      data: String, publicURL: String, twilioAPI: String, secretKey: String? = nil, redisURL: String? = nil,
      openFiles: Int = 512, outgoing: Int = 256, shares: Shares = Shares(), webhookAllow: [AddressBlock] = [],
      networks: Networks = Networks(),
      dnsServer: String? = nil
    ) {
      self.outgoing = outgoing
      self.shares = shares
      self.dnsServer = dnsServer
      self.networks = networks
      self.webhookAllow = webhookAllow
      self.redisURL = redisURL
      self.data = data
      self.publicURL = publicURL
      self.twilioAPI = twilioAPI
      self.secretKey = secretKey
      self.openFiles = openFiles
    }
  }

  package let configuration: Configuration
  package let file: SQLiteFile
  package let intake: Intake
  package let secret: SecretKey
  package let clients: OutboundClients
  package let networks: KnownNetworks
  let hostCheck: HostCheck
  package let directory: TenantDirectory
  package var publicHost: String { directory.routing.publicHost }
  package let files: TenantFiles
  let retries: Retries
  package let logger: Logger
  package let open: OpenTenants
  package let events: AnsweredEvents
  package let rows: WaitingRows
  package let memory: TenantMemory
  /// Where links lead, shared by nodes; nil without Redis.
  package let sharedTargets: SharedTargets?
  let applier: Applier
  package let scheduler: Scheduler
  let dueTurns: DueTurns
  package let now: @Sendable () -> Moment
  let turns = Turns()

  /// Opens (or begins) a data folder. The caller holds `serve.lock`.
  /// - Parameter guardedClient: for addresses that tenants name.
  package init(
    _ configuration: Configuration, logger: Logger, now: @escaping @Sendable () -> Moment = { Moment.now() },
    http: (any OutboundHTTP)? = nil, guardedClient: (any OutboundHTTP)? = nil
  ) throws {
    self.configuration = configuration
    self.logger = logger
    self.now = now
    try Self.refuseLostControlFile(configuration.data)
    secret = try SecretKey.of(data: configuration.data, given: configuration.secretKey)
    file = try ControlFile.naming("\(configuration.data)/control.sqlite") { try ControlFile.open(configuration.data) }
    try secret.enter(file)
    files = TenantFiles(data: configuration.data)
    let applier = Applier(logger: logger)
    (self.applier, dueTurns) = (applier, DueTurns(file: file))
    scheduler = Scheduler(logger: logger, now: now)
    let intakePath = "\(configuration.data)/intake.sqlite"
    intake = try ControlFile.naming(intakePath) {
      try Intake(path: intakePath, start: now()) { arrival in
        applier.wake(arrival.tenant, events: arrival.events, of: arrival.kind)
      }
    }
    networks = KnownNetworks(configuration.networks)
    let names = RedisNames(installation: secret.digest)
    clients = OutboundClients(
      http: http ?? CurlClient(connections: configuration.outgoing),
      guardedClient: guardedClient
        ?? CurlClient(connections: configuration.outgoing, ofOneTenant: max(2, configuration.outgoing / 4)),
      rules: AddressRules(allowed: configuration.webhookAllow),
      limits: try ChosenLimits.make(
        redisURL: configuration.redisURL, names: names, file: file, node: intake.instance, logger: logger, now: now),
      isSharedWithNodes: configuration.redisURL != nil)
    hostCheck = HostCheck(lookup: TXTLookup(server: configuration.dnsServer), guarded: clients.guarded)
    sharedTargets = try configuration.redisURL.map { try SharedTargets(redisURL: $0, names: names, logger: logger) }
    retries = Retries(logger: logger)
    directory = TenantDirectory(
      file: file, secret: secret,
      routing: try CurrentRouting(
        file, secret, .init(publicURL: configuration.publicURL, twilioAPI: configuration.twilioAPI), retries: retries),
      now: now)
    memory = TenantMemory(routing: directory.routing, sharedTargets: sharedTargets)
    rows = WaitingRows(intake: intake, files: files)
    let open = OpenTenants(
      cap: configuration.openFiles,
      opening: TenantOpening(
        directory: directory, files: files, memory: memory, intake: intake, rows: rows, clients: clients,
        scheduler: scheduler, networks: networks, shares: configuration.shares, now: now, logger: logger),
      rows: rows, applier: applier, dueTurns: dueTurns, retries: retries)
    (self.open, events) = (open, open.answeredEvents())
    applier.begin { [weak open] tenant in try await open?.catchUp(tenant) }
    directory.routing.follow { [weak open] in await open?.renewLeases() }
  }

  /// Without it every number and key would be unknown, and people who write STOP would get a 404.
  private static func refuseLostControlFile(_ data: String) throws {
    let (files, tenants) = (FileManager.default, "\(data)/tenants")
    guard !files.fileExists(atPath: "\(data)/control.sqlite"),
      let key = try? files.contentsOfDirectory(atPath: tenants).first(where: { key in
        files.fileExists(atPath: "\(tenants)/\(key)/tenant.sqlite")
      })
    else { return }
    throw ControlFailure(
      "\(data)/control.sqlite is missing, yet there are tenants (\(key)): put it back from your copy of this folder; to begin anew, move \(tenants) away"
    )
  }

  /// Brings the control file's WAL back into the file once it has grown.
  package func checkpointControlFile(beyond bytes: Int = 1 << 20) async throws {
    let wal = "\(configuration.data)/control.sqlite-wal"
    guard (try? FileManager.default.attributesOfItem(atPath: wal)[.size] as? Int) ?? 0 > bytes else { return }
    try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
      DispatchQueue.global().async { [self] in
        done.resume(
          with: Result {
            try ControlFile.withCommitLock(configuration.data) {
              try file.outsideTransactionNow { db in _ = try db.checkpoint(.truncate) }
            }
          })
      }
    }
  }

  /// Numbers, hosts and tokens as of the last change.
  package var routing: Routing { directory.routing.current }

  package func gate(of tenant: String) -> SendGate { memory.gate(of: tenant) }
  package func links(of tenant: String) -> LinkCacheState { memory.links(of: tenant) }

  package func refreshRouting() async throws { try await directory.routing.refresh() }

  package func shutDown() async {
    clients.stop()
    applier.stop()
    scheduler.stop()
    await clients.limits.shutDown()
    await sharedTargets?.close()
    retries.stop()
    await open.closeAll()
    do {
      try await checkpointControlFile(beyond: 0)
      try intake.close()
      try file.close()
    } catch { logger.error("A file did not close", metadata: ["error": "\(error)"]) }
  }
}
