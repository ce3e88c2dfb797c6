import GRDB
import Synchronization
import TestKit
import Testing

@testable import TenantRuntime

/// What a call came to, as the file has it afterwards.
@Suite struct SettlementTests {
  private let folder = try! TestFolder()
  private static let number = PhoneNumber(digits: 14_155_550_100)!
  /// Two minutes before midnight, Pacific time.
  private static let late = Moment(iso8601: "2026-11-25T07:58:00Z")!

  private func claimed() throws -> (file: SQLiteFile, job: ClaimedJob) {
    let file = try folder.tenantFile()
    let job = try file.writeNow { db in
      let number = SendingNumber(number: Self.number, rate: 10, warmUp: "off", brand: "agency", brandDailyCap: 100)
      try SendingNumber.reconcile(db, with: [number], at: Self.late)
      _ = try Contact.upsert(
        db, phone: PhoneNumber(digits: 14_157_000_001)!, Contact.Values(), importID: nil, at: Self.late)
      _ = try Campaign.create(
        db,
        Campaign.Draft(name: "c", body: "Hi", purpose: .informational, audience: .everyone, numbers: [Self.number]),
        actor: "t", at: Self.late)
      try db.execute(
        sql: """
          UPDATE campaigns SET state = 'running';
          INSERT INTO send_jobs (kind, campaign_id, contact_id, phone, state) VALUES ('campaign', 1, 1, 14157000001, 'queued')
          """)
      let lease = Lease(
        tenant: "acme", twilio: Lease.TwilioAccount(accountSID: "AC1", token: "t"), twilioAPI: "", publicURL: "",
        linkHosts: [], linkKeys: TestKeys.one, timeZone: "UTC")
      return try Claim.take(
        db, atMost: 9, lease: lease, brands: ["agency": 10], turn: 0, now: Self.late, random: { 4 }
      ).jobs[0]
    }
    return (file, job)
  }

  /// Claims wait for their pace, an account's rest or a connection: what was allowed at the claim may not be at the call.
  private final class SlowLog: SendClaimLog {
    let now = Mutex(late)
    func append(_ claim: SendClaim, campaigns: [CampaignNote]) async throws {
      now.withLock { $0 = $0.advanced(bySeconds: 1_200) }
    }
    func append(_ note: CampaignNote, tenant: String) async throws {}
  }

  @Test func aCallThatBeginsBehindThePersonsHoursGoesBackToTheQueue() async throws {
    let (file, log) = (try folder.tenantFile(), SlowLog())
    let runtime = try TestRuntime.open(
      file, folder, twilio: Lease.TwilioAccount(accountSID: "AC1", token: "t"), now: { log.now.withLock { $0 } },
      claims: log)
    try await file.write { db in
      try SendingNumber.reconcile(
        db, with: [SendingNumber(number: Self.number, rate: 10, warmUp: "off")], at: Self.late)
      _ = try Contact.upsert(
        db, phone: PhoneNumber(digits: 14_157_000_001)!, Contact.Values(), importID: nil, at: Self.late)
      // Until a quarter past midnight in California; the call begins five minutes later.
      var draft = Campaign.Draft(
        name: "c", body: "Hi", purpose: .informational, audience: .everyone, numbers: [Self.number])
      draft.quiet = QuietHours(start: 15, end: 480)
      _ = try Campaign.create(db, draft, actor: "t", at: Self.late)
      try db.execute(
        sql: """
          UPDATE campaigns SET state = 'running', audience_size = 1, first_job_id = 1, last_job_id = 1, frozen = 1;
          INSERT INTO campaign_counts VALUES (1, 0, 'queued', '', 1);
          INSERT INTO send_jobs (kind, campaign_id, contact_id, phone, state) VALUES ('campaign', 1, 1, 14157000001, 'queued')
          """)
    }
    for _ in 0..<2 { _ = try await runtime.takeTurn(.sending) }
    let (state, claims) = try await file.read { db in
      let row = try Row.fetchOne(db, sql: "SELECT state, claim_no FROM send_jobs")
      return (row?[0] as String?, try Int64.fetchOne(db, sql: "SELECT claim_no FROM identity"))
    }
    #expect(state == "deferred")
    #expect(claims == 1)
  }

  @Test func theValidityOfATextIsCountedFromItsCall() throws {
    let (_, claimed) = try claimed()
    var job = claimed
    job.until = Self.late.advanced(bySeconds: 600)
    let lease = Lease(
      tenant: "acme", twilio: nil, twilioAPI: "", publicURL: "", linkHosts: [], linkKeys: TestKeys.one, timeZone: "UTC")
    let clock = SlowLog()
    let call = TwilioMessage.call(
      job, lease: lease, account: Lease.TwilioAccount(accountSID: "AC1", token: "t"),
      clock: { clock.now.withLock { $0 } })
    clock.now.withLock { $0 = Self.late.advanced(bySeconds: 300) }
    #expect(String(decoding: call.bodyEnd(), as: UTF8.self) == "&ValidityPeriod=300")
  }

  @Test func aNumbersFirstTextOfADayWakesTheReaderOfPrices() async throws {
    let woken = Mutex<Set<Worker>>([])
    let file = try folder.tenantFile()
    let runtime = try TestRuntime.open(
      file, folder, twilio: Lease.TwilioAccount(accountSID: "AC1", token: "t"),
      wake: { worker in woken.withLock { _ = $0.insert(worker) } })
    try await file.write { db in
      try SendingNumber.reconcile(
        db, with: [SendingNumber(number: Self.number, rate: 10, warmUp: "off")], at: Self.late)
      _ = try Contact.upsert(
        db, phone: PhoneNumber(digits: 14_157_000_001)!, Contact.Values(), importID: nil, at: Self.late)
      _ = try DirectText.plan(
        db, .reply, to: PhoneNumber(digits: 14_157_000_001)!, from: Self.number, at: Self.late
      ) { _ in "Hi" }
    }
    _ = try await runtime.takeTurn(.sending)
    #expect(woken.withLock { $0.contains(.pricing) })
    #expect(try file.readNow { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM price_reads") } == 1)
  }

  private func sums(_ file: SQLiteFile) throws -> [Int64] {
    try file.readNow { db in
      let row = try Row.fetchOne(
        db,
        sql: """
          SELECT (SELECT sum(micros) FROM costs) AS costs, (SELECT reserved_micros FROM campaigns) AS reserved,
          (SELECT sum(cost_micros) FROM send_jobs) AS jobs
          """)!
      return [row["costs"], row["reserved"], row["jobs"]]
    }
  }

  @Test func whatABrandGetsBackGoesToTheDayItWasTakenFrom() throws {
    let (file, job) = try claimed()
    let consequences = try file.writeNow { db in
      try Settlement.settle(
        db, [Settlement(job: job, answer: .notTaken("not_begun"))], now: Self.late.advanced(bySeconds: 600))
    }
    #expect(consequences.brands == [BrandDay("agency", at: Self.late): 1])
    #expect(BrandDay("agency", at: Self.late).day == 20_261_124)
    #expect(try sums(file) == [0, 0, 0])
  }

  /// Of a campaign and number that show whether they are well again, what has not left is no sign.
  @Test(
    arguments: [
      (TwilioMessage.Answer.notTaken("not_begun"), 3, 4), (.notTaken("not_begun"), nil, nil),
      (.refused(code: 30_007, status: 400), 3, 3), (.accepted(sid: "SM1", segments: 1), 3, 3), (.unknown("lost"), 3, 3),
    ] as [(TwilioMessage.Answer, Int64?, Int64?)])
  func aProbeThatHasNotLeftIsGivenBack(_ answer: TwilioMessage.Answer, _ before: Int64?, _ after: Int64?) throws {
    let (file, job) = try claimed()
    let left = try file.writeNow { db in
      for table in ["campaigns", "sending_numbers"] {
        try db.execute(sql: "UPDATE \(table) SET probe_left = ?", arguments: [before])
      }
      _ = try Settlement.settle(db, [Settlement(job: job, answer: answer)], now: Self.late)
      return try ["campaigns", "sending_numbers"].map { table in
        try Int64.fetchOne(db, sql: "SELECT probe_left FROM \(table)")
      }
    }
    #expect(left == [after, after])
  }

  @Test func aPriceReplacesTheReservationInEverySumAndARefusedTextHasNone() throws {
    let (file, job) = try claimed()
    try file.writeNow { db in
      _ = try Settlement.settle(
        db, [Settlement(job: job, answer: .accepted(sid: "SM1", segments: 1))], now: Self.late)
      var row = try SendJob.find(db, id: job.id)!
      try row.settlePrice(db, 9_000, at: Self.late)
    }
    #expect(try sums(file) == [9_000, 9_000, 9_000])
    let (other, refused) = try SettlementTests().claimed()
    try other.writeNow { db in
      _ = try Settlement.settle(
        db, [Settlement(job: refused, answer: .refused(code: 21_211, status: 400))], now: Self.late)
      var row = try SendJob.find(db, id: refused.id)!
      try row.settlePrice(db, 9_000, at: Self.late)
    }
    #expect(try sums(other) == [0, 0, 0])
  }
}
