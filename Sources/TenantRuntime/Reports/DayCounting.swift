import Foundation
package import GRDB

/// Counts by day what a file held before it kept sums by day, once, when it is opened. Hours of campaigns go to the day in which they began;
/// of texts, answers and people that are gone nothing is known any more.
package enum DayCounting {
  /// By days of this zone, already.
  package static func isDone(_ db: Database, zone: String) throws -> Bool {
    try String.fetchOne(db.cachedStatement(sql: "SELECT time_zone FROM identity")) == zone
  }

  /// - Parameter zone: whose days are counted by from now on. Days that were counted by another zone stay as they are, as costs do.
  package static func begin(_ db: Database, zone: String) throws {
    guard let row = try Row.fetchOne(db.cachedStatement(sql: "SELECT time_zone FROM identity")) else { return }
    let counted: String? = row["time_zone"]
    guard counted != zone else { return }
    try db.execute(sql: "UPDATE identity SET time_zone = ?", arguments: [zone])
    if counted == nil { try count(db) }
  }

  private static func count(_ db: Database) throws {
    let days = try LocalDayFunction(db)
    defer { days.remove(db) }
    // Hours say less than hits: where those are still there, they say on which day they were.
    let since =
      try Moment.fetchOne(db.cachedStatement(sql: "SELECT swept_before FROM link_hits_mark WHERE id = 1"))
      ?? Moment(milliseconds: 0)
    for sql in statements {
      let takes = sql.contains("?1")
      try db.execute(sql: sql, arguments: takes ? [since] : [])
    }
  }

  private static let statements = [
    campaignTexts, otherTexts, answers, ownLinks, hits, costs, errors, links, linkHits, months, people, optOuts,
  ]

  private static let figures = DayFigures.figures.filter { $0 != .costMicros }
  private static let sums = figures.map { "sum(n) FILTER (WHERE figure = '\($0.rawValue)')" }

  private static func added(_ table: String, _ columns: [String]) -> String {
    columns.map { "\($0) = \(table).\($0) + excluded.\($0)" }.joined(separator: ", ")
  }

  private static func adding(_ names: [String], _ select: String) -> String {
    """
    INSERT INTO day_figures (day, number, \(names.joined(separator: ", "))) \(select) GROUP BY 1, 2
    ON CONFLICT DO UPDATE SET \(added("day_figures", names))
    """
  }

  private static let campaignTexts = adding(
    figures.map(\.rawValue),
    """
    SELECT local_day(hour), number, \(sums.map { "ifnull(\($0), 0)" }.joined(separator: ", ")) FROM campaign_figures
    WHERE figure NOT IN ('human_clicks', 'bot_clicks', 'unknown_clicks') OR hour < ?1
    """)

  private static let otherTexts = adding(
    ["accepted", "segments", "sent", "delivered", "undelivered", "failed"],
    """
    SELECT local_day(ifnull(finished_at, claimed_at)), number, sum(state <> 'failed' OR sid IS NOT NULL),
    sum(CASE WHEN state <> 'failed' OR sid IS NOT NULL THEN segments ELSE 0 END), sum(state IN ('sent', 'delivered', 'undelivered')),
    sum(state = 'delivered'), sum(state = 'undelivered'), sum(state = 'failed') FROM send_jobs
    WHERE campaign_id IS NULL AND kind <> 'test' AND claimed_at IS NOT NULL AND number IS NOT NULL
    AND state IN ('accepted', 'sent', 'delivered', 'undelivered', 'failed')
    """)

  private static let answers = adding(
    ["replies"],
    """
    SELECT local_day(at), number, count(*) FROM messages m WHERE direction = 'in' AND campaign_id IS NULL AND EXISTS (
      SELECT 1 FROM send_jobs j WHERE j.phone = m.phone AND j.kind <> 'test' AND j.claimed_at BETWEEN m.at - 604800000 AND m.at)
    """)

  private static let ownLinks = adding(
    ["human_clicks", "bot_clicks", "unknown_clicks"],
    """
    SELECT local_day(f.hour), 0, sum(f.human), sum(f.bot), sum(f.unknown) FROM link_figures f
    JOIN short_links l ON l.id = f.short_link_id WHERE l.campaign_id IS NULL AND f.hour < ?1
    """)

  private static let costs = adding(
    ["cost_micros"],
    "SELECT cost_day, ifnull(number, 0), sum(cost_micros) FROM send_jobs WHERE cost_day IS NOT NULL")

  private static let errors = """
    INSERT INTO day_errors (day, number, reason, n)
    SELECT local_day(ifnull(finished_at, claimed_at)), ifnull(number, 0), ifnull(reason, ''), count(*) FROM send_jobs
    WHERE state IN ('failed', 'undelivered') AND kind <> 'test' AND ifnull(finished_at, claimed_at) IS NOT NULL GROUP BY 1, 2, 3
    """

  private static let links = """
    INSERT INTO day_links (day, short_link_id, human, bot, unknown)
    SELECT local_day(hour), short_link_id, sum(human), sum(bot), sum(unknown) FROM link_figures WHERE hour < ?1 GROUP BY 1, 2
    """

  private static let verdicts = FiguresCheck.kinds.map { "sum(h.\($0.1))" }.joined(separator: ", ")

  private static let hits = adding(
    FiguresCheck.kinds.map { "\($0.0)_clicks" },
    """
    SELECT local_day(h.at), ifnull(j.number, 0), \(verdicts) FROM \(FiguresCheck.counted) WHERE \(FiguresCheck.counts)
    """)

  private static let linkHits = """
    INSERT INTO day_links (day, short_link_id, \(FiguresCheck.kinds.map(\.0).joined(separator: ", ")))
    SELECT local_day(h.at), h.short_link_id, \(verdicts) FROM \(FiguresCheck.counted) WHERE \(FiguresCheck.counts) GROUP BY 1, 2
    ON CONFLICT DO UPDATE SET \(added("day_links", FiguresCheck.kinds.map(\.0)))
    """

  private static let months = """
    INSERT INTO month_links (month, short_link_id, human, bot, unknown)
    SELECT day / 100, short_link_id, sum(human), sum(bot), sum(unknown) FROM day_links GROUP BY 1, 2
    """

  private static let people = """
    INSERT INTO day_people (day, change, n)
    SELECT local_day(created_at), CASE WHEN import_id IS NULL THEN 'added' ELSE 'imported' END, count(*) FROM contacts GROUP BY 1, 2
    """

  /// Of those who have come back since nothing is known.
  private static var optOuts: String {
    let known = PeopleChange.optOuts.map { "'\($0.rawValue)'" }.joined(separator: ", ")
    return """
      INSERT INTO day_people (day, change, n)
      SELECT local_day(since), CASE WHEN source IN ('merge', 'number_change') THEN 'opt_out_number_change'
        WHEN source LIKE 'provider\\_%' ESCAPE '\\' THEN 'opt_out_provider' WHEN 'opt_out_' || source IN (\(known)) THEN 'opt_out_' || source
        ELSE 'opt_out_other' END, count(*)
      FROM do_not_contact GROUP BY 1, 2
      """
  }
}

/// `local_day(milliseconds)` in statements: the day of the file's zone.
struct LocalDayFunction {
  let zone: TimeZone
  private let function: DatabaseFunction

  init(_ db: Database) throws {
    let zone = try DayFigures.zone(db)
    self.zone = zone
    function = DatabaseFunction("local_day", argumentCount: 1, pure: true) { values in
      Int64.fromDatabaseValue(values[0]).map { DayNumber(Moment(milliseconds: $0), in: zone).number }
    }
    db.add(function: function)
  }

  func remove(_ db: Database) { db.remove(function: function) }
}
