import Crypto
package import Foundation
import GRDB
import Synchronization
package import TenantRuntime

/// A change an operator asks for: by command line (in this process, or as a pending command of the running server) or by the admin API.
package enum Command: Sendable, Codable {
  case createTenant(
    key: String, name: String, ownerEmail: String, timeZone: String, twilioSID: String?, sealedToken: Data?)
  case pause(key: String, reason: String)
  case resume(key: String)
  case suspend(key: String, reason: String)
  case reinstate(key: String)
  case unfence(key: String)
  case addNumber(key: String, number: NumberChange)
  case moveNumber(key: String, number: PhoneNumber, other: String)
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

  /// As the audit log names it.
  var action: String {
    switch self {
    case .createTenant: "tenant.create"
    case .pause: "tenant.pause"
    case .resume: "tenant.resume"
    case .suspend: "tenant.suspend"
    case .reinstate: "tenant.reinstate"
    case .unfence: "tenant.unfence"
    case .addNumber: "number.add"
    case .moveNumber: "number.move"
    case .rotateLinkKey: "link_key.rotate"
    case .setBrand: "brand.set"
    case .setKillSwitch(let on, _): on ? "kill_switch.on" : "kill_switch.off"
    case .addHost: "host.vouch"
    case .verifyHost: "host.verify"
    case .makeDefaultHost: "host.default"
    case .removeHost: "host.remove"
    case .addKey: "api_key.create"
    case .addAdmin: "admin.create"
    case .backup: "tenant.backup"
    case .restore: "tenant.restore"
    case .restoreAs: "tenant.restore_as"
    case .rejudgeLinks: "links.rejudge"
    }
  }

  /// Whose turn it waits for: commands about one tenant are carried out one after the other.
  var subject: String {
    switch self {
    case .createTenant(let key, _, _, _, _, _), .pause(let key, _), .resume(let key), .suspend(let key, _),
      .reinstate(let key), .unfence(let key), .addNumber(let key, _), .moveNumber(let key, _, _),
      .rotateLinkKey(let key),
      .addHost(let key, _), .verifyHost(let key, _), .makeDefaultHost(let key, _), .removeHost(let key, _),
      .backup(let key, _),
      .restore(let key, _), .restoreAs(let key, _, _), .rejudgeLinks(let key, _):
      key
    case .addKey(let apiKey): apiKey.tenant ?? ""
    case .setBrand, .setKillSwitch, .addAdmin: ""
    }
  }
}

/// Who does what: what the audit row of a change says, written in the change's own transaction.
package struct Doing: Sendable {
  var actor: String
  var action: String
  var at: Moment

  func note(_ db: Database, _ subject: String, detail: String? = nil) throws {
    try ControlPlane.audit(db, actor, action, subject, detail: detail, at: at)
  }
}

extension ControlPlane {
  /// Carries a command out; what it answers is what `--json` prints.
  package func perform(_ command: Command, actor: String) async throws -> JSON {
    let answer = try await carryOut(command, Doing(actor: actor, action: command.action, at: now()))
    try await refreshRouting()
    return answer
  }

  /// The audit row of what changes nothing in the control file.
  func note(_ doing: Doing, _ subject: String) async throws {
    try await file.write { db in try doing.note(db, subject) }
  }

  /// Who changed what of the platform, written in the transaction of the change.
  static func audit(
    _ db: Database, _ actor: String, _ action: String, _ subject: String, detail: String? = nil, at: Moment
  ) throws {
    try db.execute(
      sql: "INSERT INTO audit_log (at, actor, action, subject, detail, address) VALUES (?, ?, ?, ?, ?, ?)",
      arguments: [at, actor, action, subject, detail, Audit.caller])
  }

  private func carryOut(_ command: Command, _ doing: Doing) async throws -> JSON {
    let actor = doing.actor
    switch command {
    case .createTenant(let key, let name, let email, let zone, let sid, let token):
      return try await createTenant(
        key: key, name: name, ownerEmail: email, timeZone: zone, twilioSID: sid, sealedToken: token, doing)
    case .pause(let key, let reason):
      return try await files.alone(with: key, .paused) { [self] in try await pause(key, reason: reason, doing) }
    case .resume(let key): return try await files.alone(with: key, .resumed) { [self] in try await resume(key, doing) }
    case .suspend(let key, let reason):
      let closedHere = gate(of: key).close("suspended")
      clients.http.recheck(key)
      do {
        let answer = try await setState(key, from: [.active], to: .suspended, reason: reason, doing)
        if routing.tenants[key]?.state == .suspended { gate(of: key).close("suspended") }
        return answer
      } catch {
        // What could not be written down does not hold; the asker is informed.
        if closedHere, routing.tenants[key]?.state != .suspended { gate(of: key).open("suspended") }
        throw error
      }
    case .reinstate(let key):
      let answer = try await setState(key, from: [.suspended], to: .active, reason: nil, doing)
      try await refreshRouting()
      if routing.tenants[key]?.state != .suspended { gate(of: key).open("suspended") }
      scheduler.wake(key, .sending)
      return answer
    case .unfence(let key): return try await unfence(key, doing)
    case .addNumber(let key, let number): return try await addNumber(key, number, doing)
    case .moveNumber(let key, let number, let other):
      return try await moveNumber(number, from: key, to: other, doing)
    case .rotateLinkKey(let key): return try await rotateLinkKey(key, doing)
    case .setBrand(let name, let cap): return try await setBrand(name, dailyCap: cap, doing)
    case .setKillSwitch(let on, let reason): return try await setKillSwitch(on, reason: reason, doing)
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
    case .addKey(let apiKey): return try await addKey(apiKey, doing)
    case .addAdmin(let email, let hash): return try await addAdmin(email, linkHash: hash, doing)
    case .backup(let key, let target): return try await backup(key, to: target, doing)
    case .restore(let key, let source):
      return try await files.alone(with: key, .restored) { [self] in try await restore(key, from: source, doing) }
    case .restoreAs(let key, let source, let other): return try await restore(key, from: source, as: other, doing)
    case .rejudgeLinks(let key, let since):
      return try await rejudgeLinks(key, since: since.map(Moment.init(milliseconds:)), doing)
    }
  }

  package func tenant(_ key: String) throws -> Routing.Tenant { try directory.routing.tenant(key) }

  package static func json(_ tenant: Routing.Tenant) -> JSON {
    [
      "key": .text(tenant.key), "name": .text(tenant.name), "state": .text(tenant.state.rawValue),
      "reason": .optional(tenant.reason),
      "time_zone": .text(tenant.timeZone), "numbers": .list(tenant.numbers.map { .phone($0.number) }),
      "hosts": .list(tenant.linkHosts.map(JSON.text)), "twilio_sid": .optional(tenant.twilio?.accountSID),
    ]
  }

  // MARK: States

  func setState(
    _ key: String, from: [Routing.State], to state: Routing.State, reason: String?, _ doing: Doing
  ) async throws -> JSON {
    let tenant = try tenant(key)
    guard from.contains(tenant.state) else { throw Refusal.conflict("Tenant \(key) is \(tenant.state.rawValue).") }
    try await file.write { db in
      try db.execute(
        sql: "UPDATE tenants SET state = ?, reason = ? WHERE key = ? AND state = ?",
        arguments: [state.rawValue, reason, key, tenant.state.rawValue])
      guard db.changesCount > 0 else { throw Refusal.conflict("Tenant \(key) has changed meanwhile; look again.") }
      try doing.note(db, key, detail: reason)
    }
    try await refreshRouting()
    return Self.json(try self.tenant(key))
  }

  private func unfence(_ key: String, _ doing: Doing) async throws -> JSON {
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
      try doing.note(db, key)
    }
    return ["tenant": .text(key), "fence": nil]
  }

  /// A running server's worker does it; without one it is done here.
  private func rejudgeLinks(_ key: String, since: Moment?, _ doing: Doing) async throws -> JSON {
    _ = try tenant(key)
    let actor = doing.actor
    let isServer = scheduler.isWorking
    let state = try await open.with(key) { runtime in
      let begun = try await runtime.transact(Caller(kind: .command, name: actor)) { change in
        try Rejudging.begin(change, since: since)
      }
      if isServer { return begun }
      while try await runtime.takeTurn(.rejudging) == .now {}
      return try await runtime.file.read { db in try Rejudging.newest(db) }
    }
    try await note(doing, key)
    return .object([("tenant", .text(key))] + (state.members ?? []))
  }

  // MARK: Switches, hosts, keys

  /// The gates close before the row and open after it: no call begins behind the answer. Answers how many calls are still under way.
  private func setKillSwitch(_ on: Bool, reason: String, _ doing: Doing) async throws -> JSON {
    var closedHere: [String] = []
    for key in routing.tenants.keys where on {
      if gate(of: key).close(TenantMemory.platformSwitch) { closedHere.append(key) }
      clients.http.recheck(key)
    }
    let now = now()
    do {
      try await file.write { db in
        if on {
          try db.execute(
            sql: "INSERT INTO kill_switches VALUES ('platform', ?, ?, ?) ON CONFLICT (scope) DO NOTHING",
            arguments: [reason, doing.actor, now])
        } else {
          try db.execute(sql: "DELETE FROM kill_switches")
        }
        try doing.note(db, "platform", detail: reason)
      }
    } catch {
      for key in closedHere { gate(of: key).open(TenantMemory.platformSwitch) }
      throw error
    }
    try await refreshRouting()
    // By what the row says now, not by what was asked: two may switch it at once.
    for key in routing.tenants.keys {
      if routing.killSwitch == nil {
        gate(of: key).open(TenantMemory.platformSwitch)
      } else {
        gate(of: key).close(TenantMemory.platformSwitch)
      }
    }
    if !on { await open.wakeTexts { _ in true } }
    return killSwitch
  }

  package var killSwitch: JSON {
    let inFlight = memory.callsInFlight
    let row = routing.killSwitch
    return [
      "on": .bool(row != nil), "reason": .optional(row?.reason), "actor": .optional(row?.actor),
      "since": .moment(row?.since), "calls_in_flight": .int(inFlight), "drained": .bool(inFlight == 0),
    ]
  }

  private static func json(_ host: LinkHost, of key: String) -> JSON {
    .object([("tenant", .text(key))] + (host.json.members ?? []))
  }

  private func addKey(_ apiKey: APIKey, _ doing: Doing) async throws -> JSON {
    if let key = apiKey.tenant { _ = try tenant(key) }
    let now = now()
    try await file.write { db in
      try apiKey.insert(db, at: now)
      try doing.note(db, apiKey.tenant ?? "platform", detail: "\(apiKey.role.rawValue) rh_\(apiKey.id)")
    }
    return [
      "id": .text(apiKey.id), "name": .text(apiKey.name), "role": .text(apiKey.role.rawValue),
      "tenant": .optional(apiKey.tenant),
    ]
  }

  private func addAdmin(_ email: String, linkHash: [UInt8], _ doing: Doing) async throws -> JSON {
    guard email.contains("@"), email.utf8.count <= 320 else {
      throw Refusal.invalid("email", "is not an e-mail address")
    }
    let now = now()
    try await file.write { db in
      try db.execute(
        sql: """
          INSERT INTO users (email, platform_admin, created_at) VALUES (?, 1, ?)
          ON CONFLICT (email) DO UPDATE SET platform_admin = 1
          """, arguments: [email.lowercased(), now])
      try db.execute(
        sql: "INSERT INTO sign_in_links (hash, user_id, expires_at) SELECT ?, id, ? FROM users WHERE email = ?",
        arguments: [Data(linkHash), now.advanced(bySeconds: 600), email.lowercased()])
      try doing.note(db, email)
    }
    return ["email": .text(email)]
  }
}
