import GRDB
import Logging
package import TenantRuntime

/// Which number is whose, and what may be sent from it.
package struct NumberRoutes: Sendable {
  let directory: TenantDirectory
  let open: OpenTenants
  let memory: TenantMemory
  let clients: OutboundClients
  let scheduler: Scheduler
  let logger: Logger

  func add(_ key: String, _ change: NumberChange, _ doing: Doing) async throws -> JSON {
    let former = try directory.tenant(key).numbers.first { $0.number == change.number }
    let number = try change.applied(to: former)
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
      try doing.note(db, key, before: former.map(Self.summary), detail: Self.summary(number))
    }
    memory.gate(of: key).take(number: number.number)
    try await reconcile(key)
    return [
      "tenant": .text(key), "number": .phone(number.number), "rate": .double(number.rate),
      "warm_up": .text(number.warmUp), "daily_cap": .optional(number.dailyCap),
      "messaging_service": .optional(number.messagingService), "brand": .optional(number.brand),
    ]
  }

  private static func summary(_ number: SendingNumber) -> String {
    JSON.object([
      ("number", .phone(number.number)), ("rate", .double(number.rate)), ("daily_cap", .optional(number.dailyCap)),
      ("warm_up", .text(number.warmUp)), ("messaging_service", .optional(number.messagingService)),
      ("brand", .optional(number.brand)),
    ]).serialized
  }

  /// Free for others; reports of texts that it had sent still come. No text begins from it behind the answer.
  func remove(_ number: PhoneNumber, of key: String, _ doing: Doing) async throws -> JSON {
    _ = try directory.tenant(key)
    let closedHere = memory.gate(of: key).leave(number: number)
    clients.http.recheck(key)
    do {
      try await directory.change { db in
        guard try ReleasedRoutes.release(db, number, of: key, at: doing.at) else {
          throw Refusal.notFound("\(number) is not a number of tenant \(key).")
        }
        try doing.note(db, key, before: number.description)
      }
    } catch {
      if closedHere { memory.gate(of: key).take(number: number) }
      throw error
    }
    try await reconcile(key)
    return ["tenant": .text(key), "number": .phone(number), "state": "removed"]
  }

  /// A registered brand and its segments a day: what numbers name, in any tenant.
  func setBrand(_ name: String, dailyCap: Int64, _ doing: Doing) async throws -> JSON {
    guard Name.read(name, most: 100) == name, name != "none", dailyCap > 0 else {
      throw Refusal.invalid("brand", "needs a name of 1 to 100 characters (not `none`) and a daily cap above 0")
    }
    try await directory.change { db in
      let before = try Int64.fetchOne(db, sql: "SELECT daily_cap FROM brands WHERE name = ?", arguments: [name])
      try db.execute(
        sql: "INSERT INTO brands VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET daily_cap = excluded.daily_cap",
        arguments: [name, dailyCap])
      try doing.note(db, "brand:\(name)", before: before.map { String($0) }, detail: String(dailyCap))
    }
    await open.wakeTexts { directory.routing.current.tenants[$0]?.brands[name] != nil }
    return ["brand": .text(name), "daily_cap": .int(dailyCap)]
  }

  /// Brands by name, with how many numbers share each one's day.
  package func brands() async throws -> [JSON] {
    try await directory.file.read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT b.*, (SELECT count(*) FROM number_routes n WHERE n.brand = b.name) AS numbers
          FROM brands b ORDER BY b.name LIMIT 1000
          """
      ).map { ["brand": $0.text("name"), "daily_cap": $0.int("daily_cap"), "numbers": $0.int("numbers")] }
    }
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
