import Foundation
import GRDB
import Synchronization
import TenantRuntime

/// Making tenants: a control row and a file of their own.
struct Provisioning: Sendable {
  let directory: TenantDirectory
  let files: TenantFiles
  let intake: any IntakeLog
  let mailing: Mailing

  func create(
    key: String, name: String, ownerEmail: String, timeZone: String, twilioSID: String?, sealedToken: Data?,
    settings: String?, _ doing: Doing
  ) async throws -> JSON {
    let settings = try settings.map { try JSON(parsing: $0) }
    if let settings { try SettingsTemplate.check(settings) }
    try checkKey(key)
    guard TimeZone(identifier: timeZone) != nil else {
      throw Refusal.invalid("time_zone", "is not a time zone like America/New_York")
    }
    guard let owner = EmailAddress(ownerEmail), owner.description.contains(/@.+\./) else {
      throw Refusal.invalid("owner_email", "is not an e-mail address")
    }
    try TenantDirectory.checkName(name)
    if let twilioSID, twilioSID.wholeMatch(of: /AC[0-9a-f]{32}/) == nil {
      throw Refusal.invalid("twilio_sid", "must be an Account SID: AC and 32 hexadecimal digits")
    }
    try await making(key) { [self] in
      try await makeTenant(
        key: key, name: name, owner: owner, timeZone: timeZone, twilioSID: twilioSID, sealedToken: sealedToken,
        settings: settings, doing)
    }
    mailing.wake()
    return try directory.tenant(key).json
  }

  private func makeTenant(
    key: String, name: String, owner: EmailAddress, timeZone: String, twilioSID: String?, sealedToken: Data?,
    settings: JSON?, _ doing: Doing
  ) async throws {
    let mailing = mailing
    let linkKeys = LinkKeys.random(since: directory.now())
    let instance = APIKey.hex(16)
    try await files.make(key) { db in
      try Identity.begin(db, tenant: key, instance: instance, linkKeys: linkKeys, timeZone: timeZone)
      if let settings { try SettingsTemplate.begin(db, settings) }
    }
    let now = directory.now()
    let sealed = try directory.secret.seal(linkKeys.stored)
    try await directory.file.write { db in
      try db.execute(
        sql: """
          INSERT INTO tenants (key, name, state, time_zone, owner_email, instance, link_keys, created_at)
          VALUES (?, ?, 'active', ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING
          """, arguments: [key, name, timeZone, owner.description, instance, sealed, now])
      guard db.changesCount > 0 else { throw Refusal.conflict("Tenant \(key) exists already.") }
      try doing.note(db, key, detail: name)
      if let twilioSID, let sealedToken {
        try db.execute(
          sql: "INSERT INTO twilio_accounts (tenant_key, account_sid, token) VALUES (?, ?, ?)",
          arguments: [key, twilioSID, sealedToken])
      }
      try Members.add(db, owner, as: .owner, to: key, named: name, mailing, at: now)
    }
    // A crash before this line leaves a tenant whose file is put in place when it is opened.
    try files.putInPlace(key)
    try await directory.routing.refresh()
  }

  /// A side tenant to look into an older state: the copy's contents, but no numbers, no account, and nothing is texted from it.
  func copy(_ key: String, from source: String, as other: String, _ doing: Doing) async throws -> JSON {
    try files.refuseLiveSource(source, directory.routing.current)
    let mark = try files.check(source, belongsTo: key)
    let original = try directory.tenant(key)
    try checkKey(other)
    try await making(other) { [self] in try await makeCopy(other, of: original, from: source, mark, doing) }
    return try directory.tenant(other).json
  }

  private func makeCopy(
    _ other: String, of original: Routing.Tenant, from source: String, _ mark: Identity, _ doing: Doing
  ) async throws {
    let key = original.key
    let instance = APIKey.hex(16)
    let linkKeys = LinkKeys.random(since: directory.now())
    let since = mark.intakeInstance == intake.instance ? mark.appliedIntakeID : 0
    let revocations = try await intake.revocations(of: key, after: since)
    try await files.make(other, from: source) { db in
      try SideCopy.take(db, as: other, of: key, instance: instance, linkKeys: linkKeys, without: revocations)
    }
    let now = directory.now()
    let sealed = try directory.secret.seal(linkKeys.stored)
    try await directory.file.write { db in
      try db.execute(
        sql: """
          INSERT INTO tenants (key, name, state, time_zone, owner_email, instance, link_keys, created_at)
          SELECT ?, name || ' (copy)', 'active', time_zone, owner_email, ?, ?, ? FROM tenants WHERE key = ?
          """, arguments: [other, instance, sealed, now, original.key])
      try doing.note(db, other, detail: "from \(key)")
    }
    try files.putInPlace(other)
    try await directory.routing.refresh()
  }

  /// Alone with a key that is free: its file is written before its row, so the row cannot decide between two.
  private func making(_ key: String, _ body: @Sendable () async throws -> Void) async throws {
    try await files.alone(with: key, .made) { [self] in
      let wasDeleted = try await directory.file.read { db in
        try Bool.fetchOne(
          db, sql: "SELECT EXISTS (SELECT 1 FROM tenants WHERE key = ? AND deleted_at IS NOT NULL)", arguments: [key])
      }
      guard wasDeleted != true else {
        throw Refusal.conflict("\(key) was the key of a tenant that has been deleted; it is never given again.")
      }
      if directory.routing.current.tenants[key] != nil { throw Refusal.conflict("Tenant \(key) exists already.") }
      guard !FileManager.default.fileExists(atPath: files.path(of: key)) else {
        throw Refusal.conflict("\(files.path(of: key)) is there already; move it away, or use another key.")
      }
      try await body()
    }
  }

  private func checkKey(_ key: String) throws {
    guard key.wholeMatch(of: /[a-z0-9][a-z0-9-]{1,38}/) != nil else {
      throw Refusal.invalid(
        "key", "must be 2 to 39 small letters, digits and hyphens, and begin with a letter or digit")
    }
  }
}
