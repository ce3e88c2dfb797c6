import GRDB

/// Campaigns side by side: what their reports say in all.
enum ComparisonReport {
  static let campaigns = 2...10

  static let figures: [Figures.Figure] = [
    .accepted, .segments, .delivered, .undelivered, .failed, .people, .humanClicks, .botClicks, .replies, .optOuts,
    .costMicros,
  ]
  static let names = figures.map(\.rawValue)
  static let columns = ["id", "name", "state", "started_at", "completed_at", "audience", "skipped"] + names

  static func rows(_ db: Database, _ ids: [Int64]) throws -> [JSON] {
    let sums = try CampaignFigures.list(db, ids, summing: figures, within: nil)
    return try ids.compactMap { id in
      let campaign = try Campaign.find(db, id: id)
      guard let found = sums[id] else { return nil }
      return .object(
        [
          ("id", .int(id)), ("name", .text(campaign.name)), ("state", .text(campaign.state.rawValue)),
          ("started_at", .moment(campaign.startedAt)), ("completed_at", .moment(campaign.completedAt)),
          ("audience", .int(found.audience)), ("skipped", .int(found.of(.skipped))),
        ] + figures.map { ($0.rawValue, .int(found.total[$0] ?? 0)) })
    }
  }
}
