import Crypto
package import Foundation
import GRDB
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
  case addNumber(key: String, number: SendingNumber)
  case addHost(key: String, host: String)
  case addKey(APIKey)
  case addAdmin(email: String, linkHash: [UInt8])
  case backup(key: String, to: String)
  case restore(key: String, from: String)
}

extension ControlPlane {
  /// Carries a command out; what it answers is what `--json` prints.
  package func perform(_ command: Command, actor: String) async throws -> JSON {
    let answer = try await carryOut(command)
    let now = now()
    try await file.write { db in
      try db.execute(
        sql: "INSERT INTO audit_log (at, actor, action, subject) VALUES (?, ?, ?, ?)",
        arguments: [
          now, actor, Mirror(reflecting: command).children.first?.label ?? "",
          answer["key"]?.text ?? answer["tenant"]?.text ?? "",
        ])
    }
    try await refreshRouting()
    return answer
  }

  private func carryOut(_ command: Command) async throws -> JSON {
    switch command {
    case .createTenant(let key, let name, let email, let zone, let sid, let token):
      return try await createTenant(
        key: key, name: name, ownerEmail: email, timeZone: zone, twilioSID: sid, sealedToken: token)
    case .pause(let key, let reason): return try await pause(key, reason: reason)
    case .resume(let key): return try await resume(key)
    case .suspend(let key, let reason):
      await open.peek(key)?.gate.close("suspended")
      return try await setState(key, from: [.active], to: .suspended, reason: reason)
    case .reinstate(let key):
      let answer = try await setState(key, from: [.suspended], to: .active, reason: nil)
      try await refreshRouting()
      if let runtime = await open.peek(key) {
        runtime.gate.open()
        runtime.nudge(.sending)
      }
      return answer
    case .unfence(let key): return try await unfence(key)
    case .addNumber(let key, let number): return try await addNumber(key, number)
    case .addHost(let key, let host): return try await addHost(key, host)
    case .addKey(let apiKey): return try await addKey(apiKey)
    case .addAdmin(let email, let hash): return try await addAdmin(email, linkHash: hash)
    case .backup(let key, let target): return try await backup(key, to: target)
    case .restore(let key, let source): return try await restore(key, from: source)
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

  // MARK: Tenants

  private func createTenant(
    key: String, name: String, ownerEmail: String, timeZone: String, twilioSID: String?, sealedToken: Data?
  ) async throws -> JSON {
    guard key.wholeMatch(of: /[a-z0-9][a-z0-9-]{1,38}/) != nil else {
      throw Refusal.invalid(
        "key", "must be 2 to 39 small letters, digits and hyphens, and begin with a letter or digit")
    }
    guard TimeZone(identifier: timeZone) != nil else {
      throw Refusal.invalid("time_zone", "is not a time zone like America/New_York")
    }
    guard ownerEmail.contains("@"), ownerEmail.utf8.count <= 320 else {
      throw Refusal.invalid("owner_email", "is not an e-mail address")
    }
    guard !name.trimmingCharacters(in: .whitespaces).isEmpty, name.count <= 200 else {
      throw Refusal.invalid("name", "is required")
    }
    if routing.tenants[key] != nil { throw Refusal.conflict("Tenant \(key) exists already.") }
    let linkKey = (0..<32).map { _ in UInt8.random(in: .min ... .max) }
    let instance = APIKey.hex(16)
    try await makeTenantFile(key, instance: instance, linkKey: linkKey)
    let now = now()
    let sealed = try secret.seal(linkKey)
    try await file.write { db in
      try db.execute(
        sql: """
          INSERT INTO tenants (key, name, state, time_zone, owner_email, instance, link_key, created_at)
          VALUES (?, ?, 'active', ?, ?, ?, ?, ?)
          """, arguments: [key, name, timeZone, ownerEmail, instance, sealed, now])
      if let twilioSID, let sealedToken {
        try db.execute(
          sql: "INSERT INTO twilio_accounts (tenant_key, account_sid, token) VALUES (?, ?, ?)",
          arguments: [key, twilioSID, sealedToken])
      }
      try db.execute(
        sql: "INSERT INTO users (email, created_at) VALUES (?, ?) ON CONFLICT DO NOTHING", arguments: [ownerEmail, now])
      try db.execute(
        sql: "INSERT INTO memberships (user_id, tenant_key, role) SELECT id, ?, 'owner' FROM users WHERE email = ?",
        arguments: [key, ownerEmail])
    }
    try await refreshRouting()
    return Self.json(try tenant(key))
  }

  /// A half-made file of an earlier try is in nobody's use and is made again.
  private func makeTenantFile(_ key: String, instance: String, linkKey: [UInt8]) async throws {
    try? FileManager.default.removeItem(atPath: tenantFolder(key))
    try FileManager.default.createDirectory(atPath: tenantFolder(key), withIntermediateDirectories: true)
    let made = try SQLiteFile(path: tenantFile(key), lane: DispatchQueue(label: "provision"))
    try await made.outsideTransaction { db in
      try Migrator.migrate(db, TenantMigrations.all, applicationID: TenantMigrations.applicationID)
    }
    try await made.write { db in try Identity.begin(db, tenant: key, instance: instance, linkKey: linkKey) }
    try await made.checkpoint()
    try made.close()
  }

  private func setState(_ key: String, from: [Routing.State], to state: Routing.State, reason: String?) async throws
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

  private func pause(_ key: String, reason: String) async throws -> JSON {
    let answer = try await setState(key, from: [.active, .suspended], to: .paused, reason: reason)
    try await open.park(key)
    return answer
  }

  /// Checks the file before it is used; stays paused, with the reason, if it may not be.
  private func resume(_ key: String) async throws -> JSON {
    guard try tenant(key).state == .paused else { throw Refusal.conflict("Tenant \(key) is not paused.") }
    try await checkFile(tenantFile(key), belongsTo: key)
    _ = try await setState(key, from: [.paused], to: .active, reason: nil)
    await open.unpark(key)
    do { try await open.with(key) { _ in } } catch {
      _ = try await setState(key, from: [.active], to: .paused, reason: "\(error)")
      throw error
    }
    return Self.json(try tenant(key))
  }

  private func checkFile(_ path: String, belongsTo key: String) async throws {
    guard FileManager.default.fileExists(atPath: path) else { throw ControlFailure("there is no file \(path)") }
    do {
      let checked = try SQLiteFile(path: path, lane: DispatchQueue(label: "check"))
      defer { try? checked.close() }
      let (answer, id, identity) = try await checked.read { db in
        (
          try String.fetchOne(db, sql: "PRAGMA quick_check(1)"), try Int32.fetchOne(db, sql: "PRAGMA application_id"),
          try Identity.read(db)
        )
      }
      guard answer == "ok" else { throw ControlFailure("\(path) is damaged: \(answer ?? "no answer")") }
      guard id == TenantMigrations.applicationID else { throw ControlFailure("\(path) is not a tenant file") }
      guard identity?.tenant == key else {
        throw ControlFailure("\(path) belongs to tenant \(identity?.tenant ?? "nobody")")
      }
    } catch let error as DatabaseError {
      throw ControlFailure("\(path) cannot be read as a tenant file: \(error.message ?? "")")
    }
  }

  private func unfence(_ key: String) async throws -> JSON {
    _ = try tenant(key)
    let highest = try await intake.claims(of: key, after: 0).map(\.claimNumber).max() ?? 0
    let instance = try await open.with(key) { runtime in
      let instance = try await runtime.file.write { db in
        try db.execute(sql: "UPDATE identity SET fence = NULL, claim_no = max(claim_no, ?)", arguments: [highest])
        return try Identity.read(db)?.instance ?? ""
      }
      runtime.nudge(.sending)
      return instance
    }
    try await file.write { db in
      try db.execute(sql: "UPDATE tenants SET instance = ? WHERE key = ?", arguments: [instance, key])
    }
    return ["tenant": .text(key), "fence": nil]
  }

  private func backup(_ key: String, to target: String) async throws -> JSON {
    let tenant = try tenant(key)
    guard !FileManager.default.fileExists(atPath: target) else { throw Refusal.conflict("\(target) exists already.") }
    try FileManager.default.createDirectory(
      atPath: URL(fileURLWithPath: target).deletingLastPathComponent().path, withIntermediateDirectories: true)
    if tenant.isOpenable {
      try await open.with(key) { runtime in try await runtime.file.copy(to: target) }
    } else {
      try FileManager.default.copyItem(atPath: tenantFile(key), toPath: target)
    }
    try await checkFile(target, belongsTo: key)
    return ["tenant": .text(key), "file": .text(target)]
  }

  private func restore(_ key: String, from source: String) async throws -> JSON {
    try await checkFile(source, belongsTo: key)
    if try tenant(key).isOpenable { _ = try await pause(key, reason: "restoring") }
    for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: tenantFile(key) + suffix) }
    let staged = tenantFile(key) + ".restore"
    try? FileManager.default.removeItem(atPath: staged)
    try FileManager.default.copyItem(atPath: source, toPath: staged)
    guard rename(staged, tenantFile(key)) == 0 else {
      throw ControlFailure("the restored file could not be put in place")
    }
    return try await resume(key)
  }

  // MARK: Numbers, hosts, keys

  private func addNumber(_ key: String, _ number: SendingNumber) async throws -> JSON {
    _ = try tenant(key)
    if let owner = routing.tenantOfNumber[number.number], owner != key {
      throw Refusal.conflict("\(number.number) belongs to another tenant.")
    }
    let now = now()
    try await file.write { db in
      try db.execute(
        sql: """
          INSERT INTO number_routes (number, tenant_key, rate, daily_cap, warm_up, messaging_service, added_at) VALUES (?, ?, ?, ?, ?, ?, ?)
          ON CONFLICT (number) DO UPDATE SET rate = excluded.rate, daily_cap = excluded.daily_cap, warm_up = excluded.warm_up,
          messaging_service = excluded.messaging_service
          """,
        arguments: [number.number, key, number.rate, number.dailyCap, number.warmUp, number.messagingService, now])
    }
    try await refreshRouting()
    if let runtime = await open.peek(key) {
      let numbers = try tenant(key).numbers
      try await runtime.file.write { db in try SendingNumber.reconcile(db, with: numbers, at: now) }
      runtime.nudge(.sending)
    }
    return [
      "tenant": .text(key), "number": .phone(number.number), "rate": .double(number.rate),
      "warm_up": .text(number.warmUp),
    ]
  }

  private func addHost(_ key: String, _ host: String) async throws -> JSON {
    _ = try tenant(key)
    let host = host.lowercased()
    guard host.wholeMatch(of: /[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?/) != nil, host.contains(".") else {
      throw Refusal.invalid("host", "must be a host name like go.example.com")
    }
    if let owner = routing.tenantOfHost[host] {
      if owner != key { throw Refusal.conflict("\(host) belongs to another tenant.") }
      return ["tenant": .text(key), "host": .text(host)]
    }
    let now = now()
    try await file.write { db in
      try db.execute(
        sql: "INSERT INTO link_hosts (host, tenant_key, added_at) VALUES (?, ?, ?)", arguments: [host, key, now])
    }
    return ["tenant": .text(key), "host": .text(host)]
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
