import Foundation
import GRDB
import TestKit
import Testing

@testable import TenantRuntime

/// Which days a report is about, and on which day something counts.
@Suite struct ReportPeriodTests {
  private static let today = DayNumber(number: 2026_11_30)

  struct Case: Sendable, CustomTestStringConvertible {
    let from: String?
    let to: String?
    /// First day and how many, or the fields that are wrong.
    let first: String?
    var count = 0
    var wrong: [String] = []

    var testDescription: String { "\(from ?? "-") to \(to ?? "-")" }
  }

  private static let cases = [
    Case(from: nil, to: nil, first: "2026-11-01", count: 30),
    Case(from: "2026-11-30", to: nil, first: "2026-11-30", count: 1),
    Case(from: nil, to: "2026-03-01", first: "2026-01-31", count: 30),
    Case(from: "2026-02-27", to: "2026-03-01", first: "2026-02-27", count: 3),
    Case(from: "2024-02-27", to: "2024-03-01", first: "2024-02-27", count: 4),
    Case(from: "2026-12-24", to: nil, first: "2026-12-24", count: 1),
    Case(from: "2025-10-27", to: "2026-11-30", first: "2025-10-27", count: 400),
    Case(from: "2025-10-26", to: "2026-11-30", first: nil, wrong: ["from"]),
    Case(from: "2026-11-02", to: "2026-11-01", first: nil, wrong: ["from"]),
    Case(from: "2026-02-30", to: "2026-13-01", first: nil, wrong: ["from", "to"]),
    Case(from: "yesterday", to: nil, first: nil, wrong: ["from"]),
    Case(from: "1999-12-31", to: "2000-01-02", first: nil, wrong: ["from"]),
    Case(from: nil, to: "2026-1-1", first: nil, wrong: ["to"]),
    Case(from: nil, to: "٢٠٢٦-١١-٠١", first: nil, wrong: ["to"]),
  ]

  @Test(arguments: cases) func aPeriodIsReadOrRefusedByItsField(_ wanted: Case) {
    do {
      let period = try ReportPeriod(from: wanted.from, to: wanted.to, today: Self.today)
      #expect(period.first.text == wanted.first)
      #expect(period.days.count == wanted.count && period.count == wanted.count)
      #expect(zip(period.days, period.days.dropFirst()).allSatisfy { $0 < $1 })
    } catch Refusal.invalid(let errors) {
      #expect(errors.map(\.field) == wanted.wrong)
    } catch { Issue.record(error) }
  }

  /// Just before and at midnight, in zones half an hour off, in summer and in winter.
  private static let midnights: [(zone: String, moment: String, day: String)] = [
    ("UTC", "2026-11-23T23:59:59.999Z", "2026-11-23"), ("UTC", "2026-11-24T00:00:00Z", "2026-11-24"),
    ("America/New_York", "2026-11-24T04:59:59.999Z", "2026-11-23"),
    ("America/New_York", "2026-11-24T05:00:00Z", "2026-11-24"),
    ("America/New_York", "2026-07-24T03:59:59.999Z", "2026-07-23"),
    ("America/New_York", "2026-07-24T04:00:00Z", "2026-07-24"),
    // The clocks have been put back this night: the day has 25 hours.
    ("America/New_York", "2026-11-01T04:00:00Z", "2026-11-01"),
    ("America/New_York", "2026-11-02T04:59:59Z", "2026-11-01"),
    ("Asia/Kolkata", "2026-11-23T18:29:59.999Z", "2026-11-23"), ("Asia/Kolkata", "2026-11-23T18:30:00Z", "2026-11-24"),
    ("Asia/Kathmandu", "2026-11-23T18:14:59Z", "2026-11-23"), ("Asia/Kathmandu", "2026-11-23T18:15:00Z", "2026-11-24"),
    ("America/St_Johns", "2026-11-24T03:29:59Z", "2026-11-23"),
    ("America/St_Johns", "2026-11-24T03:30:00Z", "2026-11-24"),
    ("UTC-05:00", "2026-07-24T04:59:59Z", "2026-07-23"), ("UTC", "1969-12-31T23:59:59.999Z", "1969-12-31"),
  ]

  @Test func aMomentIsOfTheDayThatClocksShow() throws {
    for (zone, moment, day) in Self.midnights {
      let zone = try #require(TimeZones.named(zone))
      #expect(DayNumber(try #require(Moment(iso8601: moment)), in: zone).text == day, "\(moment) in \(zone)")
    }
  }

  @Test func theNoonOfADayIsOfThatDay() throws {
    for name in ["UTC", "America/New_York", "Asia/Kolkata", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Beirut"] {
      let zone = try #require(TimeZones.named(name))
      for day in ReportPeriod(days: 400, to: Self.today).days {
        #expect(DayNumber(day.noon(in: zone), in: zone) == day)
      }
    }
  }

  @Test func aChartShowsDaysWeeksOrMonthsAndLosesNothing() {
    for (count, spans) in [(1, 1), (31, 31), (32, 5), (182, 26), (183, 6), (400, 14)] {
      let period = ReportPeriod(days: count, to: Self.today)
      let shown = ReportSpans(period)
      #expect(shown.spans.count == spans, "\(count) days")
      #expect(shown.sums(Array(repeating: 1, count: count)).reduce(0, +) == Int64(count))
      #expect(shown.spans.first?.first == period.first && shown.spans.last?.last == period.last)
    }
  }
}

/// A file from before sums by day were kept.
@Suite struct DayCountingTests {
  private static let hour = Moment(iso8601: "2026-11-24T03:00:00Z")!

  @Test func whatWasThereBeforeIsCountedWhenTheFileIsOpened() throws {
    let file = try file(migrations: 3)
    defer { try? file.close() }
    try file.writeNow { db in try db.execute(sql: Self.old, arguments: ["at": Self.hour]) }
    try migrate(file, TenantMigrations.all)
    try file.writeNow { db in try DayCounting.begin(db, zone: "America/New_York") }
    try file.readNow { db in
      let period = try ReportPeriod(from: "2026-11-20", to: "2026-11-26", today: DayNumber(number: 2026_11_30))
      let days = try DayReport(db, period)
      // Three in the morning by UTC was the evening of the day before.
      #expect(days.days.filter { !$0.isEmpty }.map(\.day.text) == ["2026-11-23"])
      #expect(days.total[.accepted] == 8 && days.total[.delivered] == 5 && days.total[.failed] == 1)
      #expect(days.total[.humanClicks] == 6 && days.total[.costMicros] == 16_600 && days.total[.replies] == 1)
      let people = try PeopleReport(db, period)
      #expect(people.total.contacts == 2 && people.total.sum([.imported]) == 1 && people.total.sum([.keyword]) == 1)
      #expect(try LinkReport.read(db, period, behind: nil, atMost: 9).map(\.human) == [4, 2])
      let billed = try Int64.fetchOne(db, sql: "SELECT billed_micros FROM costs WHERE campaign_id = 0")
      #expect(billed == 8_300)
    }
    // Once.
    try file.writeNow { db in
      try DayCounting.begin(db, zone: "America/New_York")
      #expect(try Int64.fetchOne(db, sql: "SELECT sum(accepted) FROM day_figures") == 8)
      try DayCounting.begin(db, zone: "UTC")
      #expect(try Int64.fetchOne(db, sql: "SELECT sum(accepted) FROM day_figures") == 8)
    }
  }

  /// An hour of UTC lies in two days where clocks are half an hour off: hits that are still there say in which.
  @Test func clicksAreCountedOnTheDayOfTheHitWhereItIsStillThere() throws {
    let file = try file(migrations: 3)
    defer { try? file.close() }
    try file.writeNow { db in
      try db.execute(
        sql: """
          INSERT INTO identity (id, tenant, instance, hash_key) VALUES (1, 'acme', 'one', zeroblob(32));
          INSERT INTO short_links (code, target, created_by, created_at, updated_at) VALUES (5, 'https://b.test', 't', 1, 1);
          INSERT INTO link_figures VALUES (1, :hour, 2, 0, 0, 2, 2);
          INSERT INTO link_hits (at, short_link_id, verdict, reasons, method, address, is_secure, is_complete, recipients, rules)
            VALUES (:hour + 900000, 1, 'human', '[]', 'GET', 'a', 1, 1, 1, 1), (:hour + 2700000, 1, 'human', '[]', 'GET', 'b', 1, 1, 1, 1)
          """, arguments: ["hour": Moment(iso8601: "2026-11-24T18:00:00Z")!])
    }
    try migrate(file, TenantMigrations.all)
    try file.writeNow { db in try DayCounting.begin(db, zone: "Asia/Kolkata") }
    try file.readNow { db in
      let days = try Row.fetchAll(db, sql: "SELECT day, human FROM day_links ORDER BY day").map {
        [$0[0], $0[1]] as [Int64]
      }
      #expect(days == [[20_261_124, 1], [20_261_125, 1]])
      let found = try FiguresCheck(db).differences.filter { $0.figure.hasPrefix("day_") }
      #expect(found == [])
    }
  }

  private func file(migrations: Int) throws -> SQLiteFile {
    let file = try SQLiteFile(path: try TestFolder().path + "-old.sqlite", lanes: StorageLanes(label: "test"))
    try FileManager.default.createDirectory(
      atPath: (file.path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try migrate(file, Array(TenantMigrations.all.prefix(migrations)))
    return file
  }

  private func migrate(_ file: SQLiteFile, _ migrations: [String]) throws {
    try file.outsideTransactionNow { db in
      try Migrator.migrate(db, migrations, applicationID: TenantMigrations.applicationID)
    }
  }

  private static let old = """
    INSERT INTO identity (id, tenant, instance, hash_key) VALUES (1, 'acme', 'one', zeroblob(32));
    INSERT INTO campaigns (name, body, purpose, state, audience, numbers, created_by, created_at)
      VALUES ('c', 'b', 'marketing', 'completed', '{}', '[]', 't', 1);
    INSERT INTO campaign_figures VALUES (1, :at, 14155550100, 0, 'accepted', 7), (1, :at, 14155550100, 0, 'delivered', 4),
      (1, :at, 14155550100, 0, 'failed', 1), (1, :at, 14155550100, 0, 'human_clicks', 4), (1, :at, 14155550100, 0, 'cost_micros', 99);
    INSERT INTO send_jobs (kind, campaign_id, phone, state, reason, number, claimed_at, finished_at, cost_micros, cost_day)
      VALUES ('campaign', 1, 14157000001, 'failed', 'error_30008', 14155550100, :at, :at, 8300, 20261123);
    INSERT INTO send_jobs (kind, phone, state, number, sid, segments, claimed_at, finished_at, cost_micros, cost_day, price_micros)
      VALUES ('reply', 14157000002, 'delivered', 14155550100, 'SM2', 1, :at, :at, 8300, 20261123, 8300);
    INSERT INTO costs (day, campaign_id, micros, segments, texts) VALUES (20261123, 0, 8300, 1, 1), (20261123, 1, 8300, 1, 1);
    INSERT INTO messages (direction, phone, number, body, sid, at) VALUES ('in', 14157000002, 14155550100, 'Yes', 'IN1', :at + 1000),
      ('in', 14157000009, 14155550100, 'Who is this?', 'IN2', :at);
    INSERT INTO short_links (campaign_id, number, target, created_by, created_at, updated_at) VALUES (1, 0, 'https://a.test', 't', 1, 1);
    INSERT INTO short_links (code, target, created_by, created_at, updated_at) VALUES (5, 'https://b.test', 't', 1, 1);
    INSERT INTO link_figures VALUES (1, :at, 4, 0, 0, 4, 4), (2, :at, 2, 1, 0, 2, 2);
    INSERT INTO contacts (phone, import_id, created_at, updated_at) VALUES (14157000001, 1, :at, :at), (14157000002, NULL, :at, :at);
    INSERT OR REPLACE INTO link_hits_mark VALUES (1, :at + 3600000, 0);
    INSERT INTO do_not_contact VALUES (14157000003, 'opted_out', 'keyword', :at);
    """
}
