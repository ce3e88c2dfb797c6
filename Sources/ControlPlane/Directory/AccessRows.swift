import Foundation
import GRDB
import TenantRuntime

/// Who may do what: rows that are read when they are asked for, and are in no snapshot.
extension TenantDirectory {
  func addKey(_ apiKey: APIKey, _ doing: Doing) async throws -> JSON {
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

  func addAdmin(_ email: String, linkHash: [UInt8], _ doing: Doing) async throws -> JSON {
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
