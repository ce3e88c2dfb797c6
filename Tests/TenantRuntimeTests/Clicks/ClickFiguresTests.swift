import GRDB
import TestKit
import Testing

@testable import TenantRuntime

@Suite struct ClickFiguresTests {
  let folder = try! TestFolder()

  @Test func eachVerdictIsCountedApartAndPeopleOnce() async throws {
    let clicked = try await ClickedCampaign(folder)
    try await clicked.apply(
      clicked.hit(job: 1, minute: 1), clicked.hit(job: 1, minute: 2), clicked.hit(job: 1, link: 1, minute: 3),
      clicked.hit(job: 2, minute: 130), clicked.hit(job: 1, minute: 131),
      clicked.hit(job: 3, minute: 5, agent: "curl/8"),
      clicked.hit(job: 3, minute: 5, agent: "WhatsApp/2.23"), clicked.hit(job: 3, minute: 0.05),
      clicked.hit(job: 3, minute: 6, method: "HEAD"))
    #expect(try await clicked.campaign() == [5, 2, 1, 2])
    #expect(try await clicked.link(1) == [4, 2, 1, 2])
    #expect(try await clicked.link(2) == [1, 0, 0, 1])
    let hours = try await clicked.runtime.file.read { db in try ClickReport.whole(db, link: 1) }["by_hour"]?.list ?? []
    #expect(hours.map { $0["human_clicks"]?.int } == [2, 2])
    // The first person came again in the third hour: one of two there.
    #expect(hours.map { $0["people"]?.int } == [1, 2])
    #expect(try await clicked.differences() == [])
  }

  @Test func soonAfterTheSendingNobodyIsSurelyAPerson() async throws {
    let clicked = try await ClickedCampaign(folder)
    try await clicked.apply(clicked.hit(job: 1, minute: 4.9 / 60), clicked.hit(job: 2, minute: 5.1 / 60))
    #expect(try await clicked.campaign() == [1, 0, 1, 1])
    // Delivered late: the time of the delivery counts as well.
    try await clicked.runtime.file.write { db in
      try db.execute(
        sql: "UPDATE send_jobs SET state = 'delivered', finished_at = ? WHERE id = 3",
        arguments: [ClickedCampaign.sent.advanced(bySeconds: 600)])
    }
    try await clicked.apply(clicked.hit(job: 3, minute: 10.05), clicked.hit(job: 3, minute: 11))
    #expect(try await clicked.campaign() == [2, 0, 2, 2])
  }

  @Test func aHitOutOfOrderMovesTheFirstClick() async throws {
    let clicked = try await ClickedCampaign(folder)
    try await clicked.apply(clicked.hit(job: 1, minute: 130), clicked.hit(job: 1, minute: 10))
    let (first, figures) = try await clicked.runtime.file.read { db in
      (
        try Moment.fetchOne(db, sql: "SELECT clicked_at FROM send_jobs WHERE id = 1"),
        try Row.fetchAll(db, sql: "SELECT first_people FROM link_figures ORDER BY hour").map { $0[0] as Int }
      )
    }
    #expect(first == ClickedCampaign.sent.advanced(bySeconds: 600))
    #expect(figures == [1, 0])
    #expect(try await clicked.differences() == [])
  }

  @Test func aHitOfNoTextCountsForItsLinkAlone() async throws {
    let clicked = try await ClickedCampaign(folder)
    try await clicked.runtime.file.write { db in
      try db.execute(
        sql: """
          INSERT INTO short_links (id, code, target, created_by, created_at, updated_at) VALUES (50, 77, 'https://a.test', 't', 0, 0)
          """)
    }
    try await clicked.apply(
      clicked.hit(job: nil, link: 77, minute: 1), clicked.hit(job: nil, link: 77, minute: 2, address: "198.51.100.8"),
      clicked.hit(job: nil, link: 77, minute: 2, address: "198.51.101.7"),
      clicked.hit(job: nil, link: 77, minute: 3, agent: "curl/8"),
      clicked.hit(job: nil, link: 99, minute: 3))
    // Of a truncated address neighbours are one.
    #expect(try await clicked.link(50) == [3, 1, 0, 2])
    #expect(try await clicked.campaign() == [0, 0, 0, 0])
    #expect(try await clicked.differences() == [])
    let clicks = try await clicked.runtime.file.read { db in
      try Int.fetchOne(db, sql: "SELECT count(*) FROM events WHERE type = 'clicked'")
    }
    #expect(clicks == 0)
  }

  @Test func testsAreKeptAndCountNothing() async throws {
    let clicked = try await ClickedCampaign(folder)
    try await clicked.runtime.file.write { db in
      try db.execute(sql: "UPDATE send_jobs SET kind = 'test', campaign_id = NULL, test_of = 1 WHERE id = 1")
    }
    try await clicked.apply(clicked.hit(job: 1, minute: 1))
    #expect(try await clicked.link(1) == [0, 0, 0, 0])
    let kept = try await clicked.runtime.file.read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM link_hits") }
    #expect(kept == 1)
    #expect(try await clicked.differences() == [])
  }

  @Test(
    arguments: [
      (JSON?.none, "198.51.100.0/24"), (.some("full"), "198.51.100.7"), (.some("truncated"), "198.51.100.0/24"),
      (.some("hashed"), nil),
    ] as [(JSON?, String?)])
  func anAddressIsKeptAsTheTenantSays(_ setting: JSON?, _ kept: String?) async throws {
    let clicked = try await ClickedCampaign(folder)
    if let setting { try await clicked.set("link_addresses", setting) }
    try await clicked.apply(clicked.hit(job: 1, minute: 1))
    let (address, key) = try await clicked.runtime.file.read { db in
      (try String.fetchOne(db, sql: "SELECT address FROM link_hits"), try Identity.hashKey(db))
    }
    let hash = AddressPrivacy.hashed.kept(IPAddress("198.51.100.7"), key: key)
    #expect(address == kept ?? hash && hash.count == 16)
  }

  /// Whatever comes, in whatever order, and however often it is judged again: sums and rows agree, and people are who they are.
  @Test(arguments: 0..<6) func figuresAgreeWithTheRowsWhateverComes(_ seed: UInt64) async throws {
    let clicked = try await ClickedCampaign(folder, people: 4)
    try await clicked.set("link_addresses", "full")
    var random = Seeded(state: seed &* 7_919 &+ 1)
    for _ in 0..<4 {
      try clicked.list(scanners: "198.51.100.\(random.next() % 4)\n")
      let hits = (0..<60).map { _ -> LinkHit in
        let standalone = random.next() % 5 == 0
        return clicked.hit(
          job: standalone ? nil : Int64(random.next() % 4) + 1, link: Int(random.next() % 2) + (standalone ? 1 : 0),
          minute: Double(random.next() % 300), agent: random.next() % 4 == 0 ? "curl/8" : ClickedCampaign.phone,
          method: random.next() % 9 == 0 ? "HEAD" : "GET", address: "198.51.100.\(random.next() % 4)",
          near: Int(random.next() % 4) + 1)
      }
      try await clicked.apply(hits)
      #expect(try await clicked.differences() == [])
      _ = try await clicked.rejudge()
      #expect(try await clicked.differences() == [])
      let people = try await clicked.runtime.file.read { db in
        try Int64.fetchAll(
          db,
          sql: """
            SELECT count(DISTINCT send_job_id) FROM link_hits WHERE verdict = 'human' AND method <> 'HEAD' AND send_job_id IS NOT NULL
            UNION ALL SELECT count(DISTINCT ifnull(send_job_id, address)) FROM link_hits
            WHERE short_link_id = 1 AND verdict = 'human' AND method <> 'HEAD'
            """)
      }
      #expect(try await [clicked.campaign()[3], clicked.link(1)[3]] == people)
    }
  }

  private struct Seeded: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 33
    }
  }
}
