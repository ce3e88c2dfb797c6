import GRDB
import Logging
import TenantRuntime

/// Which number is whose, and what may be sent from it.
struct NumberRoutes: Sendable {
  let directory: TenantDirectory
  let open: OpenTenants
  let memory: TenantMemory
  let clients: OutboundClients
  let scheduler: Scheduler
  let logger: Logger

  func add(_ key: String, _ change: NumberChange, _ doing: Doing) async throws -> JSON {
    let number = try change.applied(to: try directory.tenant(key).numbers.first { $0.number == change.number })
    let now = directory.now()
    try await directory.change { db in
      if let brand = number.brand {
        let known = try Bool.fetchOne(
          db, sql: "SELECT EXISTS (SELECT 1 FROM brands WHERE name = ?)", arguments: [brand])
        if known != true { throw Refusal.invalid("brand", "is not known: set it first with `roundhouse brand set`") }
      }
      try db.execute(
        sql: """
          INSERT INTO number_routes (number, tenant_key, rate, daily_cap, warm_up, messaging_service, brand, added_at)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?)
          ON CONFLICT (number) DO UPDATE SET rate = excluded.rate, daily_cap = excluded.daily_cap, warm_up = excluded.warm_up,
          messaging_service = excluded.messaging_service, brand = excluded.brand WHERE number_routes.tenant_key = excluded.tenant_key
          """,
        arguments: [
          number.number, key, number.rate, number.dailyCap, number.warmUp, number.messagingService, number.brand, now,
        ])
      // Whose it is says the row alone: two that ask at once are decided by their transactions.
      guard db.changesCount > 0 else { throw Refusal.conflict("\(number.number) belongs to another tenant.") }
      try doing.note(db, key, detail: number.number.description)
    }
    try await reconcile(key)
    return [
      "tenant": .text(key), "number": .phone(number.number), "rate": .double(number.rate),
      "warm_up": .text(number.warmUp), "daily_cap": .optional(number.dailyCap),
      "messaging_service": .optional(number.messagingService), "brand": .optional(number.brand),
    ]
  }

  /// A registered brand and its segments a day: what numbers name, in any tenant.
  func setBrand(_ name: String, dailyCap: Int64, _ doing: Doing) async throws -> JSON {
    guard Name.read(name, most: 100) == name, name != "none", dailyCap > 0 else {
      throw Refusal.invalid("brand", "needs a name of 1 to 100 characters (not `none`) and a daily cap above 0")
    }
    try await directory.change { db in
      try db.execute(
        sql: "INSERT INTO brands VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET daily_cap = excluded.daily_cap",
        arguments: [name, dailyCap])
      try doing.note(db, "brand:\(name)", detail: String(dailyCap))
    }
    await open.wakeTexts { directory.routing.current.tenants[$0]?.brands[name] != nil }
    return ["brand": .text(name), "daily_cap": .int(dailyCap)]
  }

  /// An open file is informed at once, another one when it is opened.
  func reconcile(_ key: String) async throws {
    defer { scheduler.wake(key, .sending) }
    guard let runtime = await open.peek(key) else { return }
    let (numbers, now) = (try directory.tenant(key).numbers, directory.now())
    do { try await runtime.file.write { db in try SendingNumber.reconcile(db, with: numbers, at: now) } } catch let
      error as DatabaseError where error.resultCode == .SQLITE_MISUSE
    {
      return  // It has been closed just now.
    }
  }
}
