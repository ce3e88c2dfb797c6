import GRDB

/// What a report is made of, read in one transaction: viewers of one campaign share it (`SharedReadings`).
struct CampaignStanding: Sendable {
  /// One of the campaign's numbers that gives no text now.
  struct Stop: Sendable {
    let number: PhoneNumber
    /// Nil: the tenant does not send from it any more.
    let paused: (reason: String, since: Moment?)?
  }

  let campaign: Campaign
  let author: String
  let figures: CampaignFigures
  let links: [JSON]
  let stops: [Stop]
  let thrown: KillSwitch.Thrown?

  init(_ db: Database, _ id: Int64) throws {
    campaign = try Campaign.find(db, id: id)
    let actor = try String.fetchOne(
      db.cachedStatement(sql: "SELECT created_by FROM campaigns WHERE id = ?"), arguments: [id])
    author = actor.map { String($0.split(separator: ":", maxSplits: 1).last ?? "") } ?? ""
    figures = try CampaignFigures.read(db, campaign: id)
    links = try ClickReport.byLink(db, campaign: id).list ?? []
    stops = try Self.stops(db, campaign)
    thrown = try KillSwitch.thrown(db)
  }

  static func stops(_ db: Database, _ campaign: Campaign) throws -> [Stop] {
    try campaign.numbers.compactMap { number in try stop(db, number) }
  }

  private static func stop(_ db: Database, _ number: PhoneNumber) throws -> Stop? {
    guard
      let row = try Row.fetchOne(
        db.cachedStatement(sql: "SELECT paused_reason, paused_at FROM sending_numbers WHERE number = ?"),
        arguments: [number])
    else { return Stop(number: number, paused: nil) }
    return (row["paused_reason"] as String?).map { Stop(number: number, paused: ($0, row["paused_at"])) }
  }
}

extension CampaignStanding.Stop {
  func sentence(_ words: Words) -> String {
    let number = words.phone(number)
    guard let paused else { return words("{0} is no number of this business any more.", number) }
    let reason = words.because(paused.reason)
    return paused.since.map { words("{0} is stopped since {1}: {2}", number, words.time($0), reason) }
      ?? words("{0} is stopped: {1}", number, reason)
  }
}
