import GRDB
import TestKit
import Testing

@testable import TenantRuntime

/// Which try of a text counts, and whose word counts as an answer to it.
@Suite struct WhoCountsTests {
  private let folder = try! TestFolder()
  private static let number = PhoneNumber(digits: 14_155_550_100)!
  private static let phone = PhoneNumber(digits: 14_157_000_001)!
  private static let now = Moment(iso8601: "2026-11-25T18:00:00Z")!
  private static let claimedAt = now.advanced(bySeconds: -3_600)

  /// A campaign that has texted one person an hour ago.
  private func texted(_ state: SendJob.State = .delivered, atLeastOnce: Bool = false) throws -> SQLiteFile {
    let file = try folder.tenantFile()
    try file.writeNow { db in
      try SendingNumber.reconcile(
        db, with: [SendingNumber(number: Self.number, rate: 10, warmUp: "off")], at: Self.now)
      _ = try Contact.upsert(db, phone: Self.phone, Contact.Values(), importID: nil, at: Self.now)
      var draft = Campaign.Draft(
        name: "c", body: "Hi", purpose: .informational, audience: .everyone, numbers: [Self.number])
      draft.isAtLeastOnce = atLeastOnce
      _ = try Campaign.create(db, draft, actor: "t", at: Self.now)
      try db.execute(
        sql: "INSERT INTO messages (direction, phone, number, body, at) VALUES ('out', ?, ?, 'Hi', ?)",
        arguments: [Self.phone, Self.number, Self.claimedAt])
      try db.execute(
        sql: """
          INSERT INTO send_jobs (kind, campaign_id, contact_id, phone, number, state, attempt, claimed_at, message_id)
          VALUES ('campaign', 1, 1, ?, ?, 'queued', 7, ?, 1)
          """, arguments: [Self.phone, Self.number, Self.claimedAt])
      try SendJob.counted(db, campaign: 1, variant: nil, 1)
      try db.execute(sql: "UPDATE campaigns SET state = 'running', frozen = 1, first_job_id = 1, last_job_id = 1")
      var job = try SendJob.find(db, id: 1)!
      try job.move(db, to: state, at: Self.claimedAt)
    }
    return file
  }

  private func optOuts(_ db: Database) throws -> [Int64] {
    [
      try Int64.fetchOne(db, sql: "SELECT ifnull(sum(n), 0) FROM campaign_figures WHERE figure = 'opt_outs'") ?? 0,
      try Int64.fetchOne(db, sql: "SELECT ifnull(sum(opt_outs), 0) FROM breaker_minutes WHERE scope = 'campaign'") ?? 0,
      try Int64.fetchOne(db, sql: "SELECT ifnull(sum(opt_outs), 0) FROM breaker_minutes WHERE scope = 'number'") ?? 0,
      try Int64.fetchOne(db, sql: "SELECT count(*) FROM do_not_contact") ?? 0,
    ]
  }

  // MARK: Opt-outs

  @Test(
    arguments: [
      ("keyword", nil, nil, 1), ("page", nil, nil, 1), ("free_text", "user:1", "opt_out_review:1", 1),
      // An uploaded list, staff, a program of the tenant, an import, a merge: the campaign has caused none of them.
      ("api", "key:rh_1", nil, 0), ("api", "user:1", "old list", 0), ("staff", "user:1", nil, 0),
      ("import", nil, nil, 0), ("import-unreadable", nil, nil, 0), ("merge", nil, nil, 0),
      ("erasure", "user:1", nil, 0),
      ("keyword", "user:1", nil, 0),
    ] as [(String, String?, String?, Int64)])
  func onlyWhatAPersonSaysInAnswerIsAnOptOutOfTheCampaign(
    _ method: String, _ actor: String?, _ source: String?, _ credited: Int64
  ) async throws {
    let file = try texted()
    let counts = try await file.write { db in
      try Consent.apply(
        db,
        Revocation(
          phone: Self.phone, action: .optOut, method: method, evidence: "", source: source, actor: actor, at: Self.now))
      return try optOuts(db)
    }
    #expect(counts == [credited, credited, credited, 1])
  }

  @Test func anOptOutThatTheProviderKnewOfIsOneOfTheCampaignThatMetIt() async throws {
    let file = try texted()
    let counts = try await file.write { db in
      let job = try SendJob.find(db, id: 1)!
      for _ in 0..<2 {
        var effects = Effects()
        try ProviderCode.learn(db, .optedOut, code: 21_610, from: job, &effects, at: Self.now)
      }
      // What the person writes behind it is the same opt-out.
      try Consent.apply(
        db, Revocation(id: "SM1", phone: Self.phone, action: .optOut, method: "keyword", evidence: "STOP", at: Self.now)
      )
      return try optOuts(db)
    }
    #expect(counts == [1, 1, 1, 1])
  }

  // MARK: Tries

  @Test(arguments: [SuppressionRule.Kind.textedWithin, .inCampaign])
  func aFailedTryThatIsSentAgainHoldsNobodyBack(_ kind: SuppressionRule.Kind) async throws {
    let file = try texted(.failed)
    let rule = SuppressionRule(kind: kind, hours: 24, tag: nil, campaign: 1)
    let held = try await file.write { db in
      func isHeld() throws -> Bool { try rule.suppresses(db, phone: Self.phone, contact: 1, now: Self.now) }
      let before = try isHeld()
      try ResendSlice.again(db, try SendJob.find(db, id: 1)!, tries: 1)
      let planned = try isHeld()
      try db.execute(sql: "UPDATE send_jobs SET claimed_at = ? WHERE id = 2", arguments: [Self.now])
      return [before, planned, try isHeld()]
    }
    #expect(held == [true, false, true])
  }

  /// The contact's number changes, and another contact gets the one that was texted.
  @Test func whatWentToAFormerNumberWentToThePersonWhoHadIt() async throws {
    let file = try texted()
    let new = PhoneNumber(digits: 14_157_000_009)!
    try await file.write { db in
      try PersonNumber.leave(db, Self.phone, contact: 1, at: Self.now)
      try db.execute(sql: "UPDATE contacts SET phone = ? WHERE id = 1", arguments: [new])
      _ = try Contact.upsert(
        db, phone: PhoneNumber(digits: 14_157_000_010)!, Contact.Values(), importID: nil, at: Self.now)
      for kind in [SuppressionRule.Kind.textedWithin, .inCampaign] {
        let rule = SuppressionRule(kind: kind, hours: 24, tag: nil, campaign: 1)
        #expect(try rule.suppresses(db, phone: new, contact: 1, now: Self.now), "\(kind)")
        let other = PhoneNumber(digits: 14_157_000_010)!
        #expect(try !rule.suppresses(db, phone: other, contact: 2, now: Self.now), "\(kind)")
      }
      for (rule, people) in [
        (.engagement(.texted, campaign: 1), [1]), (.engagement(.delivered, campaign: 1), [1]), (.texted(days: 1), [1]),
        (.notTexted(days: 1), [2]), (.engagement(.failed, campaign: 1), []),
      ] as [(AudienceRule, [Int64])] {
        let compiled = try rule.compiled(db, now: Self.now)
        let found = try Int64.fetchAll(
          db, sql: "SELECT c.id FROM contacts c WHERE \(compiled.sql) ORDER BY c.id", arguments: compiled.arguments)
        #expect(found == people, "\(rule)")
      }
    }
  }

  @Test func anAudienceOfFailuresLooksAtTheTryThatCounts() async throws {
    let file = try texted(.failed)
    let found = try await file.write { db in
      func failed() throws -> Int64 {
        try AudienceCount.take(db, .engagement(.failed, campaign: 1), now: Self.now).count
      }
      let before = try failed()
      try ResendSlice.again(db, try SendJob.find(db, id: 1)!, tries: 1)
      let planned = try failed()
      try db.execute(sql: "UPDATE send_jobs SET state = 'undelivered' WHERE id = 2")
      return [before, planned, try failed()]
    }
    #expect(found == [1, 0, 1])
  }

  // MARK: At least once

  /// The provider's list, read while a person cancels, knows nothing of the text.
  private static func settle(_ db: Database) throws {
    let item = Reconciler.Case(
      job: try SendJob.find(db, id: 1)!, body: "Hi", claimedAt: claimedAt, checks: 1, tries: 1, service: nil)
    var effects = Effects()
    try Reconciler.settle(db, item, found: TwilioMessageList.Page(entries: [], next: nil), at: now, &effects)
  }

  @Test func aTextOfACancelledCampaignIsNotPlannedOnceMore() async throws {
    let file = try texted(.unknown, atLeastOnce: true)
    let states = try await file.write { db in
      var campaign = try Campaign.find(db, id: 1)
      try campaign.cancel(db, at: Self.now)
      try Self.settle(db)
      return try String.fetchAll(db, sql: "SELECT state FROM send_jobs ORDER BY id")
    }
    #expect(states == ["unknown"])
  }

  @Test func aCompletedCampaignIsCancelledWhileATextOfItMayGoOutOnceMore() async throws {
    let file = try texted(.unknown, atLeastOnce: true)
    let states = try await file.write { db in
      var campaign = try Campaign.find(db, id: 1)
      try campaign.complete(db, at: Self.now)
      try campaign.cancel(db, at: Self.now)
      try Self.settle(db)
      return try String.fetchAll(db, sql: "SELECT state FROM campaigns UNION ALL SELECT state FROM send_jobs")
    }
    #expect(states == ["cancelled", "unknown"])
  }

  @Test func aCompletedCampaignWhoseTextsAreSettledIsNotCancelled() async throws {
    for (state, atLeastOnce) in [(SendJob.State.delivered, true), (.unknown, false)] {
      let file = try WhoCountsTests().texted(state, atLeastOnce: atLeastOnce)
      await #expect(throws: Refusal.self) {
        try await file.write { db in
          var campaign = try Campaign.find(db, id: 1)
          try campaign.complete(db, at: Self.now)
          try campaign.cancel(db, at: Self.now)
        }
      }
    }
  }
}
