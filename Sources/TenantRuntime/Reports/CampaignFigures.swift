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
  /// False: there was no time for `total`.
  package let isSummed: Bool
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
    let counts = try Counts.read(db, [campaign])[campaign] ?? Counts()
    let hours = try sums(db, campaign, by: "hour").sorted { $0.key < $1.key }.suffix(mostHours)
    let numbers = try sums(db, campaign, by: "number").sorted { $0.key < $1.key }
    let variants = try sums(db, campaign, by: "variant")
    return CampaignFigures(
      counts, total: variants.values.reduce(into: [:]) { $0.merge($1, uniquingKeysWith: +) },
      hours: hours.map { (Moment(milliseconds: $0.key), $0.value) },
      numbers: numbers.compactMap { key, sums in PhoneNumber(digits: key).map { ($0, sums) } },
      variants: Dictionary(variants.map { (Int($0.key), $0.value) }, uniquingKeysWith: { first, _ in first }))
  }

  private init(
    _ counts: Counts, total: Sums, isSummed: Bool = true, hours: [(at: Moment, sums: Sums)] = [],
    numbers: [(number: PhoneNumber, sums: Sums)] = [], variants: [Int: Sums] = [:]
  ) {
    let reasons = counts.reasons
    (states, skipped, waiting) = (counts.states, reasons[.skipped] ?? [], reasons[.deferred] ?? [])
    failed = Self.merged((reasons[.failed] ?? []) + (reasons[.undelivered] ?? []))
    (self.total, self.isSummed) = (total, isSummed)
    (self.hours, self.numbers, self.variants) = (hours, numbers, variants)
  }

  /// Of many at once, without hours, numbers and variants: what lists show. In the order of the list, newest first; whose sums a tenant's
  /// largest campaigns leave no time for has none (`isSummed`).
  /// - Parameters:
  ///   - figures: those of `total`; any costs a look at every hour of every campaign.
  ///   - milliseconds: nil: all of it is needed, of few.
  package static func list(
    _ db: Database, _ campaigns: [Int64], summing figures: [Figures.Figure],
    within milliseconds: Int? = mostMilliseconds
  ) throws -> [Int64: CampaignFigures] {
    let counts = try Counts.read(db, campaigns)
    var totals: [Int64: Sums] = [:]
    var summed: Set<Int64> = []
    let names = "'" + figures.map(\.rawValue).joined(separator: "', '") + "'"
    let sum = {
      for id in figures.isEmpty ? [] : campaigns.sorted(by: >) {
        // Each campaign is one range of the primary key; what was summed before the time is over counts.
        let rows = try Row.fetchAll(
          db.cachedStatement(
            sql: """
              SELECT figure, sum(n) AS n FROM campaign_figures WHERE campaign_id = ? AND figure IN (\(names)) GROUP BY figure
              """), arguments: [id])
        for row in rows {
          guard let figure = Figures.Figure(rawValue: row["figure"]) else { continue }
          totals[id, default: [:]][figure] = row["n"]
        }
        summed.insert(id)
      }
    }
    if let milliseconds { _ = try Deadline.run(db, milliseconds: milliseconds, sum) } else { try sum() }
    let pairs = campaigns.map { id in
      (id, CampaignFigures(counts[id] ?? Counts(), total: totals[id] ?? [:], isSummed: summed.contains(id)))
    }
    return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
  }

  /// The rest of the file's time belongs to texts.
  package static let mostMilliseconds = 100

  /// How many texts of a campaign are in which state, and why.
  private struct Counts {
    var states: [SendJob.State: Int64] = [:]
    var reasons: [SendJob.State: [Reason]] = [:]

    static func read(_ db: Database, _ campaigns: [Int64]) throws -> [Int64: Counts] {
      var found: [Int64: Counts] = [:]
      for row in try Row.fetchAll(
        db.cachedStatement(
          sql: """
            SELECT campaign_id, state, reason, sum(n) AS n FROM campaign_counts
            WHERE campaign_id IN (SELECT value FROM json_each(?)) AND n > 0 GROUP BY 1, 2, 3 ORDER BY n DESC, reason
            """), arguments: [JSON.list(campaigns.map(JSON.int)).serialized])
      {
        guard let state = SendJob.State(rawValue: row["state"]) else { continue }
        let (id, reason): (Int64, String) = (row["campaign_id"], row["reason"])
        found[id, default: Counts()].states[state, default: 0] += row["n"] as Int64
        if !reason.isEmpty {
          found[id, default: Counts()].reasons[state, default: []].append(Reason(name: reason, count: row["n"]))
        }
      }
      return found
    }
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
