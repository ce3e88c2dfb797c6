import GRDB
import Hummingbird

/// Links that were opened in a time, those that most people clicked first.
struct LinkReport: Sendable {
  struct Line: Sendable {
    let id: Int64
    let campaign: Int64?
    let campaignName: String?
    let name: String?
    let slug: String?
    let variant: String?
    let target: String
    let human: Int64
    let bot: Int64
    let unknown: Int64

    fileprivate init(_ row: Row, _ sums: LinkSums) {
      (id, campaign, campaignName) = (row["id"], row["campaign_id"], row["campaign_name"])
      (name, slug, variant, target) = (row["name"], row["slug"], row["variant_name"], row["target"])
      (human, bot, unknown) = (sums.human, sums.bot, sums.unknown)
    }

    var json: JSON {
      [
        "link_id": .int(id), "campaign_id": .optional(campaign), "campaign": .optional(campaignName),
        "name": .optional(name), "slug": .optional(slug), "variant": .optional(variant), "target": .text(target),
        "human_clicks": .int(human), "bot_clicks": .int(bot), "unknown_clicks": .int(unknown),
      ]
    }
  }

  /// Where a page goes on: behind this link with so many clicks of people.
  struct Place: Sendable {
    var human: Int64
    var id: Int64
  }

  static let columns = [
    "link_id", "campaign_id", "campaign", "name", "slug", "variant", "target", "human_clicks", "bot_clicks",
    "unknown_clicks",
  ]

  static func read(_ db: Database, _ period: ReportPeriod, behind place: Place?, atMost limit: Int) throws -> [Line] {
    let sums = try LinkSums.all(db, period)
    let ids = sums.lazy.map { Place(human: $0.value.human, id: $0.key) }
      .filter { one in place.map { (one.human, one.id) < ($0.human, $0.id) } ?? true }
      .sorted { ($0.human, $0.id) > ($1.human, $1.id) }.prefix(limit).map(\.id)
    return try lines(db, Array(ids), sums)
  }

  /// By id, for a file of any length; nobody of a part may have been clicked, and there may be more behind it.
  static func read(
    _ db: Database, _ period: ReportPeriod, after id: Int64, atMost limit: Int
  ) throws -> [Line] {
    var after = id
    while let upTo = try Int64.fetchOne(
      db, sql: "SELECT max(id) FROM (SELECT id FROM short_links WHERE id > ? ORDER BY id LIMIT \(limit))",
      arguments: [after])
    {
      let sums = try LinkSums.some(db, period, of: after + 1...upTo)
      if !sums.isEmpty { return try lines(db, sums.keys.sorted(), sums) }
      after = upTo
    }
    return []
  }

  private static func lines(_ db: Database, _ ids: [Int64], _ sums: [Int64: LinkSums]) throws -> [Line] {
    let rows = try Row.fetchCursor(
      db.cachedStatement(
        sql: """
          SELECT l.id, l.campaign_id, l.name, l.slug, l.target, \(ShortLink.variantName), c.name AS campaign_name
          FROM json_each(?) i JOIN short_links l ON l.id = i.value LEFT JOIN campaigns c ON c.id = l.campaign_id ORDER BY i.key
          """), arguments: [JSON.list(ids.map(JSON.int)).serialized])
    var lines: [Line] = []
    while let row = try rows.next() { lines.append(Line(row, sums[row["id"]] ?? LinkSums())) }
    return lines
  }
}

/// `?limit=` and `?cursor=` of a list whose entries are ordered by their clicks.
struct LinksAsked {
  let limit: Int
  let place: LinkReport.Place?
  private let cursor: Cursor

  init(_ call: Call<Runtime>, shown: Int = 100) throws {
    limit = call.query("limit").flatMap { Int($0) } ?? shown
    guard (1...PageRequest.most).contains(limit) else {
      throw Refusal.invalid("limit", "must be a whole number from 1 to \(PageRequest.most)")
    }
    let cursor = Cursor(of: call)
    self.cursor = cursor
    place = try call.query("cursor").map { text in
      let values = try cursor.values(text, count: 2)
      return LinkReport.Place(human: values[0], id: values[1])
    }
  }

  /// Lines were read with `limit + 1`; nil: this is the last page.
  func next(after lines: [LinkReport.Line]) -> String? {
    lines.count > limit ? lines.prefix(limit).last.map { cursor.text([$0.human, $0.id]) } : nil
  }
}
