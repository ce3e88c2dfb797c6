import Foundation
package import GRDB

/// All campaigns together over a time, by days of the tenant's zone, from the roll-ups alone.
package struct PeriodFigures: Sendable {
  package let total: CampaignFigures.Sums
  package let days: [(day: Moment, sums: CampaignFigures.Sums)]

  /// - Parameter since: days begin in the one it lies in; at most so many are read.
  package static func read(_ db: Database, since: Moment, zone: String) throws -> PeriodFigures {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = TimeZone(identifier: zone) ?? .gmt
    let first = calendar.startOfDay(for: since.date)
    var byDay: [Moment: CampaignFigures.Sums] = [:]
    var total: CampaignFigures.Sums = [:]
    let start = Moment(first) ?? since
    for row in try Row.fetchAll(
      db,
      sql: """
        SELECT hour, figure, sum(n) AS n FROM campaign_figures WHERE campaign_id IN
        (SELECT id FROM campaigns WHERE completed_at IS NULL OR completed_at >= ?1 - 2678400000) AND hour >= ?1 GROUP BY 1, 2
        """, arguments: [start])
    {
      guard let figure = Figures.Figure(rawValue: row["figure"]) else { continue }
      let day = Moment(calendar.startOfDay(for: (row["hour"] as Moment).date)) ?? row["hour"]
      byDay[day, default: [:]][figure, default: 0] += row["n"] as Int64
      total[figure, default: 0] += row["n"] as Int64
    }
    return PeriodFigures(total: total, days: byDay.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
  }

  func chart(_ words: Words) -> (Drawing, Drawing) {
    let labels = days.map { words.day($0.day) }
    func series(_ kind: Chart.Kind, _ name: String, _ figures: Figures.Figure...) -> Chart.Series {
      Chart.Series(kind, words(name), days.map { day in figures.reduce(0) { $0 + (day.sums[$1] ?? 0) } })
    }
    let texts = [series("go", "Delivered", .delivered), series("stop", "Failed", .failed, .undelivered)]
    let more = [
      series("info", "Clicks by people", .humanClicks), series("talk", "Answers", .replies),
      series("wait", "Opt-outs", .optOuts),
    ]
    let chart = Chart(words)
    return (
      chart.columns(labels, texts, caption: words("Texts per day"), every: labels.count > 10 ? 5 : 1),
      chart.table(
        labels, texts + more, head: words("Day"), caption: words("Texts, clicks, answers and opt-outs per day"))
    )
  }
}
