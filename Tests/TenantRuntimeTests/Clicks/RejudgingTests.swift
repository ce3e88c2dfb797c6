import GRDB
import Synchronization
import TestKit
import Testing

@testable import TenantRuntime

@Suite struct RejudgingTests {
  let folder = try! TestFolder()

  private func clicked() async throws -> ClickedCampaign {
    let clicked = try await ClickedCampaign(folder)
    try await clicked.apply(
      clicked.hit(job: 1, minute: 1), clicked.hit(job: 1, minute: 70, address: "203.0.113.1"),
      clicked.hit(job: 2, minute: 2, address: "203.0.113.1"))
    return clicked
  }

  @Test func figuresFollowBackAndForth() async throws {
    let clicked = try await clicked()
    #expect(try await clicked.campaign() == [3, 0, 0, 2])
    try clicked.list(scanners: "198.51.100.0/24")
    let done = try await clicked.rejudge()
    #expect([done["judged"]?.int, done["changed"]?.int, done["looked_at"]?.int] == [3, 1, 3])
    // The person's first click is now the later one.
    #expect(try await clicked.campaign() == [2, 1, 0, 2])
    let first = try await clicked.runtime.file.read { db in
      try Moment.fetchOne(db, sql: "SELECT clicked_at FROM send_jobs WHERE id = 1")
    }
    #expect(first == ClickedCampaign.sent.advanced(bySeconds: 4_200))
    try clicked.list(scanners: "203.0.113.0/24\n198.51.100.0/24")
    _ = try await clicked.rejudge()
    #expect(try await clicked.campaign() == [0, 3, 0, 0])
    #expect(try await clicked.differences() == [])
    try clicked.list(scanners: "")
    _ = try await clicked.rejudge()
    #expect(try await clicked.campaign() == [3, 0, 0, 2])
    #expect(try await clicked.differences() == [])
    #expect(try await clicked.rejudge()["changed"]?.int == 0)
  }

  @Test func theTimelineIsToldOfBoth() async throws {
    let clicked = try await clicked()
    try clicked.list(scanners: "198.51.100.0/24")
    _ = try await clicked.rejudge()
    try clicked.list(scanners: "")
    _ = try await clicked.rejudge()
    let events = try await clicked.runtime.file.read { db in
      try Row.fetchAll(db, sql: "SELECT * FROM events WHERE type LIKE 'click%' ORDER BY id").map(Event.json)
    }
    #expect(events.map { $0["type"]?.text } == ["clicked", "clicked", "clicked", "click_withdrawn", "clicked"])
    #expect(events[3]["data"]?["hit"]?.int == 1 && events[3]["data"]?["verdict"]?.text == "scanner")
    #expect(events[4]["data"]?["judged_again"]?.bool == true && events[4]["at"]?.text == events[0]["at"]?.text)
  }

  @Test func olderHitsAreLeftAlone() async throws {
    let clicked = try await clicked()
    try clicked.list(scanners: "0.0.0.0/0")
    let done = try await clicked.rejudge(since: ClickedCampaign.sent.advanced(bySeconds: 3_600))
    #expect([done["judged"]?.int, done["changed"]?.int] == [1, 1])
    #expect(try await clicked.campaign() == [2, 1, 0, 2])
  }

  @Test func itGoesOnBehindItsCursorAndANewOneTakesItsPlace() async throws {
    let clicked = try await ClickedCampaign(folder)
    try await clicked.apply((0..<1_200).map { clicked.hit(job: 1, minute: Double($0 % 50) + 1) })
    try clicked.list(scanners: "198.51.100.0/24")
    _ = try await clicked.runtime.transact(.worker()) { change in try Rejudging.begin(change, since: nil) }
    #expect(try await clicked.runtime.takeTurn(.rejudging) == .now)
    let half = try await clicked.runtime.file.read { db in try Rejudging.newest(db) }
    let looked = half["looked_at"]?.int ?? 0
    #expect(half["state"]?.text == "running" && (1...500).contains(looked))
    #expect(try await clicked.campaign() == [1_200 - looked, looked, 0, 1])
    #expect(try await clicked.differences() == [])
    // What comes meanwhile is judged as it comes.
    try await clicked.apply(clicked.hit(job: 2, minute: 55, address: "203.0.113.1"))
    while try await clicked.runtime.takeTurn(.rejudging) == .now {}
    #expect(try await clicked.campaign() == [1, 1_200, 0, 1])
    _ = try await clicked.runtime.transact(.worker()) { change in try Rejudging.begin(change, since: nil) }
    _ = try await clicked.rejudge()
    let states = try await clicked.runtime.file.read { db in
      try String.fetchAll(db, sql: "SELECT state FROM link_rejudgings ORDER BY id")
    }
    #expect(states == ["completed", "replaced", "completed"])
  }

  @Test func ofAnErasedPersonNothingIsLeftToJudge() async throws {
    let clicked = try await clicked()
    let contact = try await clicked.runtime.file.write { db in
      _ = try Contact.upsert(
        db, phone: PhoneNumber(digits: 14_157_000_001)!, Contact.Values(), importID: nil, at: ClickedCampaign.sent)
      return try Int64.fetchOne(db, sql: "SELECT id FROM contacts") ?? 0
    }
    try await clicked.runtime.file.write { db in
      _ = try ContactErasure.erase(db, contact: contact, at: ClickedCampaign.sent)
    }
    let done = try await clicked.rejudge()
    #expect([done["judged"]?.int, done["changed"]?.int] == [1, 0])
    #expect(try await clicked.campaign() == [3, 0, 0, 2])
    #expect(try await clicked.differences() == [])
  }

  @Test func whatIsKeptOfAnAddressMayBeTooLittleToAskAgain() async throws {
    let clicked = try await ClickedCampaign(folder)
    try await clicked.set("link_addresses", "hashed")
    try clicked.list(scanners: "198.51.100.7")
    try await clicked.apply(clicked.hit(job: 1, minute: 1), clicked.hit(job: 2, minute: 1, address: "203.0.113.1"))
    try clicked.list(scanners: "203.0.113.1")
    #expect(try await clicked.rejudge()["changed"]?.int == 0)
    #expect(try await clicked.campaign() == [1, 1, 0, 1])
  }

  @Test func oldHitsAreSweptByWholeHoursAndFiguresStay() async throws {
    let clicked = try await clicked()
    try await clicked.set("link_hit_days", 30)
    clicked.clock.now.withLock { $0 = ClickedCampaign.sent.advanced(bySeconds: 30 * 86_400 + 3_599) }
    #expect(
      try await clicked.runtime.takeTurn(.sweepingByAge)
        == .at(clicked.clock.now.withLock { $0 }.advanced(bySeconds: 86_400)))
    clicked.clock.now.withLock { $0 = ClickedCampaign.sent.advanced(bySeconds: 30 * 86_400 + 3_600) }
    while try await clicked.runtime.takeTurn(.sweepingByAge) == .now {}
    let (left, since) = try await clicked.runtime.file.read { db in
      (try Int64.fetchAll(db, sql: "SELECT id FROM link_hits"), try FiguresCheck(db).hitsSince)
    }
    // The third one came earlier, behind a later one: both of the first hour are gone.
    #expect(left == [2] && since == ClickedCampaign.sent.advanced(bySeconds: 3_600))
    #expect(try await clicked.campaign() == [3, 0, 0, 2])
    #expect(try await clicked.link(1) == [3, 0, 0, 2])
    #expect(try await clicked.differences() == [])
    // A swept first click stays the person's first.
    try clicked.list(scanners: "203.0.113.0/24")
    _ = try await clicked.rejudge()
    #expect(try await clicked.campaign() == [2, 1, 0, 2])
    #expect(try await clicked.differences() == [])
  }

  @Test(arguments: [
    (
      "UPDATE link_figures SET human = human + 1 WHERE hour = (SELECT min(hour) FROM link_figures)",
      "link_figures.human"
    ),
    ("UPDATE link_figures SET people = people - 1", "link_figures.people"),
    ("UPDATE link_figures SET first_people = 5", "link_figures.first_people"),
    ("UPDATE link_visitors SET hits = 9 WHERE visitor = 1", "link_visitors.hits"),
    ("UPDATE link_hits SET verdict = 'unknown' WHERE id = 1", "campaign_figures.unknown_clicks"),
    ("UPDATE campaign_figures SET n = 7 WHERE figure = 'people'", "campaign_figures.people"),
    ("DELETE FROM link_hits WHERE id = 3", "campaign_figures.human_clicks"),
    ("INSERT INTO link_figures VALUES (1, 0, 0, 2, 0, 0, 0)", "link_figures.bot"),
  ])
  func theCheckNamesWhatDiffers(_ sql: String, _ figure: String) async throws {
    let clicked = try await clicked()
    #expect(try await clicked.differences() == [])
    try await clicked.runtime.file.write { db in try db.execute(sql: sql) }
    #expect(try await clicked.differences().map(\.figure).contains(figure))
  }
}
