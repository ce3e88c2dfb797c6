import GRDB

/// What a claim adds to the sums, once for each of their rows: most of its texts add to the same few.
enum ClaimSums {
  /// - Parameter day: the budget's.
  static func write(_ db: Database, _ jobs: [ClaimedJob], day: LocalDay, now: Moment) throws {
    var costs: [Int64: Budget.Booking] = [:]
    var tally = FigureTally()
    for job in jobs {
      costs[job.campaignID ?? 0, default: Budget.Booking()].add(micros: job.cost, segments: Int64(job.segments))
      if var state = job.counted {
        tally.add(state, -1)
        (state.state, state.reason) = (.sending, "")
        tally.add(state, 1)
      }
      tally.days.add(.figure(.costMicros, number: job.number.digits), job.cost, on: DayNumber(number: day.number))
      if let key = Figures.key(job.campaignID, job.number, job.variant, .costMicros, now) { tally.add(key, job.cost) }
    }
    for (campaign, booking) in costs { try Budget.book(db, day: day.number, campaign: campaign, booking) }
    try tally.write(db)
  }
}
