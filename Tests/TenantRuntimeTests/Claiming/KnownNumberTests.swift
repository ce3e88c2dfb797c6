import GRDB
import TestKit
import Testing

@testable import TenantRuntime

/// A contact keeps the number it knows. What a claim does while that one is at its pace and another is not.
@Suite struct KnownNumberTests {
  static let now = Moment(iso8601: "2026-11-24T18:00:00Z")!
  static let (known, other) = (PhoneNumber(digits: 14_155_550_100)!, PhoneNumber(digits: 14_155_550_101)!)

  /// `people` who know the first number, and one behind them all who knows none; the first has nothing to give, the other has.
  private func claim(people: Int, brands: [String: Int64] = [:], _ more: (Database) throws -> Void = { _ in })
    throws -> (texted: [Int64], next: NextTurn)
  {
    let file = try TestFolder().tenantFile()
    return try file.writeNow { db in
      try SendingNumber.reconcile(
        db,
        with: [
          SendingNumber(number: Self.known, rate: 1, warmUp: "off", brand: nil, brandDailyCap: nil),
          SendingNumber(number: Self.other, rate: 1, warmUp: "off", brand: "b", brandDailyCap: 1_000),
        ], at: Self.now)
      try db.execute(
        sql: "UPDATE sending_numbers SET allowance = CASE number WHEN ?1 THEN 0.5 ELSE 1 END, allowance_at = ?2",
        arguments: [Self.known, Self.now])
      let campaign = try Campaign.create(
        db,
        Campaign.Draft(
          name: "c", body: "Hi", purpose: .informational, audience: .everyone, numbers: [Self.known, Self.other]),
        actor: "t", at: Self.now)
      try db.execute(sql: "UPDATE campaigns SET state = 'running'")
      for n in 0...people {
        let phone = PhoneNumber(digits: 12_125_550_000 + Int64(n))!
        let contact = try Contact.upsert(db, phone: phone, Contact.Values(), importID: nil, at: Self.now).id
        try db.execute(
          sql: """
            INSERT INTO send_jobs (kind, campaign_id, contact_id, phone, state) VALUES ('campaign', ?, ?, ?, 'queued')
            """, arguments: [campaign.id, contact, phone])
        if n < people {
          try db.execute(
            sql: "INSERT INTO messages (direction, phone, number, body, at) VALUES ('out', ?, ?, 'earlier', 0)",
            arguments: [phone, Self.known])
        }
      }
      try more(db)
      let lease = Lease(
        tenant: "acme", twilio: Lease.TwilioAccount(accountSID: "AC1", token: "t"), twilioAPI: "", publicURL: "",
        linkHosts: [], linkKeys: TestKeys.one, timeZone: "America/New_York")
      let claim = try Claim.take(
        db, atMost: 200, lease: lease, brands: brands, turn: 0, now: Self.now, random: { 4 })
      return (claim.jobs.map(\.phone.digits), claim.next)
    }
  }

  private func wait(_ next: NextTurn) throws -> Int64 {
    guard case .at(let at) = next else { throw Unexpected(next: next) }
    return at.milliseconds - Self.now.milliseconds
  }
  private struct Unexpected: Error { let next: NextTurn }

  /// The other one has something to give, but not to them: asking again at once would find the same.
  @Test func whoeverWaitsForTheirNumberWaitsAsLongAsItNeeds() throws {
    let (texted, next) = try claim(people: 3, brands: ["b": 1_000]) { db in
      try db.execute(sql: "DELETE FROM send_jobs WHERE phone = 12125550003")
    }
    #expect(texted == [])
    #expect(try (500...600).contains(wait(next)), "\(next)")
  }

  @Test func whoeverKnowsNoNumberDoesNotStandBehindThem() throws {
    let (texted, next) = try claim(people: 450, brands: ["b": 1_000])
    #expect(texted == [12_125_550_450])
    // All of the queue was looked at: the rest waits for their number.
    #expect(try (500...600).contains(wait(next)), "\(next)")
  }

  /// Its bucket is full, and its brand's day is used up: only the first one's time counts.
  @Test func aNumberWhoseBrandHasNothingLeftWakesNobody() throws {
    let (texted, next) = try claim(people: 3, brands: ["b": 0])
    #expect(texted == [])
    #expect(try (500...600).contains(wait(next)), "\(next)")
  }
}
