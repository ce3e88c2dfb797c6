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
}
