import Logging
package import TenantRuntime

/// Carries out what operators ask for, in this process.
package struct Commands: Sendable {
  let directory: TenantDirectory
  private let provisioning: Provisioning
  private let pausing: Pausing
  private let copies: FileCopies
  private let suspension: Suspension
  private let repairs: Repairs
  package let numbers: NumberRoutes
  package let backups: Backups
  package let hosts: LinkHosts
  package let members: Members
  package let platformUsers: PlatformUsers
  package let keys: APIKeys
  package let audit: AuditLogs
  package let twilio: TwilioAccounts
  package let quotas: TenantQuotas
  private let naming: Naming
  private let archiving: Archiving
  let deletion: Deletion
  private let linkKeys: LinkKeyRotation
  package let platformSwitch: PlatformSwitch

  init(
    directory: TenantDirectory, files: TenantFiles, memory: TenantMemory, intake: any IntakeLog,
    clients: OutboundClients,
    scheduler: Scheduler, open: OpenTenants, pausing: Pausing, dueTurns: DueTurns, hostCheck: HostCheck,
    members: Members, platformUsers: PlatformUsers, logger: Logger
  ) {
    (self.directory, self.pausing, self.members, self.platformUsers) = (directory, pausing, members, platformUsers)
    provisioning = Provisioning(directory: directory, files: files, intake: intake, mailing: members.mailing)
    backups = Backups(directory: directory, files: files)
    copies = FileCopies(directory: directory, files: files, open: open, pausing: pausing)
    suspension = Suspension(directory: directory, memory: memory, clients: clients, scheduler: scheduler)
    repairs = Repairs(directory: directory, open: open, scheduler: scheduler)
    numbers = NumberRoutes(
      directory: directory, open: open, memory: memory, clients: clients, scheduler: scheduler, logger: logger)
    hosts = LinkHosts(directory: directory, hostCheck: hostCheck, open: open)
    keys = APIKeys(directory: directory)
    twilio = TwilioAccounts(directory: directory, scheduler: scheduler)
    quotas = TenantQuotas(directory: directory, open: open, scheduler: scheduler)
    naming = Naming(directory: directory)
    archiving = Archiving(directory: directory, pausing: pausing, hosts: hosts)
    deletion = Deletion(
      directory: directory, archiving: archiving, copies: copies, intake: intake, dueTurns: dueTurns,
      scheduler: scheduler, logger: logger)
    audit = AuditLogs(directory: directory, open: open)
    linkKeys = LinkKeyRotation(directory: directory, open: open)
    platformSwitch = PlatformSwitch(directory: directory, memory: memory, clients: clients, open: open)
  }

  /// What it answers is what `--json` prints.
  package func perform(_ command: Command, by caller: Caller) async throws -> JSON {
    let answer = try await carryOut(command, Doing(caller: caller, action: command.action, at: directory.now()))
    try await directory.routing.refresh()
    return answer
  }

  private func carryOut(_ command: Command, _ doing: Doing) async throws -> JSON {
    switch command {
    case .createTenant(let key, let name, let email, let zone, let sid, let token, let settings):
      return try await provisioning.create(
        key: key, name: name, ownerEmail: email, timeZone: zone, twilioSID: sid, sealedToken: token,
        settings: settings, doing)
    case .rename(let key, let name): return try await naming.rename(key, to: name, by: doing.caller)
    case .archive(let key, let reason): return try await archiving.archive(key, reason: reason, doing)
    case .unarchive(let key): return try await archiving.unarchive(key, doing)
    case .delete(let key, let confirm, let asTenant):
      return try await deletion.order(key, confirm: confirm, asTenant: asTenant, doing)
    case .keep(let key, let asTenant): return try await deletion.keep(key, asTenant: asTenant, doing)
    case .setQuotas(let key, let limits):
      var edit: [Quotas.Name: Int64?] = [:]
      for (name, limit) in limits { if let name = Quotas.Name(rawValue: name) { edit[name] = .some(limit) } }
      return try await quotas.set(key, edit, by: doing.caller)
    case .setTwilioAccount(let key, let sid, let sealed):
      return try await twilio.set(key, sid: sid, sealed: sealed, by: doing.caller)
    case .dropFormerToken(let key): return try await twilio.dropFormer(of: key, by: doing.caller)
    case .removeNumber(let key, let number): return try await numbers.remove(number, of: key, doing)
    case .pause(let key, let reason): return try await pausing.pause(key, reason: reason, doing)
    case .resume(let key): return try await pausing.resume(key, doing)
    case .suspend(let key, let reason): return try await suspension.suspend(key, reason: reason, doing)
    case .reinstate(let key): return try await suspension.reinstate(key, doing)
    case .unfence(let key): return try await repairs.unfence(key, doing)
    case .addNumber(let key, let number): return try await numbers.add(key, number, doing)
    case .moveNumber(let key, let number, let other):
      return try await numbers.move(number, from: key, to: other, doing)
    case .rotateLinkKey(let key): return try await linkKeys.rotate(key, doing)
    case .setBrand(let name, let cap): return try await numbers.setBrand(name, dailyCap: cap, doing)
    case .setKillSwitch(let on, let reason): return try await platformSwitch.set(on, reason: reason, doing)
    case .addHost(let key, let host):
      return Self.json(try await hosts.vouch(for: try HostName(host), of: key, by: doing.caller), of: key)
    case .verifyHost(let key, let host):
      return Self.json(try await hosts.verify(try HostName(host), of: key, by: doing.caller), of: key)
    case .makeDefaultHost(let key, let host):
      return Self.json(try await hosts.makeDefault(try HostName(host), of: key, by: doing.caller), of: key)
    case .removeHost(let key, let host):
      let host = try HostName(host)
      try await hosts.remove(host, of: key, by: doing.caller)
      return ["tenant": .text(key), "host": .text(host.description), "state": "removed"]
    case .addAdmin(let email, let hash): return try await platformUsers.addAdmin(email, linkHash: hash, doing)
    case .inviteUser(let key, let email, let role, let hash):
      return try await members.invite(email, as: role, to: key, linkHash: hash, by: doing.caller)
    case .addUserLink(let email, let hash, let accepts):
      return try await platformUsers.addLink(email, linkHash: hash, accepts: accepts ?? false, doing)
    case .addKey(let apiKey): return try await keys.add(apiKey, by: doing.caller)
    case .rotateKey(let id, let made, let hours):
      return try await keys.rotate(id, of: .anybody, into: made, overlapHours: hours, by: doing.caller)
    case .revokeKey(let id): return try await keys.revoke(id, of: .anybody, by: doing.caller)
    case .backup(let key, let target): return try await copies.backup(key, to: target, doing)
    case .restore(let key, let source): return try await copies.restore(key, from: source, doing)
    case .restoreAs(let key, let source, let other):
      return try await provisioning.copy(key, from: source, as: other, doing)
    case .rejudgeLinks(let key, let since):
      return try await repairs.rejudgeLinks(key, since: since.map(Moment.init(milliseconds:)), doing)
    }
  }

  private static func json(_ host: LinkHost, of key: String) -> JSON {
    .object([("tenant", .text(key))] + (host.json.members ?? []))
  }
}
