import GRDB
package import TenantRuntime

/// API keys of tenants and of the platform: made, listed, rotated and revoked.
///
/// Nobody makes a key that can do more than they may, or lives longer than the key they ask with: else a key that was lent for a day would be one
/// for ever. Nor does anybody end a key that can do more than they may.
///
/// A rotation makes a chain. Its last key alone is to stay: rotating a key once more ends the successor that it had, and revoking a key that still
/// works ends its successors with it, for whoever could use it could have made them. A key that has ended by itself takes nobody with it.
package struct APIKeys: Sendable {
  let directory: TenantDirectory

  init(directory: TenantDirectory) { self.directory = directory }

  /// Whose keys are meant: another one's are not there.
  package enum Owner: Sendable {
    case tenant(String)
    case platform
    /// The operator's, who names a key alone.
    case anybody

    func owns(_ key: APIKey) -> Bool {
      switch self {
      case .tenant(let tenant): key.tenant == tenant
      case .platform: key.tenant == nil
      case .anybody: true
      }
    }
  }

  /// Keys that work, of one tenant.
  private static let most = 100
  private static let longestSeconds: Int64 = 5 * 366 * 86_400
  package static let longestOverlap: Int64 = 168

  // MARK: Read

  /// The newest first; those that have ended stay in it.
  package func page(of tenant: String?, _ page: KeyPage) async throws -> JSON {
    let now = directory.now()
    let rows = try await directory.file.read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT * FROM api_keys WHERE tenant_key IS NOT DISTINCT FROM ? AND (created_at < ? OR created_at = ? AND id > ?)
          ORDER BY created_at DESC, id LIMIT ?
          """, arguments: [tenant, page.before, page.before, page.after, page.limit + 1]
      ).compactMap(APIKeyRecord.init)
    }
    return page.answer(rows, at: now)
  }

  package func find(_ id: String, of owner: Owner) async throws -> JSON {
    let now = directory.now()
    return try await directory.file.read { db in try Self.find(db, id, of: owner).json(at: now) }
  }

  private static func find(_ db: Database, _ id: String, of owner: Owner) throws -> APIKeyRecord {
    guard let record = try APIKeyRecord.find(db, id), owner.owns(record.key) else {
      throw Refusal.notFound("There is no such key.")
    }
    return record
  }

  // MARK: Change

  /// Answers the key without its text, which its maker has.
  package func add(_ key: APIKey, by caller: Caller) async throws -> JSON {
    if let tenant = key.tenant { _ = try directory.tenant(tenant) }
    let now = directory.now()
    try Self.check(key, by: caller, at: now)
    return try await directory.file.write { db in
      try Self.refuseOutliving(db, key, by: caller)
      try Self.refuseTooMany(db, key.tenant, at: now)
      try key.insert(db, at: now, by: caller.name)
      return try Self.made(db, key, Doing(caller: caller, action: "api_key.create", at: now), at: now)
    }
  }

  /// The successor has the name, the rights and the expiry of the old key, which goes on for the overlap.
  /// - Parameter made: the successor's id and hash; what else it says is not looked at.
  package func rotate(
    _ id: String, of owner: Owner, into made: APIKey, overlapHours: Int64, by caller: Caller
  ) async throws -> JSON {
    let now = directory.now()
    let end = now.advanced(bySeconds: overlapHours * 3_600)
    let answer = try await directory.file.write { db in
      let old = try Self.find(db, id, of: owner)
      guard old.state(at: now) == .active else {
        throw Refusal.conflict("This key is \(old.state(at: now).rawValue): make a new one.")
      }
      var key = made
      (key.tenant, key.scope, key.name, key.expiresAt) = (
        old.key.tenant, old.key.scope, old.key.name, old.key.expiresAt
      )
      try Self.refuseMoreRights(key.scope, by: caller)
      try Self.refuseOutliving(db, key, by: caller, except: id)
      // Of two successors nobody would know which one is in use.
      try Self.endSuccessors(db, of: old, Doing(caller: caller, action: "api_key.revoke", at: now))
      if overlapHours > 0 { try Self.refuseTooMany(db, key.tenant, at: now) }
      try key.insert(db, at: now, by: caller.name, successorOf: id)
      let ends = min(end, old.key.expiresAt ?? .end)
      if overlapHours == 0 {
        try db.execute(sql: "UPDATE api_keys SET revoked_at = ? WHERE id = ?", arguments: [now, id])
      } else {
        try db.execute(sql: "UPDATE api_keys SET expires_at = ? WHERE id = ?", arguments: [ends, id])
      }
      return try Self.made(
        db, key, Doing(caller: caller, action: "api_key.rotate", at: now), before: "rh_\(id), until \(ends.iso8601)",
        at: now)
    }
    directory.keyChanges.haveEnded()
    return answer
  }

  /// At once here, within a second in other processes.
  package func revoke(_ id: String, of owner: Owner, by caller: Caller) async throws -> JSON {
    let now = directory.now()
    let answer = try await directory.file.write { db in
      let old = try Self.find(db, id, of: owner)
      let state = old.state(at: now)
      guard state != .revoked else { return old.json(at: now) }
      let doing = Doing(caller: caller, action: "api_key.revoke", at: now)
      try Self.refuseStronger(old.key, than: caller)
      if state == .active { try Self.endSuccessors(db, of: old, doing) }
      try Self.end(db, old, doing)
      return try Self.find(db, id, of: owner).json(at: now)
    }
    directory.keyChanges.haveEnded()
    return answer
  }

  private static func end(_ db: Database, _ record: APIKeyRecord, _ doing: Doing, because why: String? = nil) throws {
    try db.execute(
      sql: "UPDATE api_keys SET revoked_at = ? WHERE id = ?", arguments: [doing.at, record.key.id])
    try doing.note(
      db, "api_key:rh_\(record.key.id)", of: record.key.tenant, before: summary(record.key), detail: why)
  }

  /// All that came of a key by rotation and still works.
  private static func endSuccessors(_ db: Database, of first: APIKeyRecord, _ doing: Doing) throws {
    let ids = try String.fetchAll(
      db,
      sql: """
        WITH RECURSIVE chain (id) AS (
          SELECT id FROM api_keys WHERE successor_of = ?
          UNION SELECT api_keys.id FROM api_keys JOIN chain ON api_keys.successor_of = chain.id)
        SELECT id FROM chain ORDER BY id
        """, arguments: [first.key.id])
    for record in try ids.compactMap({ try APIKeyRecord.find(db, $0) }) where record.state(at: doing.at) == .active {
      try end(db, record, doing, because: "a successor of rh_\(first.key.id)")
    }
  }

  private static func made(
    _ db: Database, _ key: APIKey, _ doing: Doing, before: String? = nil, at now: Moment
  ) throws -> JSON {
    try doing.note(db, "api_key:rh_\(key.id)", of: key.tenant, before: before, detail: summary(key))
    guard let record = try APIKeyRecord.find(db, key.id) else { throw Refusal.unavailable("The key is not there.") }
    return record.json(at: now)
  }

  private static func summary(_ key: APIKey) -> String {
    JSON.object([
      ("name", .text(key.name)), ("scope", .text(key.scope.written ?? key.scope.name)),
      ("expires_at", .moment(key.expiresAt)),
    ]).serialized
  }

  // MARK: Bounds

  private static func check(_ key: APIKey, by caller: Caller, at now: Moment) throws {
    let all = (key.tenant == nil ? Role.platform : .owner).permissions
    guard key.scope.permissions.isSubset(of: all), !key.scope.permissions.isEmpty else {
      throw Refusal.invalid(
        "permissions", "must be of \(key.tenant == nil ? "the platform" : "a tenant"), and not none")
    }
    try refuseMoreRights(key.scope, by: caller)
    if let expiry = key.expiresAt, expiry <= now || expiry > now.advanced(bySeconds: longestSeconds) {
      throw Refusal.invalid("expires_at", "must be in the future, and within five years")
    }
  }

  /// Operators end any key of a tenant: they are asked to when it has leaked.
  private static func refuseStronger(_ key: APIKey, than caller: Caller) throws {
    guard caller.kind != .command, caller.tenant == key.tenant else { return }
    let beyond = key.scope.permissions.subtracting(caller.permissions).map(\.rawValue).sorted()
    guard beyond.isEmpty else {
      throw Refusal.forbidden("This key may do more than you may: \(beyond.joined(separator: ", ")).")
    }
  }

  private static func refuseMoreRights(_ scope: KeyScope, by caller: Caller) throws {
    // Who works the command line may do everything.
    guard caller.kind != .command else { return }
    let beyond = scope.permissions.subtracting(caller.permissions).map(\.rawValue).sorted()
    guard beyond.isEmpty else {
      let field = if case .role = scope { "role" } else { "permissions" }
      throw Refusal.invalid(field, "would allow more than you may do: \(beyond.joined(separator: ", "))")
    }
  }

  /// - Parameter except: a key that is rotated gives its own end on.
  private static func refuseOutliving(
    _ db: Database, _ key: APIKey, by caller: Caller, except: String? = nil
  ) throws {
    guard caller.kind == .apiKey, caller.name.hasPrefix("key:rh_") else { return }
    let id = String(caller.name.dropFirst("key:rh_".count))
    guard id != except, let end = try APIKeyRecord.find(db, id)?.key.expiresAt else { return }
    guard let expiry = key.expiresAt, expiry <= end else {
      throw Refusal.invalid("expires_at", "must not be later than the end of the key you ask with, \(end.iso8601)")
    }
  }

  private static func refuseTooMany(_ db: Database, _ tenant: String?, at now: Moment) throws {
    let count = try Int.fetchOne(
      db,
      sql: """
        SELECT count(*) FROM api_keys WHERE tenant_key IS NOT DISTINCT FROM ? AND revoked_at IS NULL
        AND (expires_at IS NULL OR expires_at > ?)
        """, arguments: [tenant, now])
    guard count ?? 0 < most else { throw Refusal.conflict("There may be \(most) keys at once: revoke one first.") }
  }
}
