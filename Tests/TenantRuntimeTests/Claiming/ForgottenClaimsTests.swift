import GRDB
import TestKit
import Testing

@testable import TenantRuntime

/// What claims say of a file that was put back is laid on the jobs they were made for, whatever ids those have here.
@Suite struct ForgottenClaimsTests {
  private let folder = try! TestFolder()
  private static let number = PhoneNumber(digits: 14_155_550_100)!
  private static let at = Moment(milliseconds: 1_800_000_000_000)

  private static func phone(_ n: Int64) -> PhoneNumber { PhoneNumber(digits: 14_157_000_000 + n)! }

  /// A campaign of four that are queued under the ids 1 to 4.
  private func frozen() throws -> SQLiteFile {
    let file = try folder.tenantFile()
    try file.writeNow { db in
      try SendingNumber.reconcile(db, with: [SendingNumber(number: Self.number, rate: 10)], at: Self.at)
      _ = try Campaign.create(
        db,
        Campaign.Draft(name: "c", body: "Hi", purpose: .informational, audience: .everyone, numbers: [Self.number]),
        actor: "t", at: Self.at)
      for n in Int64(1)...4 {
        try db.execute(
          sql: "INSERT INTO send_jobs (kind, campaign_id, phone, state) VALUES ('campaign', 1, ?, 'queued')",
          arguments: [Self.phone(n)])
      }
      try db.execute(
        sql: """
          UPDATE campaigns SET state = 'running', audience_size = 4, first_job_id = 1, last_job_id = 4;
          INSERT INTO campaign_counts VALUES (1, 0, 'queued', '', 4)
          """)
    }
    return file
  }

  private static func claim(_ number: Int64, _ texts: [(job: Int64, campaign: Int64?, phone: Int64)]) -> SendClaim {
    SendClaim(
      tenant: "acme", epoch: 1, number: number, at: at, day: 20_270_115, highestCampaignID: 1,
      texts: texts.map {
        .init(
          job: $0.job, attempt: 7, kind: $0.campaign == nil ? .reply : .campaign, campaign: $0.campaign,
          phone: phone($0.phone), tries: 1, variant: nil, number: Self.number, segments: 1, cost: 100)
      })
  }

  private func states(_ file: SQLiteFile) throws -> [String] {
    try file.readNow { db in
      try String.fetchAll(db, sql: "SELECT (phone % 100) || ' ' || state FROM send_jobs ORDER BY id")
    }
  }

  /// A file whose campaign stands at one launch, and what is noted of that launch, an earlier or a later one.
  @Test func whatIsNotedOfALaunchHoldsUpThatOneAndEarlierOnes() throws {
    let file = try frozen()
    for launches in Int64(1)...3 {
      for noted in [nil, 1, 2, 3] as [Int64?] {
        for state in CampaignState.allCases {
          let note = CampaignNote(id: 1, state: state, launch: noted, at: Self.at)
          let isHeld = try file.writeNow { db in
            try db.execute(
              sql: "UPDATE campaigns SET state = 'scheduled', moved_on = 0, launches = ?", arguments: [launches])
            try ForgottenClaims(claims: [], notes: [note]).markStopped(db, now: Self.at)
            return try Bool.fetchOne(db, sql: "SELECT moved_on FROM campaigns") ?? false
          }
          let isOlder = launches < noted ?? launches
          let isOfThisLaunch = launches <= noted ?? launches
          #expect(
            isHeld == (isOlder || CampaignNote.stops.contains(state) && isOfThisLaunch),
            "\(launches) launches, noted \(state) of \(noted ?? 0)")
        }
      }
    }
  }

  @Test func aCancellationBehindTheEndHoldsAndALowerLimitIsWrittenDown() throws {
    let file = try frozen()
    let notes = [
      CampaignNote(id: 1, state: .cancelled, budget: 5, at: Self.at),
      CampaignNote(id: CampaignNote.dailyBudget, budget: 7, at: Self.at),
    ]
    try file.writeNow { db in
      try db.execute(
        sql: "UPDATE campaigns SET state = 'completed', at_least_once = 1; INSERT INTO budgets VALUES (1, 9, NULL)")
      for _ in 0..<2 { try ForgottenClaims(claims: [], notes: notes).markStopped(db, now: Self.at) }
      #expect(try String.fetchOne(db, sql: "SELECT state FROM campaigns") == "cancelled")
      #expect(try Int64.fetchOne(db, sql: "SELECT daily_micros FROM budgets") == 7)
      let rows = try String.fetchAll(db, sql: "SELECT action FROM audit_log WHERE actor = 'restore' ORDER BY id")
      #expect(rows == ["campaign.cancel", "budget.edit"])
      // Ids go on above what is noted.
      let note = CampaignNote(id: 40, budget: 1, at: Self.at)
      try ForgottenClaims(claims: [], notes: [note]).markStopped(db, now: Self.at)
      let next = try Campaign.create(db, Campaign.Draft(name: "next"), actor: "t", at: Self.at)
      #expect(next.id == 41)
    }
  }

  /// Somebody was texted, their text failed and was sent again, and then they were erased: a copy from before the second try is put back.
  @Test func aClaimBringsNoNumberBackThatWasErasedSinceAndCountsItsPersonOnce() throws {
    let file = try frozen()
    var claim = Self.claim(9, [(9, 1, 2), (3, 1, 3)])
    claim.texts[0].tries = 2
    try file.writeNow { db in
      try db.execute(
        sql: "UPDATE send_jobs SET state = 'failed', reason = 'error_30003', phone = ? WHERE id = 2",
        arguments: [SendJob.erasedPhones + 2])
      try db.execute(
        sql: "INSERT INTO erased_numbers (hash, since) VALUES (?, ?)",
        arguments: [
          ErasedNumbers.hash(Self.phone(2), try ErasedNumbers.key(db)), Self.at.advanced(bySeconds: 60),
        ])
      try ForgottenClaims(claims: [claim], notes: []).mark(db, now: Self.at.advanced(bySeconds: 120))
      for table in ["send_jobs", "events"] {
        let found = try Int.fetchOne(
          db, sql: "SELECT count(*) FROM \(table) WHERE phone = ?", arguments: [Self.phone(2)])
        #expect(found == 0, "\(table)")
      }
      let known = try Row.fetchOne(db, sql: "SELECT phone, state, superseded, try FROM send_jobs WHERE id = 9")
      #expect(known?["phone"] == SendJob.erasedPhones + 9 && known?["state"] == "unknown" && known?["superseded"] == 1)
      let counted = try Int.fetchOne(db, sql: "SELECT count(*) FROM send_jobs WHERE superseded = 0")
      #expect(try counted == 4 && Int.fetchOne(db, sql: "SELECT audience_size FROM campaigns") == 4)
      #expect(try Int.fetchOne(db, sql: "SELECT sum(n) FROM campaign_counts") == 4)
    }
  }

  @Test func anotherHistorysIdsAreNotTheseJobs() throws {
    let file = try frozen()
    // The same ids were given once more, to the fourth, to somebody who is not in it, and to a reply.
    let claims = [Self.claim(9, [(1, 1, 4), (2, 1, 5), (3, nil, 6)])]
    try file.writeNow { db in try ForgottenClaims(claims: claims, notes: []).mark(db, now: Self.at) }
    let states = try states(file)
    #expect(states == ["1 queued", "2 queued", "3 queued", "4 unknown", "5 unknown", "6 unknown"])
    let (size, first, last) = try file.readNow { db in
      let row = try Row.fetchOne(db, sql: "SELECT audience_size, first_job_id, last_job_id FROM campaigns")
      return (row?[0] as Int64?, row?[1] as Int64?, row?[2] as Int64?)
    }
    #expect(size == 5 && first == 1 && last == 5)
  }

  @Test func twoHistoriesOfOneIdAreBothMarked() throws {
    let file = try frozen()
    let claims = [Self.claim(8, [(2, 1, 2)]), Self.claim(9, [(2, 1, 3)]), Self.claim(10, [(2, 1, 2)])]
    try file.writeNow { db in try ForgottenClaims(claims: claims, notes: []).mark(db, now: Self.at) }
    let states = try states(file)
    #expect(states == ["1 queued", "2 unknown", "3 unknown", "4 queued"])
    #expect(
      try file.readNow { db in try Int64.fetchAll(db, sql: "SELECT claim_no FROM send_jobs WHERE id IN (2, 3)") }
        == [10, 9])
  }
}
