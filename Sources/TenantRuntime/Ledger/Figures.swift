package import GRDB

/// Sums of what happened, per campaign, hour, sending number and variant, and of the whole tenant per day (`DayFigures`), added to in the
/// transaction of the fact itself.
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
    guard job.isReported || figure == .costMicros else { return }
    // A price that changes is of the day of its reservation.
    guard figure == .costMicros, let day = job.costDay else {
      return try add(db, campaign: job.campaignID, number: job.number, variant: job.variant, figure, amount, at: at)
    }
    try DayFigures.add(
      db, .figure(figure, number: job.number?.digits ?? 0), amount, on: DayNumber(number: day))
    if let key = key(job.campaignID, job.number, job.variant, figure, at), amount != 0 { try write(db, key, amount) }
  }

  package static func add(
    _ db: Database, campaign: Int64?, number: PhoneNumber?, variant: Int64?, _ figure: Figure, _ amount: Int64,
    at: Moment
  ) throws {
    if amount == 0 { return }
    if DayFigures.figures.contains(figure) {
      try DayFigures.add(db, .figure(figure, number: number?.digits ?? 0), amount, at: at)
    }
    if let key = key(campaign, number, variant, figure, at) { try write(db, key, amount) }
  }

  /// Of one text, into the transaction's tally.
  static func add(
    _ db: Database, _ effects: inout Effects, _ job: SendJob, _ figure: Figure, _ amount: Int64, at: Moment
  ) throws {
    guard job.isReported else { return }
    try add(
      db, &effects, campaign: job.campaignID, number: job.number, variant: job.variant, figure, amount, at: at)
  }

  /// Into the transaction's tally, where it keeps one.
  static func add(
    _ db: Database, _ effects: inout Effects, campaign: Int64?, number: PhoneNumber?, variant: Int64?,
    _ figure: Figure, _ amount: Int64, at: Moment
  ) throws {
    if amount == 0 { return }
    if DayFigures.figures.contains(figure) {
      try DayFigures.add(db, &effects, .figure(figure, number: number?.digits ?? 0), amount, at: at)
    }
    guard let key = key(campaign, number, variant, figure, at) else { return }
    if effects.tally == nil { try write(db, key, amount) } else { effects.tally?.add(key, amount) }
  }

  static func key(
    _ campaign: Int64?, _ number: PhoneNumber?, _ variant: Int64?, _ figure: Figure, _ at: Moment
  ) -> FigureTally.OfCampaign? {
    campaign.map {
      FigureTally.OfCampaign(
        campaign: $0, hour: at.hour, number: number?.digits ?? 0, variant: variant ?? 0, figure: figure)
    }
  }

  static func write(_ db: Database, _ key: FigureTally.OfCampaign, _ amount: Int64) throws {
    let statement = try RawStatement(
      db,
      """
      INSERT INTO campaign_figures (campaign_id, hour, number, variant, figure, n) VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET n = n + excluded.n
      """)
    statement.bind(1, key.campaign)
    statement.bind(2, key.hour.milliseconds)
    statement.bind(3, key.number)
    statement.bind(4, key.variant)
    statement.bind(5, key.figure.rawValue)
    statement.bind(6, amount)
    try statement.run()
  }
}
