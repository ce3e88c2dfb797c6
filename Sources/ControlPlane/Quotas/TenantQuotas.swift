import GRDB
package import TenantRuntime

/// What the operator lets tenants use, and what they use of it.
package struct TenantQuotas: Sendable {
  let directory: TenantDirectory
  let open: OpenTenants
  let scheduler: Scheduler

  /// What stands in the tenant's file is unknown while that is closed; the limits are the operator's and are known always.
  package func json(of key: String) async throws -> JSON {
    let tenant = try directory.tenant(key)
    let users = try await directory.file.read { db in try Quotas.users(db, of: key) }
    var used = try await usedInFile(tenant)
    used[.users] = users
    let shown = used
    return [
      "tenant": .text(key), "quotas": .list(Quotas.Name.allCases.map { tenant.quotas.json($0, used: shown[$0]) }),
    ]
  }

  private func usedInFile(_ tenant: Routing.Tenant) async throws -> [Quotas.Name: Int64] {
    let (zone, now) = (tenant.timeZone, directory.now())
    do {
      return try await open.with(tenant.key) { runtime in
        try await runtime.file.read { db in
          [
            Quotas.Name.contacts: try QuotaUse.contacts(db), .storageMB: try QuotaUse.storageMB(db),
            .importsAtOnce: try QuotaUse.imports(db), .textsPerMonth: try QuotaUse.texts(db, zone: zone, now: now),
          ]
        }
      }
    } catch let refusal as Refusal {
      switch refusal {
      case .locked, .unavailable: return [:]
      default: throw refusal
      }
    }
  }

  /// Limits that are not named stay; a named null takes one away.
  package func set(_ key: String, _ edit: [Quotas.Name: Int64?], by caller: Caller) async throws -> JSON {
    _ = try directory.tenant(key)
    let now = directory.now()
    let answer: JSON = try await directory.change { db in
      let before = try Quotas.granted(db, to: key)
      var after = before
      for (name, limit) in edit { after.limits[name] = limit }
      try db.execute(
        sql: """
          INSERT INTO quotas (tenant_key, contacts, texts_per_month, storage_mb, imports_at_once, users) VALUES (?, ?, ?, ?, ?, ?)
          ON CONFLICT (tenant_key) DO UPDATE SET contacts = excluded.contacts, texts_per_month = excluded.texts_per_month,
          storage_mb = excluded.storage_mb, imports_at_once = excluded.imports_at_once, users = excluded.users
          """,
        arguments: [
          key, after[.contacts], after[.textsPerMonth], after[.storageMB], after[.importsAtOnce], after[.users],
        ])
      try Doing(caller: caller, action: "quotas.set", at: now).note(
        db, key, before: Self.limits(before).serialized, detail: Self.limits(after).serialized)
      return .object([("tenant", .text(key))] + (Self.limits(after).members ?? []))
    }
    // Texts may have waited for more.
    scheduler.wake(key, .sending)
    return answer
  }

  private static func limits(_ quotas: Quotas) -> JSON {
    .object(Quotas.Name.allCases.map { ($0.rawValue, .optional(quotas[$0])) })
  }
}
