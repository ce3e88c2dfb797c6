package import GRDB

extension SendJob {
  /// Gives back what was reserved for a text that is not sent.
  package mutating func releaseReservation(_ db: Database, at: Moment) throws {
    guard costMicros != 0 else { return }
    try Figures.add(db, self, .costMicros, -costMicros, at: at)
    try db.execute(
      sql: "UPDATE campaigns SET reserved_micros = reserved_micros - ? WHERE id = ?",
      arguments: [costMicros, campaignID])
    if let costDay {
      if let number { try NumberPool.release(db, number: number, day: costDay) }
      try Budget.release(db, day: costDay, campaign: campaignID, micros: costMicros, segments: segments)
      // One that the provider had asked a price for, and took back.
      let billed = try Int64.fetchOne(
        db.cachedStatement(sql: "SELECT price_micros FROM send_jobs WHERE id = ?"), arguments: [id])
      if let billed { try Budget.settle(db, day: costDay, campaign: campaignID, micros: 0, billed: -billed) }
    }
    try db.execute(
      sql: "UPDATE send_jobs SET cost_micros = 0, cost_day = NULL, price_micros = NULL WHERE id = ?", arguments: [id])
    costMicros = 0
    costDay = nil
  }
}
