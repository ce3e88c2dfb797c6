import GRDB
import TestKit
import Testing

@testable import TenantRuntime

/// Gate 9: never a reserved micro over, and the last text that fits is sent.
@Suite struct BudgetTests {
  let folder = try! TestFolder()
  let number = PhoneNumber(digits: 14_155_550_100)!
  let noon = Moment(iso8601: "2026-11-23T17:00:00Z")!
  let lease = Lease(
    tenant: "acme", twilio: Lease.TwilioAccount(accountSID: "AC1", token: "t"), twilioAPI: "", publicURL: "",
    linkHosts: [], linkKeys: TestKeys.one, timeZone: "America/New_York")

  private func town(people: Int, campaigns: Int, daily: Int64?, monthly: Int64? = nil) async throws -> SQLiteFile {
    let file = try folder.tenantFile()
    let (number, noon) = (number, noon)
    try await file.write { db in
      try SendingNumber.reconcile(db, with: [SendingNumber(number: number, rate: 100_000, warmUp: "off")], at: noon)
      try db.execute(sql: "INSERT INTO budgets VALUES (1, ?, ?)", arguments: [daily, monthly])
      for person in 0..<people {
        let phone = PhoneNumber(digits: 14_157_000_000 + Int64(person))!
        _ = try Contact.upsert(db, phone: phone, Contact.Values(), importID: nil, at: noon)
      }
      for _ in 0..<campaigns {
        var campaign = try Campaign.create(
          db,
          Campaign.Draft(
            name: "c", body: "Hello", purpose: .informational, audience: .everyone, numbers: [number]), actor: "t",
          at: noon)
        try campaign.launch(db, at: noon)
      }
    }
    let runtime = try TestRuntime.open(file, folder)
    while try await runtime.takeTurn(.launching) == .now {}
    return file
  }

  private func claim(_ file: SQLiteFile, turn: Int, at: Moment, atMost limit: Int = 7) async throws -> Claim {
    let lease = lease
    return try await file.write { db in
      try Claim.take(
        db, atMost: limit, lease: lease, turn: turn, now: at, random: { 4 })
    }
  }

  private func spent(_ file: SQLiteFile) throws -> [Int64: Int64] {
    try file.readNow { db in
      let rows = try Row.fetchAll(db, sql: "SELECT day, sum(micros) AS micros FROM costs GROUP BY day")
      return Dictionary(uniqueKeysWithValues: rows.map { ($0["day"], $0["micros"]) })
    }
  }

  @Test func fiftyCampaignsAtOnceSpendToTheLastTextAndNoMicroMore() async throws {
    let price = PriceTable.unitedStates
    let file = try await town(people: 10, campaigns: 50, daily: price * 137 + price - 1)
    var claimed = 0
    var turn = 0
    while turn < 400 {
      claimed += try await claim(file, turn: turn, at: noon).jobs.count
      turn += 1
    }
    #expect(claimed == 137)
    #expect(try spent(file) == [20_261_123: price * 137])
    let waiting = try file.readNow { db in
      try Row.fetchOne(
        db, sql: "SELECT DISTINCT waiting_reason, waiting_until FROM campaigns WHERE waiting_reason IS NOT NULL")
    }
    #expect(waiting?["waiting_reason"] == "budget_day")
    // Midnight in New York.
    #expect(waiting?["waiting_until"] == Moment(iso8601: "2026-11-24T05:00:00Z")!.milliseconds)
  }

  @Test func aShortTextThatFitsIsSentBehindALongOneThatDoesNot() async throws {
    let price = PriceTable.unitedStates
    let file = try await town(people: 3, campaigns: 0, daily: price * 2)
    let (number, noon) = (number, noon)
    try await file.write { db in
      try db.execute(
        sql: "UPDATE contacts SET first_name = CASE id WHEN 1 THEN ? ELSE 'Ada' END",
        arguments: [String(repeating: "a", count: 400)])
      var campaign = try Campaign.create(
        db,
        Campaign.Draft(
          name: "c", body: "Hi {{first_name}}", purpose: .informational, audience: .everyone, numbers: [number]),
        actor: "t", at: noon)
      try campaign.launch(db, at: noon)
    }
    let runtime = try TestRuntime.open(file, folder)
    while try await runtime.takeTurn(.launching) == .now {}
    let block = try await claim(file, turn: 0, at: noon)
    #expect(block.jobs.map(\.phone.digits) == [14_157_000_001, 14_157_000_002])
    #expect(try spent(file) == [20_261_123: price * 2])
    let waiting = try file.readNow { db in try String.fetchOne(db, sql: "SELECT waiting_reason FROM campaigns") }
    #expect(waiting == "budget_day")
  }

  @Test func aBlockOfLongAndSkippedTextsDoesNotEndTheTurn() async throws {
    let price = PriceTable.unitedStates
    let file = try await town(people: 6, campaigns: 0, daily: price * 2)
    let (number, noon) = (number, noon)
    try await file.write { db in
      try db.execute(
        sql: "UPDATE contacts SET first_name = CASE WHEN id <= 2 THEN ? ELSE 'Ada' END",
        arguments: [String(repeating: "a", count: 400)])
      try db.execute(
        sql: "INSERT INTO do_not_contact SELECT phone, 'opted_out', 'api', 0 FROM contacts WHERE id IN (3, 4)")
      var campaign = try Campaign.create(
        db,
        Campaign.Draft(
          name: "c", body: "Hi {{first_name}}", purpose: .informational, audience: .everyone, numbers: [number]),
        actor: "t", at: noon)
      try campaign.launch(db, at: noon)
    }
    let runtime = try TestRuntime.open(file, folder)
    while try await runtime.takeTurn(.launching) == .now {}
    // Two too long, two opted out: nothing is begun, and yet the next claim must follow at once.
    let first = try await claim(file, turn: 0, at: noon, atMost: 4)
    #expect(first.jobs.isEmpty && first.next == .now)
    let second = try await claim(file, turn: 0, at: noon, atMost: 4)
    #expect(second.jobs.map(\.phone.digits) == [14_157_000_004, 14_157_000_005])
  }

  @Test func aNewDayOpensTheDailyLimitButNotTheMonthlyOne() async throws {
    let price = PriceTable.unitedStates
    let file = try await town(people: 10, campaigns: 1, daily: price * 4, monthly: price * 6)
    for (moment, taken) in [
      ("2026-11-29T12:00:00Z", 4), ("2026-11-29T13:00:00Z", 0), ("2026-11-30T04:59:00Z", 0),
      ("2026-11-30T05:00:00Z", 2), ("2026-12-01T04:59:00Z", 0), ("2026-12-01T05:00:00Z", 4),
    ] {
      #expect(try await claim(file, turn: 0, at: Moment(iso8601: moment)!).jobs.count == taken, "\(moment)")
    }
  }

  @Test func aReleaseTakesBackFromTheDayItWasReservedOn() async throws {
    let price = PriceTable.unitedStates
    let file = try await town(people: 3, campaigns: 1, daily: price * 2)
    let block = try await claim(file, turn: 0, at: noon)
    #expect(block.jobs.count == 2)
    let tomorrow = noon.advanced(bySeconds: 86_400)
    try await file.write { db in
      _ = try Settlement.settle(
        db,
        [
          Settlement(job: block.jobs[0], answer: .notTaken("not_begun")),
          Settlement(job: block.jobs[1], answer: .unknown("reset")),
        ], now: tomorrow)
    }
    #expect(try spent(file) == [20_261_123: price])
    let (figures, reserved) = try file.readNow { db in
      (
        try Int64.fetchOne(db, sql: "SELECT sum(n) FROM campaign_figures WHERE figure = 'cost_micros'"),
        try Int64.fetchOne(db, sql: "SELECT reserved_micros FROM campaigns")
      )
    }
    #expect(figures == price && reserved == price)
    #expect(try await claim(file, turn: 1, at: noon).jobs.count == 1)
  }

  @Test func aRefusedTextConsumesNothing() async throws {
    let file = try await town(people: 3, campaigns: 1, daily: nil)
    try await file.write { db in
      for phone in 14_157_000_000...14_157_000_002 {
        try Consent.apply(
          db,
          Revocation(
            phone: PhoneNumber(digits: Int64(phone))!, action: .optOut, method: "api", evidence: "",
            at: Moment(milliseconds: 1)))
      }
    }
    let before = try file.readNow { db in try Row.fetchOne(db, sql: "SELECT * FROM sending_numbers") }
    _ = try await claim(file, turn: 0, at: noon)
    #expect(try spent(file) == [:])
    let allowance = try file.readNow { db in try Double.fetchOne(db, sql: "SELECT allowance FROM sending_numbers") }
    #expect(allowance ?? 0 >= before?["allowance"] ?? 0)
  }
}
