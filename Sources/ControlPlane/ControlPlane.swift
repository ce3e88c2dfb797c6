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
  package let http: any OutboundHTTP
  private let guardedClient: any OutboundHTTP
  package let guarded: GuardedHTTP
  package let networks: KnownNetworks
  package var shares: Shares { configuration.shares }
  let hostCheck: HostCheck
  /// The name of the public address; it serves no links.
  package let publicHost: String
  package let logger: Logger
  package let open: OpenTenants
  let limits: any NodeLimits
  /// Where links lead, shared by nodes; nil without Redis.
  package let sharedTargets: SharedTargets?
  let applier: Applier
  package let scheduler: Scheduler
  let dueTurns: DueTurns
  package let now: @Sendable () -> Moment
  let template = TenantTemplate()
  /// Tenants, by key, and backups, by path, that are being made now: two of one would write into one file.
  let making = Mutex<Set<String>>([])
  let fileCommands = Mutex<[String: String]>([:])  // by tenant: what is being done with its file
  /// Tenants being paused now; another one that is `pausing` has been left so by an error.
  let pausing = Mutex<Set<String>>([])
  let turns = Turns()
  private let routingBox: Mutex<Routing>
  private let readings = Mutex<(running: Task<Void, any Error>?, waiting: Task<Void, any Error>?)>((nil, nil))
  let gates = Mutex<[String: SendGate]>([:])
  private let inboxes = Mutex<[String: InboxBell]>([:])
  private let linkCacheStates = Mutex<[String: LinkCacheState]>([:])

  /// Opens (or begins) a data folder. The caller holds `serve.lock`.
  /// - Parameter guardedClient: for addresses that tenants name, so that slow receivers take no connection from the provider's calls.
  package init(
    _ configuration: Configuration, logger: Logger, now: @escaping @Sendable () -> Moment = { Moment.now() },
    http: (any OutboundHTTP)? = nil, guardedClient: (any OutboundHTTP)? = nil
  ) throws {
    self.http = http ?? CurlClient(connections: configuration.outgoing)
    self.guardedClient =
      guardedClient ?? CurlClient(connections: configuration.outgoing, ofOneTenant: max(2, configuration.outgoing / 4))
    self.configuration = configuration
    self.logger = logger
    self.now = now
    try Self.refuseLostControlFile(configuration.data)
    secret = try SecretKey.of(data: configuration.data, given: configuration.secretKey)
    file = try ControlFile.naming("\(configuration.data)/control.sqlite") { try ControlFile.open(configuration.data) }
    try secret.enter(file)
    let open = OpenTenants(cap: configuration.openFiles)
    let applier = Applier(logger: logger) { tenant in try await open.catchUp(tenant) }
    (self.open, self.applier, dueTurns) = (open, applier, DueTurns(file: file))
    scheduler = Scheduler(logger: logger, now: now) { turn in try await open.take(turn) }
    let intakePath = "\(configuration.data)/intake.sqlite"
    intake = try ControlFile.naming(intakePath) {
      try Intake(path: intakePath, start: now()) { arrival in
        applier.wake(arrival.tenant, events: arrival.events, of: arrival.kind)
      }
    }
    networks = KnownNetworks(configuration.networks)
    guarded = GuardedHTTP(client: self.guardedClient, rules: AddressRules(allowed: configuration.webhookAllow))
    hostCheck = HostCheck(lookup: TXTLookup(server: configuration.dnsServer), guarded: guarded)
    publicHost = URL(string: configuration.publicURL)?.host?.lowercased() ?? ""
    let names = RedisNames(installation: secret.digest)
    limits = try Self.limits(
      redisURL: configuration.redisURL, names: names, file: file, node: intake.instance, logger: logger, now: now)
    sharedTargets = try configuration.redisURL.map { try SharedTargets(redisURL: $0, names: names, logger: logger) }
    let (secret, publicHost) = (secret, publicHost)
    routingBox = Mutex(try file.readNow { db in try Routing(db, secret, publicHost: publicHost) })
    open.controlPlane.withLock { $0 = self }
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

  /// Numbers, hosts and tokens as of the last change: what webhooks are judged by without touching a file.
  package var routing: Routing { routingBox.withLock { $0 } }

  /// What outgoing calls of a tenant are judged by at the last moment, whether its file is open or not.
  package func gate(of tenant: String) -> SendGate {
    gates.withLock { gates in
      if let gate = gates[tenant] { return gate }
      let gate = SendGate()
      if routing.killSwitch != nil { gate.close(Self.platformSwitch) }
      gates[tenant] = gate
      return gate
    }
  }

  /// Watchers of a tenant's inbox wait here, whether its file is open or not.
  func inbox(of tenant: String) -> InboxBell {
    inboxes.withLock { inboxes in
      if let bell = inboxes[tenant] { return bell }
      let bell = InboxBell()
      inboxes[tenant] = bell
      return bell
    }
  }

  /// What the router knows of a tenant's links, whether its file is open or not.
  package func links(of tenant: String) -> LinkCacheState {
    linkCacheStates.withLock { states in
      if let state = states[tenant] { return state }
      let shared = sharedTargets
      let state = LinkCacheState { shared?.forgetSoon(tenant: tenant) }
      states[tenant] = state
      return state
    }
  }

  /// What has been committed holds although it cannot be read just now: it is read as soon as it can be.
  package func refreshRouting() async throws {
    do { try await nextReading().value } catch {
      tryAgain("Reading the control file", after: error) { [self] in try await readRouting() }
      throw error
    }
  }

  /// A reading that has not begun yet serves all who ask before it does: many commands at once read a large platform once.
  private func nextReading() -> Task<Void, any Error> {
    readings.withLock { readings in
      if let waiting = readings.waiting { return waiting }
      let former = readings.running
      let task = Task { [self] in
        _ = await former?.result
        self.readings.withLock { $0 = (running: $0.waiting, waiting: nil) }
        try await readRouting()
      }
      readings.waiting = task
      return task
    }
  }

  private func readRouting() async throws {
    // Put in place while the file is read, one reader at a time: the newest one read stays.
    let routing = try await file.read { [self] db in
      let routing = try Routing(db, secret, publicHost: publicHost, former: self.routing)
      routingBox.withLock { $0 = routing }
      return routing
    }
    await open.renew { key in routing.tenants[key].map { self.lease($0) } }
  }

  package func lease(_ tenant: Routing.Tenant) -> Lease {
    Lease(
      tenant: tenant.key, suspended: tenant.state == .suspended ? tenant.reason ?? "suspended" : nil,
      killed: routing.killSwitch?.reason, twilio: tenant.twilio,
      twilioAPI: configuration.twilioAPI, publicURL: configuration.publicURL, linkHosts: tenant.linkHosts,
      linkKeys: tenant.linkKeys,
      timeZone: tenant.timeZone, brands: tenant.brands, epoch: tenant.epoch)
  }

  /// Keeps up what this node may use of accounts that other nodes use too; returns when the task is cancelled.
  package func shareAccounts() async {
    if configuration.redisURL != nil { http.accounts.beShared() }
    while !Task.isCancelled {
      for (account, wanted) in configuration.redisURL == nil ? [:] : http.accounts.takeDemand() {
        // Less is used before less is asked for, so that the sum over all nodes never passes the limit.
        http.accounts.setShare(account, min(http.accounts.share(account), wanted))
        http.accounts.setShare(account, await limits.slots(account: account, wanted: wanted, limit: AccountPace.most))
      }
      try? await Task.sleep(for: .milliseconds(500))
    }
  }

  package func shutDown() async {
    http.stop()
    applier.stop()
    scheduler.stop()
    guardedClient.stop()
    await limits.shutDown()
    await sharedTargets?.close()
    await open.closeAll()
    do {
      try await checkpointControlFile(beyond: 0)
      try intake.close()
      try file.close()
    } catch { logger.error("A file did not close", metadata: ["error": "\(error)"]) }
  }
}

extension ControlPlane: RevocationLog {
  /// One log for every way to revoke: on disk, known to the outgoing thread, then applied.
  package func append(_ revocations: [Revocation], tenant: String) async throws {
    let gate = gate(of: tenant)
    for start in stride(from: 0, to: revocations.count, by: Self.revocationsTogether) {
      let group = revocations[start..<min(start + Self.revocationsTogether, revocations.count)]
      let ids = try await intake.append(group.map { IntakeEvent.revocation($0) }, tenant: tenant)
      var mayBeLeaving = false
      for (revocation, id) in zip(group, ids) { mayBeLeaving = gate.hold(revocation, id: id) || mayBeLeaving }
      if mayBeLeaving { await withCheckedContinuation { done in http.afterPendingSends { done.resume() } } }
    }
    // What is said while the file is away is applied when it comes back; it holds already.
    if routing.tenants[tenant]?.isOpenable == true { try await open.catchUp(tenant) }
  }

  package func forgetWords(of numbers: [PersonNumber], tenant: String) async throws {
    try await intake.forgetWords(of: numbers, tenant: tenant)
  }

  /// A list of a hundred thousand opt-outs leaves room for webhooks between its commits.
  private static let revocationsTogether = 2_000

  /// Takes one webhook, opt-out or hit. Once the answer is nil, it may be answered: its row is on disk, and after an opt-out (or
  /// what reads as one) no text to that person that it forbids begins any more. Called on the intake's thread, or on the outgoing one.
  package func accept(_ event: IntakeEvent, tenant: String, then answer: @escaping @Sendable (Refusal?) -> Void) {
    intake.append(event, tenant: tenant) { [self] result in
      switch result {
      case .failure(let refusal): answer(refusal)
      case .success(let id):
        let mayBeLeaving = event.revocation.map { gate(of: tenant).hold($0, id: id) } ?? false
        if mayBeLeaving { http.afterPendingSends { answer(nil) } } else { answer(nil) }
      }
    }
  }

  package func accept(_ event: IntakeEvent, tenant: String) async throws {
    try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
      accept(event, tenant: tenant) { refusal in
        if let refusal { done.resume(throwing: refusal) } else { done.resume() }
      }
    }
  }
}
