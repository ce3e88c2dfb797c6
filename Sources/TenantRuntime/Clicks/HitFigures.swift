import Crypto
import Foundation
import GRDB

/// A stored hit as the figures see it. Figures move in the transaction of the fact, forward when a hit is stored, and either way when it is
/// judged again.
///
/// - `link_figures`: of each link and hour human, bot and unknown clicks; `people`, distinct ones within the hour; `first_people`, those
///   whose first click of this link it was, so that their sum is the link's people.
/// - `link_visitors`: how many human clicks a person made on a link within an hour: what makes people distinct, and stays when hits are swept.
/// - `day_figures`, `day_links`, `month_links`: the same clicks by day of the tenant's zone, of the whole tenant and of each link, and by month.
/// - `campaign_figures`: the same per campaign, hour, sending number and variant; people by their first click of the campaign (`send_jobs.clicked_at`).
///
/// A person is the text whose link was opened. Where there is no text it is an address as kept with its user agent: at least so many.
struct HitFigures {
  var id: Int64
  var link: HitLink
  var method: String
  var at: Moment
  var visitor: Int64

  /// HEAD is answered but counts nothing, nor do tests.
  var counts: Bool { method != "HEAD" && link.kind != .test }

  /// Below zero, so that it is no text's.
  static func visitor(address: String, userAgent: String) -> Int64 {
    let hash = SHA256.hash(data: Data("\(address)\n\(userAgent)".utf8)).prefix(8).reduce(UInt64(0)) {
      $0 << 8 | UInt64($1)
    }
    return Int64(bitPattern: hash | 1 << 63)
  }

  func move(
    _ db: Database, from old: ClickVerdict?, to new: ClickVerdict?, _ effects: inout Effects
  ) throws {
    guard counts, old?.figure != new?.figure else { return }
    var change = LinkFigures()
    if let old { change.add(old.figure, -1) }
    if let new { change.add(new.figure, 1) }
    if old?.figure == .humanClicks { try leave(db, &effects, &change) }
    if new?.figure == .humanClicks { try come(db, &effects, &change) }
    try write(db, &effects, change, hour: at.hour)
    for (figure, amount) in [(old?.figure, Int64(-1)), (new?.figure, 1)] {
      guard let figure else { continue }
      try campaign(db, &effects, figure, amount, at: at)
      try DayFigures.add(db, &effects, .click(figure, link: link.id), amount, at: at)
    }
    guard link.campaignID != nil else { return }
    if old?.figure == .humanClicks { try leaveCampaign(db, &effects) }
    if new?.figure == .humanClicks { try comeToCampaign(db, &effects) }
  }

  /// The timeline records a click, and one taken back.
  func publish(
    _ db: Database, _ effects: inout Effects, _ kind: Event.Kind, at: Moment, _ more: [(String, JSON)] = []
  ) throws {
    try Event.append(
      db, &effects, kind, at: at, phone: link.phone, campaign: link.campaignID, job: link.jobID,
      data: .object([("link", .int(link.linkNumber)), ("hit", .int(id))] + more))
  }

  // MARK: Of the link

  private func write(_ db: Database, _ effects: inout Effects, _ change: LinkFigures, hour: Moment) throws {
    let key = FigureTally.OfLink(link: link.id, hour: hour)
    if effects.tally == nil { try change.write(db, key) } else { effects.tally?.add(key, change) }
  }

  private func come(_ db: Database, _ effects: inout Effects, _ change: inout LinkFigures) throws {
    let hits = try Int.fetchOne(
      db.cachedStatement(
        sql: """
          INSERT INTO link_visitors (short_link_id, visitor, hour, hits) VALUES (?, ?, ?, 1)
          ON CONFLICT DO UPDATE SET hits = hits + 1 RETURNING hits
          """), arguments: [link.id, visitor, at.hour])
    guard hits == 1 else { return }
    change.people += 1
    guard let next = try otherHour(db) else { return change.first += 1 }
    guard at.hour < next else { return }
    change.first += 1
    try write(db, &effects, LinkFigures(human: 0, bot: 0, unknown: 0, people: 0, first: -1), hour: next)
  }

  private func leave(_ db: Database, _ effects: inout Effects, _ change: inout LinkFigures) throws {
    let key: StatementArguments = [link.id, visitor, at.hour]
    let left = try Int.fetchOne(
      db.cachedStatement(
        sql: """
          UPDATE link_visitors SET hits = hits - 1 WHERE short_link_id = ? AND visitor = ? AND hour = ? RETURNING hits
          """), arguments: key)
    guard left == 0 else { return }
    try db.cachedStatement(sql: "DELETE FROM link_visitors WHERE short_link_id = ? AND visitor = ? AND hour = ?")
      .execute(arguments: key)
    change.people -= 1
    guard let next = try otherHour(db) else { return change.first -= 1 }
    guard at.hour < next else { return }
    change.first -= 1
    try write(db, &effects, LinkFigures(human: 0, bot: 0, unknown: 0, people: 0, first: 1), hour: next)
  }

  /// The first hour, other than this one, in which the person clicked this link.
  private func otherHour(_ db: Database) throws -> Moment? {
    try Moment.fetchOne(
      db.cachedStatement(
        sql:
          "SELECT hour FROM link_visitors WHERE short_link_id = ? AND visitor = ? AND hour <> ? ORDER BY hour LIMIT 1"),
      arguments: [link.id, visitor, at.hour])
  }

  // MARK: Of the campaign

  private func campaign(_ db: Database, _ effects: inout Effects, _ figure: Figures.Figure, _ amount: Int64, at: Moment)
    throws
  {
    try Figures.add(
      db, &effects, campaign: link.campaignID, number: link.number, variant: link.variant, figure, amount, at: at)
  }

  private func comeToCampaign(_ db: Database, _ effects: inout Effects) throws {
    if let first = link.clickedAt {
      guard at < first else { return }
      try campaign(db, &effects, .people, -1, at: first)
    }
    try campaign(db, &effects, .people, 1, at: at)
    try setClicked(db, at)
  }

  private func leaveCampaign(_ db: Database, _ effects: inout Effects) throws {
    guard link.clickedAt == at else { return }
    // This hit's row says already that it is none.
    let next = try Moment.fetchOne(
      db.cachedStatement(
        sql: """
          SELECT min(at) FROM link_hits WHERE id IN (SELECT hit_id FROM link_hits_of_jobs WHERE send_job_id = ?)
          AND verdict = 'human' AND method <> 'HEAD'
          """),
      arguments: [link.jobID])
    try campaign(db, &effects, .people, -1, at: at)
    if let next { try campaign(db, &effects, .people, 1, at: next) }
    try setClicked(db, next)
  }

  private func setClicked(_ db: Database, _ moment: Moment?) throws {
    try db.cachedStatement(sql: "UPDATE send_jobs SET clicked_at = ? WHERE id = ?").execute(arguments: [
      moment, link.jobID,
    ])
  }
}

extension ClickVerdict {
  /// Where a hit of this verdict is counted.
  var figure: Figures.Figure {
    switch self {
    case .human: .humanClicks
    case .unknown: .unknownClicks
    case .preview, .scanner: .botClicks
    }
  }
}
