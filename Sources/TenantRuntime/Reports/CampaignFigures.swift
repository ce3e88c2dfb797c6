import Foundation
package import GRDB

/// A campaign in figures, typed, from the roll-ups alone: what pages show. The same rows as `Report`'s.
package struct CampaignFigures: Sendable {
  package struct Reason: Sendable {
    package let name: String
    package let count: Int64
  }

  package typealias Sums = [Figures.Figure: Int64]

  package let states: [SendJob.State: Int64]
  package let skipped: [Reason]
  package let failed: [Reason]
  package let waiting: [Reason]
  package let total: Sums
  /// The latest hours, in their order.
  package let hours: [(at: Moment, sums: Sums)]
  package let numbers: [(number: PhoneNumber, sums: Sums)]
  /// By the variant's number; 0: the campaign has one text.
  package let variants: [Int: Sums]

  private static let mostHours = 1_000

  package var audience: Int64 { states.values.reduce(0, +) }
  package func of(_ states: SendJob.State...) -> Int64 { states.reduce(0) { $0 + (self.states[$1] ?? 0) } }
  /// Not yet with the provider.
  package var left: Int64 { of(.queued, .sending, .deferred) }
  /// Texts whose fate is known.
  package var known: Int64 { of(.delivered, .undelivered, .failed) }

  package static func read(_ db: Database, campaign: Int64) throws -> CampaignFigures {
    var states: [SendJob.State: Int64] = [:]
    var reasons: [SendJob.State: [Reason]] = [:]
    for row in try Row.fetchAll(
      db,
      sql: """
        SELECT state, reason, sum(n) AS n FROM campaign_counts WHERE campaign_id = ? AND n > 0 GROUP BY state, reason
        ORDER BY n DESC, reason
        """, arguments: [campaign])
    {
      guard let state = SendJob.State(rawValue: row["state"]) else { continue }
      states[state, default: 0] += row["n"] as Int64
      let reason: String = row["reason"]
      if !reason.isEmpty { reasons[state, default: []].append(Reason(name: reason, count: row["n"])) }
    }
    let hours = try sums(db, campaign, by: "hour").sorted { $0.key < $1.key }.suffix(mostHours)
    let numbers = try sums(db, campaign, by: "number").sorted { $0.key < $1.key }
    let variants = try sums(db, campaign, by: "variant")
    return CampaignFigures(
      states: states, skipped: reasons[.skipped] ?? [],
      failed: merged((reasons[.failed] ?? []) + (reasons[.undelivered] ?? [])), waiting: reasons[.deferred] ?? [],
      total: variants.values.reduce(into: [:]) { $0.merge($1, uniquingKeysWith: +) },
      hours: hours.map { (Moment(milliseconds: $0.key), $0.value) },
      numbers: numbers.compactMap { key, sums in PhoneNumber(digits: key).map { ($0, sums) } },
      variants: Dictionary(variants.map { (Int($0.key), $0.value) }, uniquingKeysWith: { first, _ in first }))
  }

  private static func merged(_ reasons: [Reason]) -> [Reason] {
    var sums: [String: Int64] = [:]
    for reason in reasons { sums[reason.name, default: 0] += reason.count }
    return sums.map { Reason(name: $0.key, count: $0.value) }.sorted { ($1.count, $0.name) < ($0.count, $1.name) }
  }

  private static func sums(_ db: Database, _ campaign: Int64, by column: String) throws -> [Int64: Sums] {
    var found: [Int64: Sums] = [:]
    for row in try Row.fetchAll(
      db,
      sql: "SELECT \(column) AS part, figure, sum(n) AS n FROM campaign_figures WHERE campaign_id = ? GROUP BY 1, 2",
      arguments: [campaign])
    {
      guard let figure = Figures.Figure(rawValue: row["figure"]) else { continue }
      found[row["part"], default: [:]][figure] = row["n"]
    }
    return found
  }
}

/// Which of two shares is the greater one, and how surely: the normal approximation of the difference of two proportions.
package enum Proportions {
  /// The probability that the first is truly the greater one, from 0 to 1; nil where there is too little to say so.
  package static func probability(_ first: (Int64, of: Int64), over second: (Int64, of: Int64)) -> Double? {
    guard first.of >= 30, second.of >= 30, first.0 + second.0 >= 10 else { return nil }
    let (a, b) = (Double(first.0) / Double(first.of), Double(second.0) / Double(second.of))
    let variance = a * (1 - a) / Double(first.of) + b * (1 - b) / Double(second.of)
    guard variance > 0 else { return nil }
    return normal((a - b) / variance.squareRoot())
  }

  /// The share of a normal distribution below (Abramowitz and Stegun 26.2.17; off by less than 1e-7).
  static func normal(_ z: Double) -> Double {
    let t = 1 / (1 + 0.231_641_9 * abs(z))
    let terms =
      t * (0.319_381_530 + t * (-0.356_563_782 + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))))
    let tail = exp(-z * z / 2) / (2 * Double.pi).squareRoot() * terms
    return z >= 0 ? 1 - tail : tail
  }
}
