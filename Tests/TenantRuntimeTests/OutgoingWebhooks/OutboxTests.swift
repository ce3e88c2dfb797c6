import GRDB
import TestKit
import Testing

@testable import TenantRuntime

@Suite struct OutboxTests {
  let folder = try! TestFolder()
  let ada = PhoneNumber(digits: 14_158_675_309)!
  let bob = PhoneNumber(digits: 14_158_675_310)!
  let now = Moment(milliseconds: 1_800_000_000_000)

  private func endpoint(_ db: Database, _ events: [String]? = nil) throws -> Int64 {
    let draft = WebhookEndpoint.Draft(url: "https://example.com/", events: events)
    return try WebhookEndpoint.create(db, draft, secret: "whsec_1", actor: "t", at: now)["id"]
  }

  private func due(_ db: Database, _ endpoint: Int64) throws -> [Int64] {
    try Outbox.next(db, endpoint: endpoint, atMost: 10).map { $0["id"] }
  }

  @Test func anEventIsQueuedInItsOwnTransactionForThoseWhoWantIt() throws {
    try folder.tenantFile().writeNow { db in
      try Event.append(db, .sent, at: now, phone: ada)
      let (all, some) = (try endpoint(db), try endpoint(db, ["opted_out", "clicked"]))
      try Event.append(db, .optedOut, at: now, phone: ada)
      try Event.append(db, .sent, at: now, phone: bob)
      #expect(try due(db, all) == [2, 3])
      #expect(try due(db, some) == [2])
      try WebhookEndpoint.disable(db, id: all, reason: "t")
      try Event.append(db, .clicked, at: now, phone: bob)
      #expect(try due(db, all) == [2, 3])
      #expect(try due(db, some) == [2, 4])
    }
  }

  @Test func ofOnePersonOnlyTheFirstIsDueAndTheNextFollowsIt() throws {
    try folder.tenantFile().writeNow { db in
      let id = try endpoint(db)
      for phone in [ada, bob, ada, ada, nil, nil] { try Event.append(db, .sent, at: now, phone: phone) }
      #expect(try due(db, id) == [1, 2, 5, 6])
      try Outbox.remove(db, id: 1, at: now)
      #expect(try due(db, id) == [2, 3, 5, 6])
      // One from the middle, by a redelivery: the first stays the first.
      try Outbox.remove(db, id: 4, at: now)
      #expect(try due(db, id) == [2, 3, 5, 6])
    }
  }

  @Test func waitsGrowToAnHourAndAreSpread() {
    for (attempts, seconds) in [(1, 5), (2, 10), (3, 20), (10, 2560), (11, 3600), (99, 3600)] as [(Int64, Int64)] {
      for random in [0, 77, UInt64.max / 2, .max] {
        let wait = Delivery.Result.wait(attempts: attempts, random)
        #expect((seconds * 800...seconds * 1200).contains(wait), "\(attempts): \(wait)")
      }
    }
  }

  @Test func theLogKeepsTheLastThousandAndADeletedEndpointLeavesNothing() throws {
    try folder.tenantFile().writeNow { db in
      let id = try endpoint(db)
      let delivery = Delivery(
        kind: .test, endpoint: id, url: "", secrets: [],
        message: .test(tenant: "acme", at: now, random: 1), outboxID: nil, attempt: 1)
      for _ in 0..<1_010 { try Delivery.Result(delivery: delivery, key: "k", at: now).log(db, outcome: "failed") }
      let kept = try Row.fetchOne(db, sql: "SELECT count(*) AS n, min(no) AS first FROM webhook_deliveries")
      #expect(kept?["n"] == 1_000)
      #expect(kept?["first"] == 11)
      try Event.append(db, .sent, at: now, phone: ada)
      try WebhookEndpoint.delete(db, id: id)
      while try Outbox.sweep(db, now: now) {}
      for table in ["webhook_endpoints", "webhook_deliveries", "outbox"] {
        #expect(try Int.fetchOne(db, sql: "SELECT count(*) FROM \(table)") == 0, "\(table)")
      }
    }
  }

  /// A file from a backup, or a copy to look at, is fenced: nobody is told anything before a person says so.
  @Test func aFencedFileTellsNobody() async throws {
    let file = try folder.tenantFile()
    let (ada, now) = (ada, now)
    // A clock that stands: on a busy machine the second attempt would fall due within the turn.
    let runtime = try TestRuntime.open(file, folder, now: { now })
    try await file.write { db in
      let draft = WebhookEndpoint.Draft(url: "http://10.0.0.1/")
      _ = try WebhookEndpoint.create(db, draft, secret: "s", actor: "t", at: now)
      try Event.append(db, .sent, at: Moment(milliseconds: 1), phone: ada)
      try Identity.fence(db, reason: "a copy")
    }
    let log = "SELECT error FROM webhook_deliveries"
    #expect(try await runtime.takeTurn(.deliveries) == .whenNudged)
    #expect(try await file.read { db in try String.fetchAll(db, sql: log) } == [])
    try await file.write { db in try Identity.fence(db, reason: nil) }
    // That address is never called; the attempt says so, and is made again later.
    #expect(try await runtime.takeTurn(.deliveries) != .whenNudged)
    let errors = try await file.read { db in try String.fetchAll(db, sql: log) }
    #expect(errors == ["not sent: the URL leads to an address that is not public (private)"])
  }

  @Test func anEventOfAnotherTimeHasAnotherIdThoughTheNumberIsTheSame() throws {
    let ids = try [now, now.advanced(byMilliseconds: 1)].map { at in
      try TestFolder().tenantFile().writeNow { db in
        try Event.append(db, .sent, at: at, phone: ada)
        return WebhookMessage(event: try #require(try Row.fetchOne(db, sql: "SELECT * FROM events")), tenant: "acme").id
      }
    }
    #expect(Set(ids).count == 2)
    #expect(ids.allSatisfy { $0.hasPrefix("evt_1_") })
  }
}
