import GRDB
package import TenantRuntime

/// What an operator says of a sending number. What is left out stays as it is; of a new number it is the default.
package struct NumberChange: Sendable, Codable {
  package var number: PhoneNumber
  package var rate: Double?
  package var dailyCap: Int64?
  package var warmUp: String?
  /// `none` takes them away.
  package var messagingService: String?
  package var brand: String?

  package init(
    number: PhoneNumber, rate: Double? = nil, dailyCap: Int64? = nil, warmUp: String? = nil,
    messagingService: String? = nil, brand: String? = nil
  ) {
    self.number = number
    self.rate = rate
    self.dailyCap = dailyCap
    self.warmUp = warmUp
    self.messagingService = messagingService
    self.brand = brand
  }

  private func check() throws {
    if let rate, !(0.01...100_000).contains(rate) { throw Refusal.invalid("rate", "must be from 0.01 to 100000") }
    if let dailyCap, dailyCap < 0 { throw Refusal.invalid("daily_cap", "must not be below 0") }
    if let warmUp, warmUp != "on", warmUp != "off", Int(warmUp).map({ (1...3650).contains($0) }) != true {
      throw Refusal.invalid("warm_up", "must be on, off or a day of the ladder")
    }
  }

  /// Twilio's pace for a number nobody has said more of: one segment a second, toll-free three.
  func applied(to known: SendingNumber?) throws -> SendingNumber {
    try check()
    func named(_ word: String?, _ known: String?) -> String? { word == "none" ? nil : word ?? known }
    return SendingNumber(
      number: number, rate: rate ?? known?.rate ?? (number.isTollFree ? 3 : 1), dailyCap: dailyCap ?? known?.dailyCap,
      warmUp: warmUp ?? known?.warmUp ?? "on", messagingService: named(messagingService, known?.messagingService),
      brand: named(brand, known?.brand))
  }
}

extension ControlPlane {
  func addNumber(_ key: String, _ change: NumberChange, _ doing: Doing) async throws -> JSON {
    let number = try change.applied(to: try tenant(key).numbers.first { $0.number == change.number })
    let now = now()
    try await file.write { db in
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
    try await refreshRouting()
    try await reconcileNumbers(of: key)
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
    try await file.write { db in
      try db.execute(
        sql: "INSERT INTO brands VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET daily_cap = excluded.daily_cap",
        arguments: [name, dailyCap])
      try doing.note(db, name, detail: String(dailyCap))
    }
    try await refreshRouting()
    await open.wakeTexts { routing.tenants[$0]?.brands[name] != nil }
    return ["brand": .text(name), "daily_cap": .int(dailyCap)]
  }
}
