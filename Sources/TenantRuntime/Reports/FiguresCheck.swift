package import GRDB

/// Whether the roll-ups say what the rows behind them say. Reads only, in one transaction, so that both are of one moment.
package struct FiguresCheck: Sendable, Equatable {
  package struct Difference: Sendable, Equatable {
    /// What was compared: `link_figures.human`, `campaign_figures.people`.
    package var figure: String
    /// Which row: `link 3, 2026-11-24T10:00:00.000Z`.
    package var key: String
    package var kept: Int64
    package var found: Int64
  }

  /// How many sums were compared, by name.
  package private(set) var compared: [(name: String, sums: Int)] = []
  package private(set) var differences: [Difference] = []
  /// Hits from before this hour may have been deleted: what is counted from them is compared from here on.
  package private(set) var hitsSince = Moment(milliseconds: 0)

  private static let mostDifferences = 1_000

  package static func == (left: FiguresCheck, right: FiguresCheck) -> Bool {
    left.differences == right.differences && left.compared.map(\.name) == right.compared.map(\.name)
  }

  package init(_ db: Database) throws {
    hitsSince =
      try Moment.fetchOne(db.cachedStatement(sql: "SELECT swept_before FROM link_hits_mark WHERE id = 1"))
      ?? Moment(milliseconds: 0)
    let days = try LocalDayFunction(db)
    defer { days.remove(db) }
    for comparison in Self.all + Self.byDay { try compare(db, comparison) }
  }

  package var json: JSON {
    [
      "hits_since": .moment(hitsSince),
      "compared": .object(compared.map { ($0.name, .int($0.sums)) }),
      "differences": .list(
        differences.map { difference in
          [
            "figure": .text(difference.figure), "key": .text(difference.key), "kept": .int(difference.kept),
            "found": .int(difference.found),
          ]
        }),
    ]
  }

  /// Two statements of the same columns, `(key, n)`: what is kept, and what the rows say. `?1` is the first hour whose hits are all there.
  struct Comparison {
    var name: String
    var kept: String
    var found: String
  }

  private mutating func compare(_ db: Database, _ comparison: Comparison) throws {
    let rows = try Row.fetchCursor(
      db,
      sql: """
        SELECT key, sum(kept) AS kept, sum(found) AS found FROM (
          SELECT key, n AS kept, 0 AS found FROM (\(comparison.kept))
          UNION ALL SELECT key, 0, n FROM (\(comparison.found)) WHERE ?1 IS NOT NULL) GROUP BY key ORDER BY key
        """, arguments: [hitsSince])
    var sums = 0
    while let row = try rows.next() {
      let (kept, found): (Int64, Int64) = (row["kept"], row["found"])
      if kept == 0, found == 0 { continue }
      sums += 1
      guard kept != found, differences.count < Self.mostDifferences else { continue }
      differences.append(Difference(figure: comparison.name, key: row["key"], kept: kept, found: found))
    }
    compared.append((comparison.name, sums))
  }

  private static let all = links + campaigns + ledger

  static func key(_ columns: String...) -> String { columns.joined(separator: " || ' ' || ") + " AS key" }
  /// Hits that count: no HEAD, no tests.
  static let counted = "link_hits h LEFT JOIN send_jobs j ON j.id = h.send_job_id"
  static let counts = "h.method <> 'HEAD' AND ifnull(j.kind, '') <> 'test' AND h.at >= ?1"
  static let kinds = [
    ("human", "verdict = 'human'"), ("bot", "verdict IN ('preview', 'scanner')"), ("unknown", "verdict = 'unknown'"),
  ]

  private static let links: [Comparison] =
    kinds.map { name, verdict in
      Comparison(
        name: "link_figures.\(name)",
        kept: "SELECT \(key("'link'", "short_link_id", "hour")), \(name) AS n FROM link_figures WHERE hour >= ?1",
        found: """
          SELECT \(key("'link'", "short_link_id", "(h.at - h.at % 3600000)")), count(*) AS n FROM \(counted)
          WHERE \(counts) AND h.\(verdict) GROUP BY 1
          """)
    } + [
      Comparison(
        name: "link_figures.people",
        kept: "SELECT \(key("'link'", "short_link_id", "hour")), people AS n FROM link_figures",
        found: "SELECT \(key("'link'", "short_link_id", "hour")), count(*) AS n FROM link_visitors GROUP BY 1"),
      Comparison(
        name: "link_figures.first_people",
        kept: "SELECT \(key("'link'", "short_link_id", "hour")), first_people AS n FROM link_figures",
        found: """
          SELECT \(key("'link'", "short_link_id", "hour")), count(*) AS n
          FROM (SELECT short_link_id, visitor, min(hour) AS hour FROM link_visitors GROUP BY 1, 2) GROUP BY 1
          """),
      Comparison(
        name: "hit_clients.hits", kept: "SELECT \(key("'client'", "id")), hits AS n FROM hit_clients",
        found: """
          SELECT \(key("'client'", "client_id")), count(*) AS n FROM link_hits WHERE client_id IS NOT NULL GROUP BY 1
          """),
      Comparison(
        name: "link_hits_listed.hits",
        kept: "SELECT \(key("'job'", "send_job_id")), count(*) AS n FROM link_hits_listed GROUP BY 1",
        found: """
          SELECT \(key("'job'", "send_job_id")), count(*) AS n FROM link_hits
          WHERE id <= (SELECT listed_up_to FROM link_hits_mark) AND send_job_id IS NOT NULL GROUP BY 1
          """),
      Comparison(
        name: "link_visitors.hits",
        kept: """
          SELECT \(key("'link'", "short_link_id", "hour", "'job'", "visitor")), hits AS n FROM link_visitors
          WHERE hour >= ?1 AND visitor > 0
          """,
        found: """
          SELECT \(key("'link'", "h.short_link_id", "(h.at - h.at % 3600000)", "'job'", "h.send_job_id")), count(*) AS n
          FROM \(counted) WHERE \(counts) AND h.verdict = 'human' AND h.send_job_id IS NOT NULL GROUP BY 1
          """),
    ]

  private static let campaigns: [Comparison] =
    kinds.map { name, verdict in
      Comparison(
        name: "campaign_figures.\(name)_clicks",
        kept: """
          SELECT \(key("'campaign'", "campaign_id", "hour", "number", "variant")), n FROM campaign_figures
          WHERE figure = '\(name)_clicks' AND hour >= ?1
          """,
        found: """
          SELECT \(key("'campaign'", "j.campaign_id", "(h.at - h.at % 3600000)", "ifnull(j.number, 0)", "ifnull(j.variant, 0)")), count(*) AS n
          FROM \(counted) WHERE \(counts) AND h.\(verdict) AND j.campaign_id IS NOT NULL GROUP BY 1
          """)
    } + [
      Comparison(
        name: "campaign_figures.people",
        kept: """
          SELECT \(key("'campaign'", "campaign_id", "hour", "number", "variant")), n FROM campaign_figures
          WHERE figure = 'people'
          """,
        found: """
          SELECT \(key("'campaign'", "campaign_id", "(clicked_at - clicked_at % 3600000)", "ifnull(number, 0)", "ifnull(variant, 0)")), count(*) AS n
          FROM send_jobs WHERE clicked_at IS NOT NULL AND campaign_id IS NOT NULL GROUP BY 1
          """)
    ]

  /// 0 stands for a campaign without variants.
  private static let ofVariant = key("'campaign'", "campaign_id", "'variant'", "ifnull(variant, 0)")

  /// Whole campaigns and variants: the hour of a report is not in the ledger.
  private static let ledger: [Comparison] =
    [SendJob.State.delivered, .undelivered, .failed].map { state in
      Comparison(
        name: "campaign_figures.\(state.rawValue)",
        kept: figure(state.rawValue),
        found: """
          SELECT \(ofVariant), count(*) AS n FROM send_jobs
          WHERE campaign_id IS NOT NULL AND state = '\(state.rawValue)' GROUP BY 1
          """)
    } + [
      // A text that failed after it was sent counts as sent too, which its row does not show: as long as those cover it, they agree.
      Comparison(
        name: "campaign_figures.sent",
        kept: figure("sent"),
        found: """
          SELECT \(ofVariant), max(least, min(most, (SELECT ifnull(sum(n), 0) FROM campaign_figures f
          WHERE f.campaign_id = s.campaign_id AND f.variant = ifnull(s.variant, 0) AND f.figure = 'sent'))) AS n FROM (
            SELECT campaign_id, variant, sum(state IN ('sent', 'delivered', 'undelivered')) AS least,
            sum(state IN ('sent', 'delivered', 'undelivered', 'failed', 'cancelled')) AS most
            FROM send_jobs WHERE campaign_id IS NOT NULL GROUP BY 1, 2) s
          """),
      Comparison(
        name: "campaign_figures.cost_micros",
        kept: figure("cost_micros"),
        found: """
          SELECT \(ofVariant), sum(cost_micros) AS n FROM send_jobs
          WHERE campaign_id IS NOT NULL GROUP BY 1
          """),
      Comparison(
        name: "campaign_counts",
        kept: "SELECT \(key("'campaign'", "campaign_id", "variant", "state", "reason")), n FROM campaign_counts",
        found: """
          SELECT \(key("'campaign'", "campaign_id", "ifnull(variant, 0)", "state", "ifnull(reason, '')")), count(*) AS n FROM send_jobs
          WHERE campaign_id IS NOT NULL AND superseded = 0 GROUP BY 1
          """),
      Comparison(
        name: "costs.micros",
        kept: "SELECT \(key("'day'", "day", "'campaign'", "campaign_id")), micros AS n FROM costs",
        found: """
          SELECT \(key("'day'", "cost_day", "'campaign'", "ifnull(campaign_id, 0)")), sum(cost_micros) AS n FROM send_jobs
          WHERE cost_day IS NOT NULL GROUP BY 1
          """),
    ]

  private static func figure(_ name: String) -> String {
    "SELECT \(ofVariant), sum(n) AS n FROM campaign_figures WHERE figure = '\(name)' GROUP BY 1"
  }
}
