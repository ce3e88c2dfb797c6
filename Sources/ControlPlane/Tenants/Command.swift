import Crypto
package import Foundation
import GRDB
import Synchronization
package import TenantRuntime

/// A change an operator asks for: by command line (in this process, or as a wish to the running server) or by the admin API.
package enum Command: Sendable, Codable {
  case createTenant(
    key: String, name: String, ownerEmail: String, timeZone: String, twilioSID: String?, sealedToken: Data?)
  case pause(key: String, reason: String)
  case resume(key: String)
  case suspend(key: String, reason: String)
  case reinstate(key: String)
  case unfence(key: String)
  case addNumber(key: String, number: NumberChange)
  case rotateLinkKey(key: String)
  case setBrand(name: String, dailyCap: Int64)
  case setKillSwitch(on: Bool, reason: String)
  case addHost(key: String, host: String)
  case verifyHost(key: String, host: String)
  case makeDefaultHost(key: String, host: String)
  case removeHost(key: String, host: String)
  case addKey(APIKey)
  case addAdmin(email: String, linkHash: [UInt8])
  case backup(key: String, to: String)
  case restore(key: String, from: String)
  case restoreAs(key: String, from: String, other: String)
  case rejudgeLinks(key: String, since: Int64?)

  /// Its verb writes the audit row itself, in its own transaction.
  fileprivate var isAuditedByItsVerb: Bool {
    switch self {
    case .addHost, .verifyHost, .makeDefaultHost, .removeHost: true
    default: false
    }
  }
}

extension ControlPlane {
  /// Carries a command out; what it answers is what `--json` prints.
  package func perform(_ command: Command, actor: String) async throws -> JSON {
    let answer = try await carryOut(command, actor)
    if !command.isAuditedByItsVerb {
      let now = now()
      let action = Mirror(reflecting: command).children.first?.label ?? ""
      try await file.write { db in
        try Self.audit(db, actor, action, answer["key"]?.text ?? answer["tenant"]?.text ?? "", at: now)
      }
    }
    try await refreshRouting()
    return answer
  }

  /// Who changed what of the house, written in the transaction of the change.
  static func audit(
    _ db: Database, _ actor: String, _ action: String, _ subject: String, detail: String? = nil, at: Moment
  ) throws {
    try db.execute(
      sql: "INSERT INTO audit_log (at, actor, action, subject, detail, address) VALUES (?, ?, ?, ?, ?, ?)",
      arguments: [at, actor, action, subject, detail, Audit.caller])
  }

  private func carryOut(_ command: Command, _ actor: String) async throws -> JSON {
    switch command {
    case .createTenant(let key, let name, let email, let zone, let sid, let token):
      return try await createTenant(
        key: key, name: name, ownerEmail: email, timeZone: zone, twilioSID: sid, sealedToken: token)
    case .pause(let key, let reason): return try await pause(key, reason: reason)
    case .resume(let key): return try await resume(key)
    case .suspend(let key, let reason):
      gate(of: key).close("suspended")
      http.recheck(key)
      return try await setState(key, from: [.active], to: .suspended, reason: reason)
    case .reinstate(let key):
      let answer = try await setState(key, from: [.suspended], to: .active, reason: nil)
      try await refreshRouting()
      gate(of: key).open("suspended")
      await open.peek(key)?.nudge(.sending)
      return answer
    case .unfence(let key): return try await unfence(key)
    case .addNumber(let key, let number): return try await addNumber(key, number)
    case .rotateLinkKey(let key): return try await rotateLinkKey(key)
    case .setBrand(let name, let cap): return try await setBrand(name, dailyCap: cap)
    case .setKillSwitch(let on, let reason): return try await setKillSwitch(on, reason: reason, actor: actor)
    case .addHost(let key, let host):
      return Self.json(try await vouchForHost(try HostName(host), for: key, actor: actor), of: key)
    case .verifyHost(let key, let host):
      return Self.json(try await verifyHost(try HostName(host), of: key, actor: actor), of: key)
    case .makeDefaultHost(let key, let host):
      return Self.json(try await makeDefaultHost(try HostName(host), of: key, actor: actor), of: key)
    case .removeHost(let key, let host):
      let host = try HostName(host)
      try await removeHost(host, of: key, actor: actor)
      return ["tenant": .text(key), "host": .text(host.description), "state": "removed"]
    case .addKey(let apiKey): return try await addKey(apiKey)
    case .addAdmin(let email, let hash): return try await addAdmin(email, linkHash: hash)
    case .backup(let key, let target): return try await backup(key, to: target)
    case .restore(let key, let source): return try await restore(key, from: source)
    case .restoreAs(let key, let source, let other): return try await restore(key, from: source, as: other)
    case .rejudgeLinks(let key, let since):
      return try await rejudgeLinks(key, since: since.map(Moment.init(milliseconds:)), actor)
    }
  }

  package func tenant(_ key: String) throws -> Routing.Tenant {
    guard let tenant = routing.tenants[key] else { throw Refusal.notFound("There is no tenant \(key).") }
    return tenant
  }

  package static func json(_ tenant: Routing.Tenant) -> JSON {
    [
      "key": .text(tenant.key), "name": .text(tenant.name), "state": .text(tenant.state.rawValue),
      "reason": .optional(tenant.reason),
      "time_zone": .text(tenant.timeZone), "numbers": .list(tenant.numbers.map { .phone($0.number) }),
      "hosts": .list(tenant.linkHosts.map(JSON.text)), "twilio_sid": .optional(tenant.twilio?.accountSID),
    ]
  }

  // MARK: States

  func setState(_ key: String, from: [Routing.State], to state: Routing.State, reason: String?) async throws
    -> JSON
  {
    let tenant = try tenant(key)
    guard from.contains(tenant.state) else { throw Refusal.conflict("Tenant \(key) is \(tenant.state.rawValue).") }
    try await file.write { db in
      try db.execute(
        sql: "UPDATE tenants SET state = ?, reason = ? WHERE key = ?", arguments: [state.rawValue, reason, key])
    }
    try await refreshRouting()
    return Self.json(try self.tenant(key))
  }

  /// Parks the file. A suspension is remembered: `resume` gives back what the pause interrupted.
  func pause(_ key: String, reason: String) async throws -> JSON {
    let before = try tenant(key)
    guard before.isOpenable else { throw Refusal.conflict("Tenant \(key) is \(before.state.rawValue).") }
    guard FileManager.default.fileExists(atPath: tenantFile(key)) else {
      throw ControlFailure("\(tenantFile(key)) is missing: put it back or restore a backup")
    }
    try await file.write { db in
      try db.execute(
        sql:
          "UPDATE tenants SET state = 'paused', resume_state = state, resume_reason = reason, reason = ? WHERE key = ?",
        arguments: [reason, key])
    }
    try await refreshRouting()
    try await open.park(key)
    return Self.json(try tenant(key))
  }

  /// Checks the file before it is used; stays paused, with the reason, if it may not be.
  func resume(_ key: String) async throws -> JSON {
    guard try tenant(key).state == .paused else { throw Refusal.conflict("Tenant \(key) is not paused.") }
    try await checkFile(tenantFile(key), belongsTo: key)
    try await file.write { db in
      try db.execute(
        sql: """
          UPDATE tenants SET state = ifnull(resume_state, 'active'), reason = resume_reason, resume_state = NULL, resume_reason = NULL
          WHERE key = ?
          """, arguments: [key])
    }
    try await refreshRouting()
    await open.unpark(key)
    do { try await open.with(key) { _ in } } catch {
      _ = try await pause(key, reason: (error as? Refusal)?.detail ?? "\(error)")
      throw error
    }
    return Self.json(try tenant(key))
  }

  private func unfence(_ key: String) async throws -> JSON {
    _ = try tenant(key)
    let now = now()
    let instance = try await open.with(key) { runtime in
      let instance = try await runtime.file.write { db in
        try Fence.lift(db, at: now)
        return try Identity.read(db)?.instance ?? ""
      }
      runtime.isFenced.store(false, ordering: .relaxed)
      for worker in Worker.allCases { runtime.nudge(worker) }
      return instance
    }
    try await file.write { db in
      try db.execute(sql: "UPDATE tenants SET instance = ? WHERE key = ?", arguments: [instance, key])
    }
    return ["tenant": .text(key), "fence": nil]
  }

  /// A running server's worker does it; without one it is done here.
  private func rejudgeLinks(_ key: String, since: Moment?, _ actor: String) async throws -> JSON {
    _ = try tenant(key)
    let isServer = await open.isWorking
    let state = try await open.with(key) { runtime in
      let begun = try await runtime.rejudgeClicks(since: since, actor: actor)
      if isServer { return begun }
      while try await runtime.takeTurn(.rejudging) == .now {}
      return try await runtime.file.read { db in try Rejudging.newest(db) }
    }
    return .object([("tenant", .text(key))] + (state.members ?? []))
  }

  // MARK: Switches, hosts, keys

  /// The gates close before the row and open after it: no call begins behind the answer. Answers how many calls are still under way.
  private func setKillSwitch(_ on: Bool, reason: String, actor: String) async throws -> JSON {
    for key in routing.tenants.keys where on {
      gate(of: key).close(Self.platformSwitch)
      http.recheck(key)
    }
    let now = now()
    try await file.write { db in
      if on {
        try db.execute(
          sql: "INSERT INTO kill_switches VALUES ('platform', ?, ?, ?) ON CONFLICT DO NOTHING",
          arguments: [reason, actor, now])
      } else {
        try db.execute(sql: "DELETE FROM kill_switches")
      }
    }
    try await refreshRouting()
    for key in routing.tenants.keys where !on {
      gate(of: key).open(Self.platformSwitch)
      await open.peek(key)?.nudge(.sending)
    }
    return killSwitch
  }

  static let platformSwitch = "platform_kill_switch"

  package var killSwitch: JSON {
    let inFlight = gates.withLock { $0.values.reduce(0) { $0 + $1.inFlight } }
    let row = routing.killSwitch
    return [
      "on": .bool(row != nil), "reason": .optional(row?.reason), "actor": .optional(row?.actor),
      "since": .moment(row?.since), "calls_in_flight": .int(inFlight), "drained": .bool(inFlight == 0),
    ]
  }

  private static func json(_ host: LinkHost, of key: String) -> JSON {
    .object([("tenant", .text(key))] + (host.json.members ?? []))
  }

  private func addKey(_ apiKey: APIKey) async throws -> JSON {
    if let key = apiKey.tenant { _ = try tenant(key) }
    let now = now()
    try await file.write { db in try apiKey.insert(db, at: now) }
    return [
      "id": .text(apiKey.id), "name": .text(apiKey.name), "role": .text(apiKey.role.rawValue),
      "tenant": .optional(apiKey.tenant),
    ]
  }

  private func addAdmin(_ email: String, linkHash: [UInt8]) async throws -> JSON {
    guard email.contains("@"), email.utf8.count <= 320 else {
      throw Refusal.invalid("email", "is not an e-mail address")
    }
    let now = now()
    try await file.write { db in
      try db.execute(
        sql:
          "INSERT INTO users (email, platform_admin, created_at) VALUES (?, 1, ?) ON CONFLICT DO UPDATE SET platform_admin = 1",
        arguments: [email, now])
      try db.execute(
        sql: "INSERT INTO sign_in_links (hash, user_id, expires_at) SELECT ?, id, ? FROM users WHERE email = ?",
        arguments: [Data(linkHash), now.advanced(bySeconds: 600), email])
    }
    return ["email": .text(email)]
  }
}
