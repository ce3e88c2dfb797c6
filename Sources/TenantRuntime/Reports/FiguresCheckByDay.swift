/// Sums by day against the rows. The day of a report is in the ledger, that of an acceptance is not: texts are compared by number over all days.
extension FiguresCheck {
  static let byDay: [Comparison] = texts + clicks + others

  private static let texts: [Comparison] =
    [SendJob.State.delivered, .undelivered, .failed].map { state in
      Comparison(
        name: "day_figures.\(state.rawValue)",
        kept: "SELECT \(key("'number'", "number")), sum(\(state.rawValue)) AS n FROM day_figures GROUP BY 1",
        found: """
          SELECT \(key("'number'", "ifnull(number, 0)")), count(*) AS n FROM send_jobs
          WHERE state = '\(state.rawValue)' AND kind <> 'test' GROUP BY 1
          """)
    } + [
      // A text that failed may have been accepted before, which its row does not show: as long as those cover it, they agree.
      Comparison(
        name: "day_figures.accepted",
        kept: "SELECT \(key("'number'", "number")), sum(accepted) AS n FROM day_figures GROUP BY 1",
        found: """
          SELECT \(key("'number'", "s.number")), max(least, min(most, (SELECT ifnull(sum(accepted), 0) FROM day_figures f
          WHERE f.number = s.number))) AS n FROM (
            SELECT ifnull(number, 0) AS number, sum(state IN ('accepted', 'sent', 'delivered', 'undelivered')) AS least,
            sum(state IN ('accepted', 'sent', 'delivered', 'undelivered', 'failed', 'cancelled')) AS most
            FROM send_jobs WHERE kind <> 'test' GROUP BY 1) s
          """),
      Comparison(
        name: "day_errors",
        kept: "SELECT \(key("'number'", "number", "reason")), sum(n) AS n FROM day_errors GROUP BY 1",
        found: """
          SELECT \(key("'number'", "ifnull(number, 0)", "ifnull(reason, '')")), count(*) AS n FROM send_jobs
          WHERE state IN ('failed', 'undelivered') AND kind <> 'test' GROUP BY 1
          """),
    ]

  /// Days of which all hits are still there.
  private static let whole = "day > local_day(?1 - 1)"

  private static let clicks: [Comparison] = kinds.flatMap { name, verdict in
    [
      Comparison(
        name: "day_links.\(name)",
        kept: "SELECT \(key("'link'", "short_link_id", "day")), \(name) AS n FROM day_links WHERE \(whole)",
        found: """
          SELECT \(key("'link'", "short_link_id", "day")), count(*) AS n FROM (
            SELECT h.short_link_id, local_day(h.at) AS day FROM \(counted) WHERE \(counts) AND h.\(verdict))
          WHERE \(whole) GROUP BY 1
          """),
      Comparison(
        name: "month_links.\(name)",
        kept: "SELECT \(key("'link'", "short_link_id", "month")), \(name) AS n FROM month_links",
        found: "SELECT \(key("'link'", "short_link_id", "(day / 100)")), sum(\(name)) AS n FROM day_links GROUP BY 1"),
      Comparison(
        name: "day_figures.\(name)_clicks",
        kept: "SELECT \(key("'number'", "number", "day")), \(name)_clicks AS n FROM day_figures WHERE \(whole)",
        found: """
          SELECT \(key("'number'", "number", "day")), count(*) AS n FROM (
            SELECT ifnull(j.number, 0) AS number, local_day(h.at) AS day FROM \(counted) WHERE \(counts) AND h.\(verdict))
          WHERE \(whole) GROUP BY 1
          """),
    ]
  }

  private static let others: [Comparison] = [
    Comparison(
      name: "day_people.contacts",
      kept: """
        SELECT 'contacts' AS key, sum(CASE WHEN change IN ('added', 'imported') THEN n ELSE -n END) AS n FROM day_people
        WHERE change IN ('added', 'imported', 'deleted', 'merged', 'erased', 'undone')
        """,
      found: "SELECT 'contacts' AS key, count(*) AS n FROM contacts"),
    Comparison(
      name: "day_figures.cost_micros",
      kept: "SELECT \(key("'day'", "day", "'number'", "number")), cost_micros AS n FROM day_figures",
      found: """
        SELECT \(key("'day'", "cost_day", "'number'", "ifnull(number, 0)")), sum(cost_micros) AS n FROM send_jobs
        WHERE cost_day IS NOT NULL GROUP BY 1
        """),
    Comparison(
      name: "costs.billed_micros",
      kept: "SELECT \(key("'day'", "day", "'campaign'", "campaign_id")), billed_micros AS n FROM costs",
      found: """
        SELECT \(key("'day'", "cost_day", "'campaign'", "ifnull(campaign_id, 0)")), sum(price_micros) AS n FROM send_jobs
        WHERE cost_day IS NOT NULL AND price_micros IS NOT NULL GROUP BY 1
        """),
  ]
}
