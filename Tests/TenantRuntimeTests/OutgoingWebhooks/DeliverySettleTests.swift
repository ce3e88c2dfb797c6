import GRDB
import TestKit
import Testing

@testable import TenantRuntime

/// What follows from an outcome, with a clock of the test's own.
@Suite struct DeliverySettleTests {
  let folder = try! TestFolder()
  let start = Moment(milliseconds: 1_800_000_000_000)
  private static let hour: Int64 = 3_600

  private struct Scene {
    let db: Database
    let start: Moment

    init(_ db: Database, _ start: Moment) throws {
      (self.db, self.start) = (db, start)
      _ = try WebhookEndpoint.create(
        db, WebhookEndpoint.Draft(url: "https://example.com/"), secret: "s", actor: "t", at: start)
    }

    func event(_ phone: Int64? = nil) throws {
      try Event.append(db, .sent, at: start, phone: phone.flatMap { PhoneNumber(digits: $0) })
    }

    /// The outcome of outbox row `row`, so many seconds after the start.
    func settle(_ row: Int64, _ outcome: Delivery.Outcome, after seconds: Int64, kind: Delivery.Kind = .event) throws {
      let now = start.advanced(bySeconds: seconds)
      let message = WebhookMessage(id: "evt_\(row)", type: "sent", eventID: row, at: now, tenant: "acme", data: nil)
      let delivery = Delivery(
        kind: kind, endpoint: 1, url: "", secrets: [], message: message, outboxID: kind == .event ? row : nil,
        attempt: 1)
      var result = Delivery.Result(delivery: delivery, key: "k", at: now)
      result.outcome = outcome
      result.error = "answered 500"
      try result.settle(db, now: now, random: 0)
    }

    func endpoint(after seconds: Int64 = 0) throws -> WebhookEndpoint {
      try WebhookEndpoint.find(db, id: 1, now: start.advanced(bySeconds: seconds))
    }

    var waiting: [Int64] { get throws { try Int64.fetchAll(db, sql: "SELECT id FROM outbox ORDER BY id") } }
    var outcomes: [String] {
      get throws { try String.fetchAll(db, sql: "SELECT outcome FROM webhook_deliveries ORDER BY no") }
    }
  }

  @Test func anEndpointThatTakesNothingForADayDisablesItselfAndAllItsEventsWait() throws {
    try folder.tenantFile().writeNow { db in
      let scene = try Scene(db, start)
      try scene.event()
      try scene.settle(1, .failed, after: 0)
      try scene.settle(1, .failed, after: 24 * Self.hour - 1)
      #expect(try scene.endpoint().isEnabled)
      try scene.settle(1, .failed, after: 24 * Self.hour)
      #expect(try !scene.endpoint().isEnabled)
      // The event that tells it is not for the endpoint itself.
      #expect(try scene.waiting == [1])
      #expect(try String.fetchOne(db, sql: "SELECT action FROM audit_log") == "webhook_endpoint.disable")
      #expect(try String.fetchOne(db, sql: "SELECT max(type) FROM events") == "webhook_endpoint_disabled")
      // Those in flight meanwhile tell nothing twice.
      try scene.settle(1, .failed, after: 24 * Self.hour + 1)
      #expect(try Int.fetchOne(db, sql: "SELECT count(*) FROM audit_log") == 1)
    }
  }

  @Test func aHundredFailuresInARowAreEnoughOnceAnHourHasPassed() throws {
    try folder.tenantFile().writeNow { db in
      let scene = try Scene(db, start)
      try scene.event()
      for _ in 0..<150 { try scene.settle(1, .failed, after: 0) }
      #expect(try scene.endpoint().isEnabled)
      try scene.settle(1, .failed, after: Self.hour)
      #expect(try !scene.endpoint().isEnabled)
    }
  }

  @Test func oneSuccessBeginsTheCountAnew() throws {
    try folder.tenantFile().writeNow { db in
      let scene = try Scene(db, start)
      try scene.event()
      try scene.event()
      for _ in 0..<99 { try scene.settle(1, .failed, after: 0) }
      try scene.settle(2, .delivered, after: Self.hour)
      try scene.settle(1, .failed, after: 2 * Self.hour)
      #expect(try scene.endpoint().isEnabled)
      #expect(try scene.endpoint().failures == 1)
    }
  }

  @Test func anEventThatAWorkingEndpointDoesNotTakeIsGivenUpAfterADayAndTheNextOfThePersonGoes() throws {
    try folder.tenantFile().writeNow { db in
      let scene = try Scene(db, start)
      try scene.event(14_157_000_001)
      try scene.event(14_157_000_001)
      try scene.event(14_157_000_002)
      try scene.settle(1, .failed, after: 0)
      try scene.settle(3, .delivered, after: 10)
      try scene.settle(1, .failed, after: 12 * Self.hour)
      #expect(try scene.waiting == [1, 2])
      try scene.settle(1, .failed, after: 24 * Self.hour)
      #expect(try scene.waiting == [2])
      #expect(try scene.outcomes == ["failed", "delivered", "failed", "given_up"])
      #expect(try Outbox.next(db, endpoint: 1, atMost: 5).map { $0["id"] as Int64 } == [2])
      #expect(try scene.endpoint().isEnabled)
    }
  }

  @Test func anEndpointThatIsDownIsAskedWithPausesAndOnceItAnswersNothingWaitsLonger() throws {
    try folder.tenantFile().writeNow { db in
      let scene = try Scene(db, start)
      for _ in 0..<3 { try scene.event() }
      let moment = start.advanced(bySeconds: 100)
      for _ in 0..<9 { try scene.settle(1, .failed, after: 100) }
      #expect(try scene.endpoint().pausedUntil(moment) == nil)
      try scene.settle(2, .failed, after: 100)
      #expect(try scene.endpoint().pausedUntil(moment) == start.advanced(bySeconds: 105))
      for _ in 0..<20 { try scene.settle(2, .failed, after: 100) }
      #expect(try scene.endpoint().pausedUntil(moment) == start.advanced(bySeconds: 160))
      // A clock that was set back by a month: nothing waits for it to come there again.
      let back = start.advanced(bySeconds: -30 * 86_400)
      #expect(try scene.endpoint().pausedUntil(back) == back)
      try scene.settle(3, .delivered, after: 200)
      #expect(try scene.endpoint().pausedUntil(moment) == nil)
      let due = try Outbox.next(db, endpoint: 1, atMost: 5).map { $0["due_at"] as Moment }
      #expect(due.count == 2 && due.allSatisfy { $0 <= start.advanced(bySeconds: 200) })
    }
  }

  @Test func testsAndRedeliveriesDoNotCountAgainstAnEndpoint() throws {
    try folder.tenantFile().writeNow { db in
      let scene = try Scene(db, start)
      try scene.event()
      try scene.settle(1, .failed, after: 0, kind: .redelivery)
      try scene.settle(1, .failed, after: 0, kind: .test)
      #expect(try scene.endpoint().failures == 0)
      #expect(try scene.waiting == [1])
      try scene.settle(1, .delivered, after: 0, kind: .redelivery)
      #expect(try scene.waiting == [])
    }
  }

  @Test func enablingGivesWhatWaitedItsTimeAgain() throws {
    try folder.tenantFile().writeNow { db in
      let scene = try Scene(db, start)
      try scene.event()
      try scene.event()
      for hours in [0, 24] as [Int64] { try scene.settle(1, .failed, after: hours * Self.hour) }
      let late = start.advanced(bySeconds: 40 * Self.hour)
      try WebhookEndpoint.enable(db, id: 1, at: late)
      #expect(try Outbox.next(db, endpoint: 1, atMost: 5).allSatisfy { ($0["due_at"] as Moment) <= late })
      try scene.settle(2, .delivered, after: 40 * Self.hour + 1)
      try scene.settle(1, .failed, after: 40 * Self.hour + 2)
      #expect(try scene.waiting.contains(1))
    }
  }

  @Test func nothingOfAnErasedPersonComesBackWithTheLog() throws {
    try folder.tenantFile().writeNow { db in
      let scene = try Scene(db, start)
      try scene.event(14_157_000_001)
      try db.execute(sql: "DELETE FROM events; DELETE FROM outbox")
      try scene.settle(1, .failed, after: 0)
      let row = try #require(try Row.fetchOne(db, sql: "SELECT * FROM webhook_deliveries"))
      #expect(row["request_body"] == "")
      #expect(row["phone"] == nil as Int64?)
    }
  }
}
