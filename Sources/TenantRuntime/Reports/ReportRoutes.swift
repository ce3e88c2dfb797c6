import GRDB
import HTTPTypes
import Hummingbird

/// Reports of the whole tenant over a time, each as JSON and as the CSV file of the same rows.
enum ReportRoutes {
  static let all: [Route<Runtime>] =
    over("days", about: "Texts, clicks, answers, opt-outs and costs by day", .dayReport) { db, period, lease, _ in
      let report = try DayReport(db, period)
      return Made(json: report.json(period, lease), rows: report.rows, columns: DayReport.columns)
    }
    + over("people", about: "People that came and went, and opt-outs, by day", .peopleReport) { db, period, lease, _ in
      let report = try PeopleReport(db, period)
      return Made(json: report.json(period, lease), rows: report.rows, columns: PeopleReport.columns)
    }
    + over("numbers", about: "Sending numbers over a time, and their warm-up", .numberReport) {
      db, period, lease, now in
      let report = try NumberReport(db, period, lease, now: now)
      return Made(json: report.json(period, lease), rows: report.rows, columns: NumberReport.columns)
    }
    + over("costs", about: "Costs by day and campaign, and what is left", .costReport) { db, period, lease, now in
      let report = try CostReport(db, period, lease, now: now)
      return Made(json: report.json(period, lease), rows: report.rows, columns: CostReport.columns)
    }
    + links + comparison

  /// What a report says, and the rows of its file.
  struct Made: Sendable {
    let json: JSON
    let rows: [JSON]
    let columns: [String]
  }

  private typealias Make = @Sendable (Database, ReportPeriod, Lease, Moment) throws -> Made

  /// `reports/NAME` and `reports/NAME.csv`.
  private static func over(_ name: String, about: String, _ shape: Shape, _ make: @escaping Make) -> [Route<Runtime>] {
    [
      Route(
        .get, "reports/\(name)", needs: .readReports, about: about, query: .reportPeriod, answers: [.ok(shape)]
      ) { call in try await Self.make(call, make).json.response() },
      Route(
        .get, "reports/\(name).csv", needs: .readReports, about: "\(about), as a CSV file", query: .reportPeriod,
        answers: [.csv]
      ) { call in
        let made = try await Self.make(call, make)
        return ReportTable.file(name, made.rows, made.columns)
      },
    ]
  }

  // MARK: Links

  private static let links: [Route<Runtime>] = [
    Route(
      .get, "reports/links", needs: .readReports, about: "Links that were opened in a time, most clicked first",
      query: .reportPeriod + .page, answers: [.page(.linkOfReport)]
    ) { call in
      let (period, page) = (try ReportPeriod(call), try LinksAsked(call))
      let lines = try await call.subject.file.read { db in
        try LinkReport.read(db, period, behind: page.place, atMost: page.limit + 1)
      }
      return JSON.object([
        ("data", .list(lines.prefix(page.limit).map(\.json))), ("next_cursor", .optional(page.next(after: lines))),
      ]).response()
    },
    Route(
      .get, "reports/links.csv", needs: .readReports, about: "Links that were opened in a time, as a CSV file",
      query: .reportPeriod, answers: [.csv]
    ) { call in
      let period = try ReportPeriod(call)
      return try await Response.csv(name: "links.csv", header: LinkReport.columns) { after in
        try await call.page { db in try LinkReport.read(db, period, after: after, atMost: linesOfFile) }.map {
          (id: $0.id, fields: ReportTable.fields($0.json, LinkReport.columns))
        }
      }
    },
  ]

  private static let linesOfFile = 2_000

  // MARK: Comparison

  private static let compared = [
    QueryField(
      "id",
      Shape.list(.id, most: ComparisonReport.campaigns.upperBound).about(
        "Two to ten campaigns, each by an `id` of its own."),
      required: true)
  ]

  private static let comparison: [Route<Runtime>] = [
    Route(
      .get, "reports/campaigns", needs: .readReports, about: "Campaigns side by side", query: compared,
      answers: [.ok(.comparisonReport)]
    ) { call in JSON.object([("campaigns", .list(try await campaigns(call)))]).response() },
    Route(
      .get, "reports/campaigns.csv", needs: .readReports, about: "Campaigns side by side, as a CSV file",
      query: compared, answers: [.csv]
    ) { call in ReportTable.file("campaigns", try await campaigns(call), ComparisonReport.columns) },
  ]

  private static func campaigns(_ call: Call<Runtime>) async throws -> [JSON] {
    let ids = call.request.queryForm.filter { $0.name == "id" && !$0.value.isEmpty }.compactMap { Int64($0.value) }
    guard ComparisonReport.campaigns.contains(ids.count), Set(ids).count == ids.count else {
      throw Refusal.invalid("id", "must name two to ten different campaigns")
    }
    return try await call.subject.file.read { db in try ComparisonReport.rows(db, ids) }
  }

  private static func make(_ call: Call<Runtime>, _ make: @escaping Make) async throws -> Made {
    let (period, lease, now) = (try ReportPeriod(call), call.subject.lease, call.subject.dependencies.now())
    return try await call.subject.file.read { db in try make(db, period, lease, now) }
  }
}
