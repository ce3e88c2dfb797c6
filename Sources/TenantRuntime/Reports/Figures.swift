package import GRDB

/// Sums of what happened, per campaign, hour, sending number and variant, added to in the transaction of the fact itself.
package enum Figures {
  package enum Figure: String, CaseIterable, Sendable {
    case accepted, sent, delivered, undelivered, failed, segments, replies
    case costMicros = "cost_micros"
    case humanClicks = "human_clicks"
    case botClicks = "bot_clicks"
    /// Neither surely a person nor surely a machine.
    case unknownClicks = "unknown_clicks"
    case people
    case optOuts = "opt_outs"
  }

  package static func add(_ db: Database, _ job: SendJob, _ figure: Figure, _ amount: Int64, at: Moment) throws {
    try add(db, campaign: job.campaignID, number: job.number, variant: job.variant, figure, amount, at: at)
  }

  package static func add(
    _ db: Database, campaign: Int64?, number: PhoneNumber?, variant: Int64?, _ figure: Figure, _ amount: Int64,
    at: Moment
  ) throws {
    guard let campaign, amount != 0 else { return }
    let statement = try RawStatement(
      db,
      """
      INSERT INTO campaign_figures (campaign_id, hour, number, variant, figure, n) VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET n = n + excluded.n
      """)
    statement.bind(1, campaign)
    statement.bind(2, at.hour.milliseconds)
    statement.bind(3, number?.digits ?? 0)
    statement.bind(4, variant ?? 0)
    statement.bind(5, figure.rawValue)
    statement.bind(6, amount)
    try statement.run()
  }
}
