import Foundation
package import GRDB

/// One sending number over all campaigns, by days of the tenant's zone, from the roll-ups alone.
package struct NumberFigures: Sendable {
  package let total: CampaignFigures.Sums
  /// Every day from the first on, those without a text too.
  package let days: [(day: Moment, sums: CampaignFigures.Sums)]

  package static func read(
    _ db: Database, number: PhoneNumber, days count: Int, now: Moment, zone: String
  ) throws -> NumberFigures {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = TimeZone(identifier: zone) ?? .gmt
    let today = calendar.startOfDay(for: now.date)
    let starts = (0..<count).reversed().compactMap {
      calendar.date(byAdding: .day, value: -$0, to: today).flatMap(Moment.init)
    }
    var byDay: [Moment: CampaignFigures.Sums] = [:]
    var total: CampaignFigures.Sums = [:]
    for row in try Row.fetchAll(
      db,
      sql: """
        SELECT hour, figure, sum(n) AS n FROM campaign_figures WHERE campaign_id IN (\(recent)) AND hour >= ?1
        AND number = ?2 GROUP BY 1, 2
        """, arguments: [starts.first ?? now, number])
    {
      guard let figure = Figures.Figure(rawValue: row["figure"]) else { continue }
      let day = Moment(calendar.startOfDay(for: (row["hour"] as Moment).date)) ?? row["hour"]
      byDay[day, default: [:]][figure, default: 0] += row["n"] as Int64
      total[figure, default: 0] += row["n"] as Int64
    }
    return NumberFigures(total: total, days: starts.map { ($0, byDay[$0] ?? [:]) })
  }

  /// Sums of each number since then.
  package static func all(_ db: Database, since: Moment) throws -> [PhoneNumber: CampaignFigures.Sums] {
    var found: [PhoneNumber: CampaignFigures.Sums] = [:]
    for row in try Row.fetchAll(
      db,
      sql: """
        SELECT number, figure, sum(n) AS n FROM campaign_figures WHERE campaign_id IN (\(recent)) AND hour >= ?1 GROUP BY 1, 2
        """, arguments: [since])
    {
      guard let figure = Figures.Figure(rawValue: row["figure"]), let number = PhoneNumber(digits: row["number"]) else {
        continue
      }
      found[number, default: [:]][figure] = row["n"]
    }
    return found
  }

  /// Those that may have figures since `?1`: reports come for up to a month after a campaign's end.
  private static let recent =
    "SELECT id FROM campaigns WHERE completed_at IS NULL OR completed_at >= ?1 - 2678400000"
}
