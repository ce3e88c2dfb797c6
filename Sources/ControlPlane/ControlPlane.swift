package import Logging
package import TenantRuntime

/// Puts the parts of a node together, begins them and shuts them down in their order. What they do, they do by themselves.
package final class ControlPlane: Sendable {
  package let configuration: Configuration
  package let logger: Logger
  package let now: @Sendable () -> Moment
  package let networks: KnownNetworks
  package let directory: TenantDirectory
  package let intake: any IntakeLog
  package let clients: OutboundClients
  /// Where links lead, shared by nodes; nil without Redis.
  package let sharedTargets: SharedTargets?
  /// How often things are done, by name: requests, attempts to sign in.
  package let rates: any RateLimits
  package let memory: TenantMemory
  package let rows: WaitingRows
  package let open: OpenTenants
  package let events: AnsweredEvents
  package let commands: Commands
  package let runner: CommandRunner
  package let signIn: SignIn
  package let grants: SupportGrants
  let scheduler: Scheduler
  let start: Start
  private let applier: Applier
  private let retries: Retries

  /// Opens (or begins) a data folder. The caller holds `serve.lock`.
  /// - Parameter guardedClient: for addresses that tenants name.
  package init(
    _ configuration: Configuration, logger: Logger, now: @escaping @Sendable () -> Moment = { Moment.now() },
    http: (any OutboundHTTP)? = nil, guardedClient: (any OutboundHTTP)? = nil
  ) throws {
    (self.configuration, self.logger, self.now) = (configuration, logger, now)
    networks = KnownNetworks(configuration.networks)
    let data = configuration.data
    retries = Retries(logger: logger)
    directory = try TenantDirectory(
      data: data, secretKey: configuration.secretKey,
      .init(publicURL: configuration.publicURL, twilioAPI: configuration.twilioAPI), retries: retries, now: now)
    let (file, secret) = (directory.file, directory.secret)
    scheduler = Scheduler(logger: logger, now: now)
    let applier = Applier(logger: logger)
    self.applier = applier
    intake = try Intake.open(data, start: now()) { arrival in
      applier.wake(arrival.tenant, events: arrival.events, of: arrival.kind)
    }
    let names = RedisNames(installation: secret.digest)
    clients = OutboundClients(
      http: http ?? CurlClient(connections: configuration.outgoing),
      guardedClient: guardedClient
        ?? CurlClient(connections: configuration.outgoing, ofOneTenant: max(2, configuration.outgoing / 4)),
      rules: AddressRules(allowed: configuration.webhookAllow),
      limits: try ChosenLimits.make(
        redisURL: configuration.redisURL, names: names, file: file, node: intake.instance, logger: logger, now: now),
      isSharedWithNodes: configuration.redisURL != nil)
    sharedTargets = try configuration.redisURL.map { try SharedTargets(redisURL: $0, names: names, logger: logger) }
    rates = try ChosenLimits.rates(redisURL: configuration.redisURL, names: names, logger: logger, now: now)
    memory = TenantMemory(routing: directory.routing, sharedTargets: sharedTargets)
    let (files, dueTurns) = (TenantFiles(data: data), DueTurns(file: file))
    rows = WaitingRows(intake: intake, files: files)
    open = OpenTenants(
      cap: configuration.openFiles,
      opening: TenantOpening(
        directory: directory, files: files, memory: memory, intake: intake, rows: rows, clients: clients,
        scheduler: scheduler, networks: networks, shares: configuration.shares, now: now, logger: logger),
      rows: rows, applier: applier, dueTurns: dueTurns, retries: retries)
    events = open.answeredEvents()
    let pausing = Pausing(directory: directory, files: files, open: open, retries: retries)
    let mails = MailQueue(
      file: file, secret: secret, server: configuration.mailServer, sender: configuration.mailFrom, logger: logger)
    let mailing = Mailing(
      queue: mails, scheduler: scheduler, codes: LinkCodes(secret), publicURL: configuration.publicURL)
    let signedIn = SignedIn(
      file: file, secret: secret,
      store: try configuration.redisURL.map { try RedisSessions(redisURL: $0, names: names) }
        ?? StoredSessions(file: file), times: configuration.sessions, logger: logger)
    signIn = SignIn(
      directory: directory, mailing: mailing, signedIn: signedIn, hasher: PasswordHasher(), attempts: rates,
      secret: secret, logger: logger)
    grants = SupportGrants(directory: directory, signedIn: signedIn)
    commands = Commands(
      directory: directory, files: files, memory: memory, intake: intake, clients: clients, scheduler: scheduler,
      open: open, pausing: pausing, dueTurns: dueTurns,
      hostCheck: HostCheck(lookup: TXTLookup(server: configuration.dnsServer), guarded: clients.guarded),
      members: Members(directory: directory, mailing: mailing, signedIn: signedIn, rates: rates),
      platformUsers: PlatformUsers(directory: directory, mailing: mailing, signedIn: signedIn), logger: logger
    )
    runner = CommandRunner(commands, data: data, logger: logger)
    start = Start(
      directory: directory, open: open, intake: intake, scheduler: scheduler, dueTurns: dueTurns, pausing: pausing,
      deletion: commands.deletion, retries: retries, mails: mails,
      headNotes: HeadNotes(directory: directory, open: open, scheduler: scheduler, data: data),
      auditDays: configuration.auditDays,
      logger: logger)
    applier.begin { [weak open] tenant in try await open?.catchUp(tenant) }
    directory.routing.follow { [weak open] in await open?.renewLeases() }
  }

  /// Numbers, hosts and tokens as of the last change.
  package var ownAccount: OwnAccount { OwnAccount(signIn: signIn) }

  package var routing: Routing { directory.routing.current }

  package func tenant(_ key: String) throws -> Routing.Tenant { try directory.tenant(key) }

  package func account(_ key: String) -> Account {
    Account(hosts: commands.hosts, commands: commands, grants: grants, key: key)
  }

  package func perform(_ command: Command, by caller: Caller) async throws -> JSON {
    try await commands.perform(command, by: caller)
  }

  /// Brings the control file's WAL back into the file once it has grown.
  package func checkpointControlFile(beyond bytes: Int = 1 << 20) async throws {
    if try await ControlFile.checkpoint(directory.file, in: configuration.data, beyond: bytes) {
      try await PlatformAuditHead.note(directory.file, configuration.data, directory.secret)
    }
  }

  /// From now on the server works by itself.
  package func begin() async { await start.begin() }

  /// Files are being closed: whatever a request meets now is no mistake.
  package var isStopping: Bool { scheduler.isStopped }

  package func shutDown() async {
    clients.stop()
    applier.stop()
    scheduler.stop()
    await clients.limits.shutDown()
    await rates.shutDown()
    await sharedTargets?.close()
    await signIn.signedIn.store.close()
    retries.stop()
    await open.closeAll()
    do {
      try await checkpointControlFile(beyond: 0)
      try await PlatformAuditHead.note(directory.file, configuration.data, directory.secret)
      try intake.close()
      try directory.file.close()
    } catch { logger.error("A file did not close", metadata: ["error": "\(error)"]) }
  }
}
