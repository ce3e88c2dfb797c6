import GRDB
import TestKit
import Testing

@testable import TenantRuntime

/// A campaign of several variants, from its draft to its figures.
@Suite struct VariantCampaignTests {
  private let folder = try! TestFolder()
  private static let now = Moment(iso8601: "2026-11-23T17:00:00Z")!
  private static let number = PhoneNumber(digits: 14_155_550_100)!
  private static let people: Int64 = 300
  private static let lease = Lease(
    tenant: "acme", twilio: Lease.TwilioAccount(accountSID: "AC1", token: "t"), twilioAPI: "", publicURL: "",
    linkHosts: ["go.acme.test"], linkKeys: TestKeys.one, timeZone: "UTC")
  private static let variants = [
    CampaignVariant(name: "Plain", body: "Sale https://shop.test/ today", weight: 2),
    CampaignVariant(name: "Names", body: "Zoë says hi {{first_name}}", weight: 1),
    CampaignVariant(name: "Wordy", body: String(repeating: "word ", count: 40) + "https://shop.test/", weight: 3),
  ]

  /// Every tenth person has no name: one of the variants cannot be written to them.
  private static func draft(_ db: Database, _ variants: [CampaignVariant] = variants) throws -> Campaign {
    try SendingNumber.reconcile(db, with: [SendingNumber(number: number, rate: 100_000, warmUp: "off")], at: now)
    for person in 0..<people {
      var values = Contact.Values()
      values.firstName = person % 10 == 0 ? nil : "P\(person)"
      _ = try Contact.upsert(
        db, phone: PhoneNumber(digits: 14_157_000_000 + person)!, values, importID: nil, at: now)
    }
    var draft = Campaign.Draft(name: "c", body: "", purpose: .informational, audience: .everyone, numbers: [number])
    draft.variants = variants
    return try Campaign.create(db, draft, actor: "t", at: now)
  }

  private func launched() async throws -> (file: SQLiteFile, runtime: Runtime) {
    let file = try folder.tenantFile()
    try await file.write { db in
      var campaign = try Self.draft(db)
      try campaign.launch(db, at: Self.now)
    }
    let runtime = try TestRuntime.open(file, folder)
    while try await runtime.takeTurn(.launching) == .now {}
    return (file, runtime)
  }

  private static func claimAll(_ db: Database) throws -> [ClaimedJob] {
    var (jobs, next): ([ClaimedJob], NextTurn) = ([], .now)
    while next == .now {
      let claim = try Claim.take(db, atMost: 200, lease: lease, turn: 0, now: now, random: { 4 })
      jobs += claim.jobs
      next = claim.next
    }
    return jobs
  }

  @Test func aPreviewSaysOfEachVariantWhatTheClaimWillDo() async throws {
    let (file, _) = try await launched()
    let campaign = try await file.read { db in try Campaign.find(db, id: 1) }
    let preview = try await CampaignPreview.take(file, campaign, lease: Self.lease, now: Self.now)
    _ = try await file.write { db in try Self.claimAll(db) }
    let rows = try file.readNow { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT variant, count(*) AS n, sum(state = 'sending') AS texted, sum(reason = 'content') AS skipped,
          sum(cost_micros) AS cost, max(segments) AS segments FROM send_jobs GROUP BY variant ORDER BY variant
          """)
    }
    let parts = preview["by_variant"]?.list ?? []
    #expect(parts.map { $0["variant"]?.text } == ["Plain", "Names", "Wordy"])
    #expect(parts.map { $0["examined"]?.int } == rows.map { $0["n"] })
    #expect(parts.map { $0["texted"]?.int } == rows.map { $0["texted"] })
    #expect(parts.map { $0["cost_micros"]?.int } == rows.map { $0["cost"] })
    #expect(parts.map { $0["segments"]?.members?.first?.0 } == ["1", "1", "2"])
    #expect(parts.map { $0["encodings"]?.members?.map(\.0) } == [["GSM-7"], ["UCS-2"], ["GSM-7"]])
    #expect(parts[1]["skipped_reasons"]?["content"]?.int == rows[1]["skipped"] && rows[1]["skipped"] as Int64 > 0)
    #expect(parts[0]["skipped_reasons"]?.members?.isEmpty == true)
    #expect(preview["cost_micros"]?.int == parts.compactMap { $0["cost_micros"]?.int }.reduce(0, +))
  }

  @Test func oneVariantsPreviewIsOfThatForEverybody() async throws {
    let (file, _) = try await launched()
    let campaign = try await file.read { db in try Campaign.find(db, id: 1) }
    let preview = try await CampaignPreview.take(file, campaign, variant: 2, lease: Self.lease, now: Self.now)
    #expect(preview["texted"]?.int == Self.people * 9 / 10 && preview["by_variant"]?.list?.count == 1)
  }

  @Test func theFrozenAudienceIsCountedByVariant() async throws {
    let (file, _) = try await launched()
    let (counted, report, check) = try await file.read { db in
      (
        try Int64.fetchAll(db, sql: "SELECT count(*) FROM send_jobs GROUP BY variant ORDER BY variant"),
        try Report.whole(db, campaign: 1), try FiguresCheck(db)
      )
    }
    #expect(counted.count == 3 && counted.reduce(0, +) == Self.people)
    #expect(report["by_variant"]?.list?.compactMap { $0["audience"]?.int } == counted)
    #expect(report["counts"]?["audience"]?.int == Self.people && check.differences == [])
  }

  @Test func aBudgetIsKeptByWhatEachVariantCosts() async throws {
    let (file, _) = try await launched()
    // Enough for some; a text of two segments that no longer fits lets one of a single segment pass.
    try await file.write { db in
      try db.execute(sql: "UPDATE campaigns SET budget_micros = ?", arguments: [8_300 * 101])
      let jobs = try Self.claimAll(db)
      let variants = try Row.fetchAll(db, sql: "SELECT variant, segments FROM send_jobs WHERE state = 'sending'")
      #expect(variants.allSatisfy { ($0["variant"] as Int64 == 3) == ($0["segments"] as Int64 == 2) })
      #expect(jobs.map(\.segments).reduce(0, +) == 101)
    }
  }

  @Test func anotherTryIsOfTheSameVariant() async throws {
    let (file, runtime) = try await launched()
    try await file.write { db in
      _ = try Self.claimAll(db)
      try db.execute(sql: "UPDATE send_jobs SET state = 'failed', reason = 'error_30003' WHERE state = 'sending'")
      var campaign = try Campaign.find(db, id: 1)
      #expect(try campaign.resend(db, at: Self.now) > 200)
    }
    while try await runtime.takeTurn(.launching) == .now {}
    let (changed, tries, report) = try await file.read { db in
      (
        try Int.fetchOne(
          db,
          sql:
            "SELECT count(*) FROM send_jobs a JOIN send_jobs b USING (campaign_id, phone) WHERE a.variant IS NOT b.variant"
        ), try Int.fetchOne(db, sql: "SELECT count(*) FROM send_jobs WHERE try = 2"),
        try Report.whole(db, campaign: 1)
      )
    }
    #expect(changed == 0 && tries! > 200)
    #expect(report["by_variant"]?.list?.compactMap { $0["audience"]?.int }.reduce(0, +) == Self.people)
  }

  @Test func clicksOfAVariantMoveWithItsVerdicts() async throws {
    let (file, runtime) = try await launched()
    try await file.write { db in _ = try Self.claimAll(db) }
    let jobs = try await file.read { db in
      try (1...3).map { variant in
        try Int64.fetchOne(
          db, sql: "SELECT min(id) FROM send_jobs WHERE variant = ? AND state = 'sending'", arguments: [variant])!
      }
    }
    for (job, link, minute) in [(jobs[0], 0, 1), (jobs[0], 0, 70), (jobs[2], 1, 2)] {
      let hit = LinkHit(
        jobID: job, link: link,
        facts: HitFacts(
          method: "GET", userAgent: ClickedCampaign.phone, address: "198.51.100.7",
          headers: ["accept": "text/html", "accept-language": "en"],
          at: Self.now.advanced(byMilliseconds: Int64(minute) * 60_000)))
      try await file.write { db in
        var effects = Effects()
        try LinkHit.apply([hit], db, Networks(), &effects)
        try effects.write(db)
      }
    }
    func clicks() async throws -> [JSON] {
      let (report, differences) = try await file.read { db in
        (try Report.whole(db, campaign: 1), try FiguresCheck(db).differences)
      }
      #expect(differences == [])
      return report["by_variant"]?.list?.compactMap { $0["clicks"] } ?? []
    }
    let none: JSON = ["human": 0, "bot": 0, "people": 0]
    #expect(
      try await clicks() == [
        ["human": 2, "bot": 0, "people": 1], none, ["human": 1, "bot": 0, "people": 1],
      ])
    runtime.dependencies.networks.replace(Networks(scanners: try NetworkList(text: "198.51.100.0/24")))
    _ = try await runtime.transact(.worker()) { change in
      try Rejudging.begin(change, since: Self.now.advanced(bySeconds: 90))
    }
    while try await runtime.takeTurn(.rejudging) == .now {}
    #expect(
      try await clicks() == [["human": 1, "bot": 1, "people": 1], none, ["human": 0, "bot": 1, "people": 0]])
  }

  @Test(arguments: [
    (
      "UPDATE campaign_figures SET variant = 5 WHERE figure = 'cost_micros' AND variant = 1",
      "campaign_figures.cost_micros"
    ),
    (
      "UPDATE campaign_figures SET variant = 0 WHERE figure = 'cost_micros' AND variant = 3",
      "campaign_figures.cost_micros"
    ),
    ("UPDATE campaign_counts SET n = n + CASE variant WHEN 1 THEN 1 WHEN 3 THEN -1 ELSE 0 END", "campaign_counts"),
    ("UPDATE send_jobs SET variant = 3 WHERE variant = 1 AND id < 50", "campaign_counts"),
  ])
  func theCheckNamesAFigureInTheWrongVariant(_ sql: String, _ figure: String) async throws {
    let (file, _) = try await launched()
    let differences = try await file.write { db in
      _ = try Self.claimAll(db)
      #expect(try FiguresCheck(db).differences == [])
      try db.execute(sql: sql)
      return try FiguresCheck(db).differences
    }
    #expect(differences.contains { $0.figure == figure })
  }

  @Test func aDraftsLinksFollowItsVariants() async throws {
    let file = try folder.tenantFile()
    try await file.write { db in
      var campaign = try Self.draft(db)
      func links() throws -> [String] {
        try String.fetchAll(
          db,
          sql:
            "SELECT id || ' ' || number || ' ' || ifnull(variant, '-') || ' ' || target FROM short_links ORDER BY number"
        )
      }
      #expect(try links() == ["1 0 1 https://shop.test/", "2 1 3 https://shop.test/"])
      // A test was opened; its hit goes with the link.
      try db.execute(
        sql: """
          INSERT INTO link_hits (at, short_link_id, verdict, reasons, method, address, is_secure, is_complete, recipients, rules)
          VALUES (0, 2, 'human', '', 'GET', '', 0, 1, 1, 1)
          """)
      var effects = Effects()
      func rewrite(_ variants: [CampaignVariant]) throws {
        var draft = campaign.draft
        draft.variants = variants
        try campaign.rewrite(db, draft, actor: "t", at: Self.now, &effects)
      }
      let other = [Self.variants[0], CampaignVariant(name: "B", body: "https://shop.test/b")]
      try rewrite(other)
      #expect(try links() == ["1 0 1 https://shop.test/", "3 1 2 https://shop.test/b"])
      #expect(try effects.linksChanged && Int.fetchOne(db, sql: "SELECT count(*) FROM link_hits") == 0)
      try rewrite([])
      #expect(try links() == ["4 0 - https://shop.test/"])
      #expect(try Campaign.find(db, id: 1).body == Self.variants[0].body && Campaign.find(db, id: 1).variants == [])
      try campaign.launch(db, at: Self.now)
      #expect(throws: Refusal.self) {
        try rewrite(other)
      }
    }
  }

  @Test func aLinkSaysWhoseTextItIsIn() async throws {
    let (file, _) = try await launched()
    try await file.write { db in
      _ = try Self.claimAll(db)
      try db.execute(sql: #"INSERT INTO settings VALUES ('utm', '{"source":"sms"}')"#)
      for (variant, number, content) in [(1, 0, "plain"), (3, 1, "wordy")] {
        let job = try Int64.fetchOne(
          db, sql: "SELECT min(id) FROM send_jobs WHERE variant = ? AND state = 'sending'", arguments: [variant])!
        let open = try ShortLink.resolve(db, .link(job: job, number: number), at: Self.now)
        #expect(
          open
            == .open(
              OpenLink(
                target: "https://shop.test/?utm_source=sms&utm_campaign=c&utm_content=\(content)", isPersonal: false)))
      }
      #expect(try ShortLink.find(db, id: 2).variant == "Wordy")
    }
  }
}
