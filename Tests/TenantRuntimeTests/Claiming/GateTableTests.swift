import GRDB
import TestKit
import Testing

@testable import TenantRuntime

/// The gates of a send, each alone and every two together: the earlier one decides, and what it refuses has used nothing up.
@Suite struct GateTableTests {
  /// In the order of the gates.
  enum Gate: String, CaseIterable, Sendable {
    case fenced, suspended, platformSwitch, noAccount, killSwitch, pausedCampaign
    case badNumber, country, optedOut, consent, suppressed, content, quietHours
    case budgetOfCampaign, budgetOfMonth, budgetOfDay, dailyCap, brandCap, rate
  }

  /// How one planned text stands after a claim.
  struct Standing: Equatable, Sendable {
    var state = "queued"
    var reason: String?
    var waiting: String?
    var isTaken = false
  }

  static let expected: [Gate: Standing] = [
    .fenced: Standing(waiting: "fenced"), .suspended: Standing(waiting: "suspended"),
    .platformSwitch: Standing(waiting: "platform_kill_switch"), .noAccount: Standing(waiting: "no_twilio_account"),
    .killSwitch: Standing(waiting: "kill_switch"), .pausedCampaign: Standing(),
    .badNumber: Standing(state: "skipped", reason: "invalid_number"),
    .country: Standing(state: "skipped", reason: "country"),
    .optedOut: Standing(state: "skipped", reason: "opted_out"),
    .consent: Standing(state: "skipped", reason: "no_consent"),
    .suppressed: Standing(state: "skipped", reason: "suppressed"),
    .content: Standing(state: "skipped", reason: "content"),
    .quietHours: Standing(state: "deferred", reason: "quiet_hours", waiting: "quiet_hours"),
    .budgetOfCampaign: Standing(waiting: "budget"), .budgetOfDay: Standing(waiting: "budget_day"),
    .budgetOfMonth: Standing(waiting: "budget_month"), .dailyCap: Standing(waiting: "daily_cap"),
    .brandCap: Standing(waiting: "brand_cap"), .rate: Standing(waiting: "rate"),
  ]

  /// Midnight in New York, where the recipient is by the area code.
  private static let now = Moment(iso8601: "2026-11-24T05:30:00Z")!
  private static let phone: Int64 = 12_125_550_123
  private static let number = PhoneNumber(digits: 14_155_550_100)!

  private func close(_ gate: Gate, _ db: Database, _ lease: inout Lease, _ brands: inout [String: Int64]) throws {
    switch gate {
    case .fenced: try db.execute(sql: "UPDATE identity SET fence = 'restored'")
    case .suspended: lease.suspended = "abuse"
    case .platformSwitch: lease.killed = "outage"
    case .noAccount: lease.twilio = nil
    case .killSwitch: try KillSwitch.throwOn(db, reason: "r", actor: "t", at: Self.now)
    case .pausedCampaign: try db.execute(sql: "UPDATE campaigns SET state = 'paused'")
    case .badNumber:
      try db.execute(sql: "INSERT INTO bad_numbers VALUES (?, 30005, 0, 9000000000000, 1)", arguments: [Self.phone])
    case .country: try db.execute(sql: "INSERT INTO settings VALUES ('countries', '[\"44\"]')")
    case .optedOut:
      try db.execute(sql: "INSERT INTO do_not_contact VALUES (?, 'opted_out', 'api', 0)", arguments: [Self.phone])
    case .consent: try db.execute(sql: "INSERT INTO settings VALUES ('require_consent', 'true')")
    case .suppressed:
      try db.execute(
        sql: """
          INSERT INTO suppression_rules (kind, tag, created_by, created_at) VALUES ('tag', 'vip', 't', 0);
          INSERT INTO tags VALUES (1, 'vip', 'vip'); INSERT INTO contact_tags VALUES (1, 1);
          """)
    case .content: try db.execute(sql: "UPDATE contacts SET first_name = NULL")
    case .quietHours: try db.execute(sql: "UPDATE campaigns SET quiet_start = 1260, quiet_end = 480")
    case .budgetOfCampaign: try db.execute(sql: "UPDATE campaigns SET budget_micros = 8299")
    case .budgetOfDay, .budgetOfMonth:
      let column = gate == .budgetOfDay ? "daily_micros" : "monthly_micros"
      try db.execute(
        sql: "INSERT INTO budgets (id, \(column)) VALUES (1, 8299) ON CONFLICT DO UPDATE SET \(column) = 8299")
    case .dailyCap: try db.execute(sql: "UPDATE sending_numbers SET daily_cap = 0")
    case .brandCap: brands["acme-brand"] = 0
    case .rate:
      try db.execute(sql: "UPDATE sending_numbers SET allowance = 0, allowance_at = ?", arguments: [Self.now])
    }
  }

  private func standing(_ gates: [Gate]) throws -> (standing: Standing, used: [Int64], brandsLeft: Int64?) {
    let file = try TestFolder().tenantFile()
    return try file.writeNow { db in
      let number = SendingNumber(
        number: Self.number, rate: 1, warmUp: "off", brand: "acme-brand", brandDailyCap: 1_000)
      try SendingNumber.reconcile(db, with: [number], at: Self.now)
      let person = PhoneNumber(digits: Self.phone)!
      _ = try Contact.upsert(db, phone: person, Contact.Values(), importID: nil, at: Self.now)
      try db.execute(sql: "UPDATE contacts SET first_name = 'Ada'")
      let campaign = try Campaign.create(
        db,
        Campaign.Draft(
          name: "c", body: "Hi {{first_name}}", purpose: .informational, audience: .everyone, numbers: [Self.number]),
        actor: "t", at: Self.now)
      try db.execute(sql: "UPDATE campaigns SET state = 'running'")
      try db.execute(
        sql:
          "INSERT INTO send_jobs (kind, campaign_id, contact_id, phone, state) VALUES ('campaign', ?, 1, ?, 'queued')",
        arguments: [campaign.id, person])
      var lease = Lease(
        tenant: "acme", twilio: Lease.TwilioAccount(accountSID: "AC1", token: "t"), twilioAPI: "", publicURL: "",
        linkHosts: [], linkKeys: TestKeys.one, timeZone: "America/New_York")
      var brands: [String: Int64] = ["acme-brand": 100]
      for gate in gates { try close(gate, db, &lease, &brands) }
      let claim = try Claim.take(
        db, atMost: 200, lease: lease, brands: brands, turn: 0, now: Self.now, random: { 4 })
      let row = try Row.fetchOne(
        db, sql: "SELECT j.state, j.reason, c.waiting_reason FROM send_jobs j JOIN campaigns c ON c.id = j.campaign_id")!
      let used = try Row.fetchOne(
        db,
        sql: """
          SELECT (SELECT ifnull(sum(micros) + sum(segments), 0) FROM costs) AS costs, (SELECT reserved_micros FROM campaigns) AS reserved,
          used_today, use_days, (SELECT count(*) FROM messages) AS messages, (SELECT claim_no FROM identity) AS claims
          FROM sending_numbers
          """)!
      return (
        Standing(
          state: row["state"], reason: row["reason"], waiting: row["waiting_reason"], isTaken: !claim.jobs.isEmpty),
        ["costs", "reserved", "used_today", "use_days", "messages", "claims"].map { used[$0] as Int64 },
        claim.brands["acme-brand"]
      )
    }
  }

  @Test func openGatesLetATextThrough() throws {
    let (standing, used, brands) = try standing([])
    #expect(standing == Standing(state: "sending", isTaken: true))
    #expect(used == [8_301, 8_300, 1, 1, 1, 1] && brands == 99)
  }

  @Test(arguments: Gate.allCases) func eachGateAloneHoldsOrSkipsWithItsReason(_ gate: Gate) throws {
    let (standing, used, brands) = try standing([gate])
    #expect(standing == Self.expected[gate])
    #expect(used == [0, 0, 0, 0, 0, 0] && brands == (gate == .brandCap ? 0 : 100))
  }

  @Test(arguments: Gate.allCases) func ofTwoGatesTheEarlierDecidesAndNothingIsUsedUp(_ first: Gate) throws {
    for second in Gate.allCases.drop(while: { $0 != first }).dropFirst() {
      for order in [[first, second], [second, first]] {
        let (standing, used, brands) = try standing(order)
        // A paused campaign says so by its state: it is not also waiting for something.
        let wanted = second == .pausedCampaign ? Standing() : Self.expected[first]
        #expect(standing == wanted, "\(first) before \(second)")
        #expect(
          used == [0, 0, 0, 0, 0, 0] && brands == (order.contains(.brandCap) ? 0 : 100), "\(first) before \(second)")
      }
    }
  }
}
