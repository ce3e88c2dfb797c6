package import GRDB

/// A campaign in figures, read from the roll-ups alone.
package enum Report {
  /// Every state of `design.md` 13, zero included; they add up to the audience.
  package static func counts(_ db: Database, campaign: Int64) throws -> JSON {
    let rows = try Row.fetchAll(
      db.cachedStatement(sql: "SELECT state, sum(n) AS n FROM campaign_counts WHERE campaign_id = ? GROUP BY state"),
      arguments: [campaign])
    let found = Dictionary(uniqueKeysWithValues: rows.map { ($0["state"] as String, $0["n"] as Int64) })
    let states = SendJob.State.allCases.map { ($0.rawValue, JSON.int(found[$0.rawValue] ?? 0)) }
    return .object([("audience", .int(found.values.reduce(0, +)))] + states)
  }

  package static func reasons(_ db: Database, campaign: Int64, states: [SendJob.State]) throws -> JSON {
    let rows = try Row.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT reason, sum(n) AS n FROM campaign_counts WHERE campaign_id = ? AND reason <> '' AND n > 0
          AND state IN (SELECT value FROM json_each(?)) GROUP BY reason ORDER BY n DESC, reason
          """),
      arguments: [campaign, JSON.list(states.map { .text($0.rawValue) }).serialized])
    return .object(rows.map { ($0["reason"] as String, $0.int("n")) })
  }

  package static func whole(_ db: Database, campaign: Int64) throws -> JSON {
    let variants = try Campaign.find(db, id: campaign).variants
    let totals = try figures(db, campaign: campaign, by: nil)[""] ?? [:]
    func total(_ figure: Figures.Figure) -> JSON { .int(totals[figure.rawValue] ?? 0) }
    let byHour = try figures(db, campaign: campaign, by: "hour").sorted { Int64($0.key) ?? 0 < Int64($1.key) ?? 0 }
    let byNumber = try figures(db, campaign: campaign, by: "number").sorted { $0.key < $1.key }
    return [
      "counts": try counts(db, campaign: campaign),
      "skipped_reasons": try reasons(db, campaign: campaign, states: [.skipped]),
      "clicks": ["human": total(.humanClicks), "bot": total(.botClicks), "people": total(.people)],
      "unknown_clicks": total(.unknownClicks), "by_link": try ClickReport.byLink(db, campaign: campaign),
      "replies": total(.replies), "opt_outs": total(.optOuts), "segments": total(.segments),
      "cost_micros": total(.costMicros),
      "by_hour": .list(
        byHour.map { hour, figures in
          .object([("hour", .moment(Moment(milliseconds: Int64(hour) ?? 0)))] + columns(figures))
        }),
      "by_error": try reasons(db, campaign: campaign, states: [.failed, .undelivered]),
      "by_number": .list(
        byNumber.map { number, figures in .object([("number", .text("+" + number))] + columns(figures)) }),
      "by_variant": variants.isEmpty ? [] : try byVariant(db, campaign: campaign, variants),
    ]
  }

  /// Each with every figure, zero included; audiences add up to the campaign's.
  private static func byVariant(_ db: Database, campaign: Int64, _ variants: [CampaignVariant]) throws -> JSON {
    let sums = try figures(db, campaign: campaign, by: "variant")
    let counts = try Row.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT variant, sum(n) AS audience, ifnull(sum(n) FILTER (WHERE state = 'skipped'), 0) AS skipped
          FROM campaign_counts WHERE campaign_id = ? GROUP BY variant
          """), arguments: [campaign])
    let byNumber = Dictionary(uniqueKeysWithValues: counts.map { ($0["variant"] as Int, $0) })
    return .list(
      variants.enumerated().map { index, variant in
        member(variant, counts: byNumber[index + 1], figures: sums[String(index + 1)] ?? [:])
      })
  }

  private static func member(_ variant: CampaignVariant, counts: Row?, figures: [String: Int64]) -> JSON {
    func sum(_ figure: Figures.Figure) -> JSON { .int(figures[figure.rawValue] ?? 0) }
    let clicks: Set<Figures.Figure> = [.humanClicks, .botClicks, .people]
    var members: [(String, JSON)] = [
      ("variant", .text(variant.name)), ("audience", .int(counts?["audience"] ?? 0)),
      ("skipped", .int(counts?["skipped"] ?? 0)),
    ]
    for figure in Figures.Figure.allCases where !clicks.contains(figure) {
      members.append((figure.rawValue, sum(figure)))
    }
    members.append(("clicks", ["human": sum(.humanClicks), "bot": sum(.botClicks), "people": sum(.people)]))
    return .object(members)
  }

  private static func columns(_ figures: [String: Int64]) -> [(String, JSON)] {
    figures.sorted { $0.key < $1.key }.map { ($0.key, .int($0.value)) }
  }

  private static func figures(_ db: Database, campaign: Int64, by column: String?) throws -> [String: [String: Int64]] {
    let group = column ?? "''"
    var sums: [String: [String: Int64]] = [:]
    for row in try Row.fetchAll(
      db, sql: "SELECT \(group) AS part, figure, sum(n) AS n FROM campaign_figures WHERE campaign_id = ? GROUP BY 1, 2",
      arguments: [campaign])
    {
      let part = String.fromDatabaseValue(row["part"]) ?? (row["part"] as Int64?).map(String.init) ?? ""
      sums[part, default: [:]][row["figure"]] = row["n"]
    }
    return sums
  }
}
