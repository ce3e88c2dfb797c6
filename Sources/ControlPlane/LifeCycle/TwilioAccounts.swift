package import Foundation
import GRDB
package import TenantRuntime

/// A tenant's account at the provider. A new token leaves the former one accepted for what was signed with it, until a person drops that, or another
/// account takes its place: a token speaks for its own account alone. Neither is ever shown.
package struct TwilioAccounts: Sendable {
  let directory: TenantDirectory
  let scheduler: Scheduler

  package func json(of key: String) async throws -> JSON {
    try await directory.file.read { db in try Self.json(db, key) }
  }

  private static func json(_ db: Database, _ key: String) throws -> JSON {
    let row = try row(db, key)
    return [
      "tenant": .text(key), "account_sid": .optional(row?["account_sid"] as String?),
      "has_former_token": .bool((row?["former_token"] as Data?) != nil),
    ]
  }

  private static func row(_ db: Database, _ key: String) throws -> Row? {
    try Row.fetchOne(db, sql: "SELECT * FROM twilio_accounts WHERE tenant_key = ?", arguments: [key])
  }

  package static func check(_ sid: String, _ token: String) -> (field: String, message: String)? {
    if sid.wholeMatch(of: /AC[0-9a-f]{32}/) == nil {
      return ("account_sid", "must be an Account SID: AC and 32 hexadecimal digits")
    }
    guard (1...200).contains(token.utf8.count), token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      return ("auth_token", "must be 1 to 200 visible ASCII characters without spaces")
    }
    return nil
  }

  /// - Parameter sealed: the token. The same one again, of the same account, leaves the former as it is.
  package func set(_ key: String, sid: String, sealed: Data, by caller: Caller) async throws -> JSON {
    guard try directory.tenant(key).state != .archived else { throw Refusal.locked("Tenant \(key) is archived.") }
    let (secret, now) = (directory.secret, directory.now())
    let token = try secret.open(sealed)
    let answer = try await directory.change { db in
      let before = try Self.row(db, key)
      let known = try (before?["token"] as Data?).map { try secret.open($0) }
      let isSame = (before?["account_sid"] as String?) == sid
      let former: Data? = !isSame ? nil : known == token ? before?["former_token"] : before?["token"]
      try db.execute(
        sql: """
          INSERT INTO twilio_accounts (tenant_key, account_sid, token, former_token) VALUES (?, ?, ?, ?)
          ON CONFLICT (tenant_key) DO UPDATE SET account_sid = excluded.account_sid, token = excluded.token,
          former_token = excluded.former_token
          """, arguments: [key, sid, sealed, former])
      try Doing(caller: caller, action: "twilio_account.set", at: now).note(
        db, key, before: before?["account_sid"], detail: sid + (known == token ? "" : ", with a new token"))
      return try Self.json(db, key)
    }
    scheduler.wake(key, .sending)
    return answer
  }

  package func dropFormer(of key: String, by caller: Caller) async throws -> JSON {
    let now = directory.now()
    return try await directory.change { db in
      try db.execute(
        sql: "UPDATE twilio_accounts SET former_token = NULL WHERE tenant_key = ? AND former_token IS NOT NULL",
        arguments: [key])
      guard db.changesCount > 0 else { throw Refusal.notFound("There is no former token.") }
      try Doing(caller: caller, action: "twilio_account.drop_former_token", at: now).note(db, key)
      return try Self.json(db, key)
    }
  }
}
