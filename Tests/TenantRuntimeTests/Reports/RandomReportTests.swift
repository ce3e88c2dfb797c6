import Foundation
import GRDB
import TestKit
import Testing

@testable import TenantRuntime

/// Whatever happens to a tenant, its reports say what a count over its rows says, on the days that its clocks showed.
@Suite struct RandomReportTests {
  private static let zones = [
    "America/New_York", "America/St_Johns", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Adelaide",
  ]

  /// A day as a calendar of Foundation has it.
  private struct Day {
    let name: String
    let start: Int64
    let end: Int64
  }

  private static func days(_ tenant: ReportedTenant) -> [Day] {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = tenant.zone
    var days: [Day] = []
    var start = calendar.startOfDay(for: tenant.first.advanced(bySeconds: -86_400).date)
    while start < tenant.last.advanced(bySeconds: 86_400).date {
      let parts = calendar.dateComponents([.year, .month, .day], from: start)
      let next = calendar.startOfDay(for: start.addingTimeInterval(36 * 3_600))
      days.append(
        Day(
          name: String(format: "%04d-%02d-%02d", parts.year!, parts.month!, parts.day!),
          start: Int64(start.timeIntervalSince1970 * 1_000), end: Int64(next.timeIntervalSince1970 * 1_000)))
      start = next
    }
    return days
  }

  /// Tests count in cost alone.
  private static let reported = "kind <> 'test'"

  /// What each figure of a day is by the rows; `:from` and `:to` bound the day.
  private static let figures: [(name: String, sql: String)] =
    [
      (
        "accepted",
        "SELECT count(*) FROM send_jobs WHERE sid IS NOT NULL AND \(reported) AND claimed_at >= :from AND claimed_at < :to"
      ),
      (
        "segments",
        "SELECT ifnull(sum(segments), 0) FROM send_jobs WHERE sid IS NOT NULL AND \(reported) AND claimed_at >= :from AND claimed_at < :to"
      ),
      (
        "sent",
        "SELECT count(*) FROM log_events WHERE type = 'sent' AND number IS NOT NULL AND at >= :from AND at < :to"
      ),
      (
        "replies",
        "SELECT count(*) FROM log_events WHERE type = 'replied' AND number IS NOT NULL AND at >= :from AND at < :to"
      ),
      (
        "opt_outs",
        """
        SELECT count(*) FROM log_events WHERE type = 'opted_out' AND at >= :from AND at < :to
        AND (method = 'provider_21610' OR method IN ('keyword', 'page') AND answers)
        """
      ),
      (
        "cost_micros",
        "SELECT ifnull(sum(cost_micros), 0) FROM send_jobs WHERE sid IS NOT NULL AND claimed_at >= :from AND claimed_at < :to"
      ),
    ]
    + ["delivered", "undelivered", "failed"].map {
      (
        $0,
        "SELECT count(*) FROM send_jobs WHERE state = '\($0)' AND \(reported) AND finished_at >= :from AND finished_at < :to"
      )
    }
    + [("human", "'human'"), ("bot", "'preview', 'scanner'"), ("unknown", "'unknown'")].map {
      (
        "\($0)_clicks",
        "SELECT count(*) FROM link_hits WHERE verdict IN (\($1)) AND method <> 'HEAD' AND at >= :from AND at < :to"
      )
    }

  private func count(_ db: Database, _ sql: String, _ from: Int64, _ to: Int64) throws -> Int64 {
    try Int64.fetchOne(db, sql: sql, arguments: ["from": from, "to": to]) ?? 0
  }

  @Test(arguments: zones) func everyReportSaysWhatTheRowsSay(_ zone: String) async throws {
    let tenant = try ReportedTenant(try TestFolder(), zone: zone, Chance(zone))
    try await tenant.live(deeds: 1_200)
    let days = Self.days(tenant)
    let period = try ReportPeriod(
      from: days.first?.name, to: days.last?.name, today: DayNumber(tenant.last, in: tenant.zone))
    #expect(period.days.map(\.text) == days.map(\.name))
    try tenant.runtime.file.readNow { db in
      try compareDays(db, days, period)
      try comparePeople(db, days, period)
      try compareNumbers(db, days, period, tenant)
      // Of a part of the days: within a month, a month and days of two others, all but some days of two, no whole one.
      for part in [10...30, 1...days.count - 3, 5...days.count - 2, 4...20] { try compareLinks(db, days, part) }
      try compareCosts(db, days, period, tenant)
      let check = try FiguresCheck(db)
      #expect(check.differences == [])
    }
  }

  private func compareDays(_ db: Database, _ days: [Day], _ period: ReportPeriod) throws {
    let report = try DayReport(db, period)
    #expect(Set(Self.figures.map(\.name)) == Set(DayReport.figures.map(\.rawValue)))
    var happened: Set<String> = []
    for (day, row) in zip(days, report.rows) {
      for (name, sql) in Self.figures {
        let found = try count(db, sql, day.start, day.end)
        #expect(row[name]?.int == found, "\(name) on \(day.name)")
        if found > 0 { happened.insert(name) }
      }
    }
    // A test in which nothing has happened would prove nothing.
    #expect(happened == Set(Self.figures.map(\.name)))
    sameAsFile(report.rows, DayReport.columns)
  }

  private func comparePeople(_ db: Database, _ days: [Day], _ period: ReportPeriod) throws {
    let report = try PeopleReport(db, period)
    let ways = [
      ("keyword", "= 'keyword'"), ("page", "= 'page'"), ("api", "= 'api'"), ("staff", "= 'staff'"),
      ("provider", "LIKE 'provider%'"), ("number_change", "IN ('merge', 'number_change')"), ("other", "= 'on paper'"),
    ]
    for (day, row) in zip(days, report.rows) {
      func logged(_ what: String) throws -> Int64 {
        try count(
          db, "SELECT count(*) FROM log_people WHERE what \(what) AND at >= :from AND at < :to", day.start, day.end)
      }
      for (name, what) in [
        ("added", "IN ('added', 'imported')"), ("imported", "= 'imported'"), ("deleted", "= 'deleted'"),
        ("merged", "= 'merged'"), ("erased", "= 'erased'"), ("import_undone", "= 'undone'"),
      ] { #expect(row[name]?.int == (try logged(what)), "\(name) on \(day.name)") }
      let events = "SELECT count(*) FROM log_events WHERE at >= :from AND at < :to AND type"
      #expect(row["opt_ins"]?.int == (try count(db, "\(events) = 'opted_in'", day.start, day.end)))
      #expect(row["opt_outs"]?.int == (try count(db, "\(events) = 'opted_out'", day.start, day.end)))
      for (way, method) in ways {
        let found = try count(db, "\(events) = 'opted_out' AND method \(method)", day.start, day.end)
        #expect(row["opt_outs_by"]?[way]?.int == found, "\(way) on \(day.name)")
      }
      let contacts = try count(
        db,
        "SELECT sum(CASE WHEN what IN ('added', 'imported') THEN 1 ELSE -1 END) FROM log_people WHERE at < :to AND :from > 0",
        day.start, day.end)
      #expect(row["contacts"]?.int == contacts, "contacts at the end of \(day.name)")
    }
    #expect(report.total.contacts == (try Int64.fetchOne(db, sql: "SELECT count(*) FROM contacts")))
    #expect(report.total.gone > 0 && report.total.optOuts > 0)
    sameAsFile(report.rows, PeopleReport.columns)
  }

  private func compareNumbers(_ db: Database, _ days: [Day], _ period: ReportPeriod, _ tenant: ReportedTenant) throws {
    let report = try NumberReport(db, period, tenant.runtime.lease, now: tenant.last)
    #expect(Set(report.lines.map(\.number)) == Set(ReportedTenant.numbers))
    let (from, to) = (days[0].start, days[days.count - 1].end)
    for (line, row) in zip(report.lines, report.rows) {
      for (name, sql) in Self.figures where !name.hasSuffix("clicks") && name != "opt_outs" {
        let found = try count(db, "\(sql) AND number = \(line.number.digits)", from, to)
        #expect(row[name]?.int == found, "\(name) of \(line.number)")
      }
      for (name, sql) in Self.figures where name.hasSuffix("clicks") {
        let found = try count(
          db, "\(sql) AND send_job_id IN (SELECT id FROM send_jobs WHERE number = \(line.number.digits))", from, to)
        #expect(row[name]?.int == found, "\(name) of \(line.number)")
      }
      let errors = try Row.fetchAll(
        db,
        sql: """
          SELECT ifnull(substr(reason, 7), 'none') AS code, count(*) AS n FROM send_jobs WHERE state IN ('failed', 'undelivered')
          AND \(Self.reported) AND number = ? GROUP BY 1 ORDER BY n DESC, ifnull(reason, '') LIMIT 3
          """, arguments: [line.number])
      #expect(line.errors.map(\.count) == errors.map { $0["n"] })
      #expect(line.errors.map(\.code) == errors.map { $0["code"] })
    }
    let optOuts = try Self.figures.filter { $0.name == "opt_outs" }.map { try count(db, $0.sql, from, to) }
    #expect([report.lines.reduce(0) { $0 + $1[.optOuts] }] == optOuts)
    sameAsFile(report.rows, NumberReport.columns)
  }

  /// The other days must be left out.
  private func compareLinks(_ db: Database, _ days: [Day], _ range: ClosedRange<Int>) throws {
    let (first, last) = (days[range.lowerBound], days[range.upperBound])
    let part = try ReportPeriod(from: first.name, to: last.name, today: DayNumber(number: 2026_11_30))
    let found = try Row.fetchAll(
      db,
      sql: """
        SELECT short_link_id, sum(verdict = 'human') AS human, sum(verdict IN ('preview', 'scanner')) AS bot,
        sum(verdict = 'unknown') AS unknown FROM link_hits WHERE method <> 'HEAD' AND at >= ? AND at < ?
        GROUP BY 1 ORDER BY 2 DESC, 1 DESC
        """, arguments: [first.start, last.end])
    func told(_ lines: [LinkReport.Line]) -> [[Int64]] { lines.map { [$0.id, $0.human, $0.bot, $0.unknown] } }
    let wanted = found.map { row in [row[0], row[1], row[2], row[3]] as [Int64] }
    let all = try LinkReport.read(db, part, behind: nil, atMost: 100)
    #expect(told(all) == wanted)
    #expect(wanted.count == 4)
    // A link a page gives the same in the same order.
    var paged: [LinkReport.Line] = []
    while let line = try LinkReport.read(
      db, part, behind: paged.last.map { LinkReport.Place(human: $0.human, id: $0.id) }, atMost: 1
    ).first { paged.append(line) }
    #expect(told(paged) == wanted)
    let byID = try LinkReport.read(db, part, after: 0, atMost: 100)
    #expect(told(byID) == wanted.sorted { $0[0] < $1[0] })
    sameAsFile(byID.map(\.json), LinkReport.columns)
  }

  private func compareCosts(_ db: Database, _ days: [Day], _ period: ReportPeriod, _ tenant: ReportedTenant) throws {
    let report = try CostReport(db, period, tenant.runtime.lease, now: tenant.last)
    let json = report.json(period, tenant.runtime.lease)
    let sums = """
      SELECT count(*) AS texts, ifnull(sum(segments), 0) AS segments, ifnull(sum(cost_micros), 0) AS cost_micros,
      ifnull(sum(price_micros), 0) AS billed_micros FROM send_jobs WHERE sid IS NOT NULL
      """
    func same(_ row: JSON?, _ sql: String, _ arguments: StatementArguments, _ what: String) throws {
      let found = try #require(try Row.fetchOne(db, sql: sql, arguments: arguments))
      for name in found.columnNames { #expect(row?[name]?.int == found[name], "\(name) of \(what)") }
      let reserved = (found["cost_micros"] as Int64) - (found["billed_micros"] as Int64)
      #expect(row?["reserved_micros"]?.int == reserved)
    }
    for (day, row) in zip(days, json["days"]?.list ?? []) {
      try same(row, "\(sums) AND claimed_at >= ? AND claimed_at < ?", [day.start, day.end], day.name)
    }
    #expect(json["campaigns"]?.list?.count == 3)
    for row in json["campaigns"]?.list ?? [] {
      try same(row, "\(sums) AND campaign_id = ?", [row["campaign_id"]?.int], "campaign")
    }
    try same(json["others"], "\(sums) AND campaign_id IS NULL", [], "others")
    try same(json["total"], sums, [], "all")
    #expect(report.total.billed > 0 && report.total.reserved != 0)
    sameAsFile(report.rows, CostReport.columns)
  }

  /// Every figure of the rows stands in the file, once, and in its column; nothing here needs quoting.
  private func sameAsFile(_ rows: [JSON], _ columns: [String]) {
    let lines = ReportTable.csv(rows, columns).split(separator: "\r\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    #expect(lines.first == columns && lines.count == rows.count + 1)
    for (row, line) in zip(rows, lines.dropFirst()) {
      #expect(flat(row, "").sorted() == zip(columns, line).map { "\($0)=\($1)" }.filter { !$0.hasSuffix("=") }.sorted())
    }
  }

  private func flat(_ value: JSON, _ name: String) -> [String] {
    func below(_ part: String) -> String { name.isEmpty ? part : "\(name).\(part)" }
    if let members = value.members { return members.flatMap { flat($0.1, below($0.0)) } }
    if let list = value.list { return list.enumerated().flatMap { flat($0.element, below(String($0.offset))) } }
    let told = value == .null ? "" : value.text ?? value.serialized
    return told.isEmpty ? [] : ["\(name)=\(told)"]
  }

  @Test func aSumThatIsWrongIsFound() async throws {
    let tenant = try ReportedTenant(try TestFolder(), zone: "Asia/Kolkata", Chance())
    try await tenant.live(deeds: 600)
    let plants = [
      (
        "day_figures.delivered",
        "UPDATE day_figures SET delivered = delivered + 1 WHERE day = (SELECT max(day) FROM day_figures)"
      ),
      ("day_figures.human_clicks", "UPDATE day_figures SET human_clicks = human_clicks + 1"),
      ("day_figures.cost_micros", "UPDATE day_figures SET cost_micros = cost_micros + 1"),
      ("day_errors", "UPDATE day_errors SET n = n + 1"), ("day_links.human", "UPDATE day_links SET human = human + 1"),
      ("day_links.human", "DELETE FROM day_links"), ("month_links.human", "UPDATE month_links SET human = human + 1"),
      ("day_people.contacts", "INSERT INTO day_people VALUES (20260101, 'added', 1)"),
      ("costs.billed_micros", "UPDATE costs SET billed_micros = billed_micros + 1"),
    ]
    for (figure, sql) in plants {
      try tenant.runtime.file.outsideTransactionNow { db in
        try db.inTransaction {
          try db.execute(sql: sql)
          #expect(db.changesCount > 0)
          #expect(try FiguresCheck(db).differences.contains { $0.figure == figure }, "\(figure)")
          return .rollback
        }
      }
    }
  }
}
