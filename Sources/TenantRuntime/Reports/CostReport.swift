import GRDB

/// What texts cost, by the day on which their price was reserved, and for which campaigns.
struct CostReport: Sendable {
  struct Sum: Sendable {
    fileprivate(set) var texts: Int64 = 0
    fileprivate(set) var segments: Int64 = 0
    /// What is reserved or billed.
    fileprivate(set) var micros: Int64 = 0
    fileprivate(set) var billed: Int64 = 0

    /// Not billed yet.
    var reserved: Int64 { micros - billed }

    fileprivate init() {}
    fileprivate init(_ row: Row) {
      (texts, segments, micros, billed) = (row["texts"], row["segments"], row["micros"], row["billed"])
    }

    fileprivate mutating func add(_ other: Sum) {
      texts += other.texts
      segments += other.segments
      micros += other.micros
      billed += other.billed
    }

    fileprivate var members: [(String, JSON)] {
      [
        ("texts", .int(texts)), ("segments", .int(segments)), ("cost_micros", .int(micros)),
        ("reserved_micros", .int(reserved)), ("billed_micros", .int(billed)),
      ]
    }
  }

  struct OfCampaign: Sendable {
    let id: Int64
    let name: String
    let sum: Sum
  }

  static let mostCampaigns = 50
  private static let sums = """
    sum(texts) AS texts, sum(segments) AS segments, sum(micros) AS micros, sum(billed_micros) AS billed
    """

  let days: [(day: DayNumber, sum: Sum)]
  let total: Sum
  /// The dearest ones.
  let campaigns: [OfCampaign]
  /// Texts to single people: replies, tests, automatic answers.
  let others: Sum
  let budget: Budget

  init(_ db: Database, _ period: ReportPeriod, _ lease: Lease, now: Moment) throws {
    var found: [DayNumber: Sum] = [:]
    for row in try Row.fetchAll(
      db.cachedStatement(sql: "SELECT day, \(Self.sums) FROM costs WHERE day BETWEEN ? AND ? GROUP BY day"),
      arguments: period.bounds)
    { found[row["day"]] = Sum(row) }
    days = period.days.map { ($0, found[$0] ?? Sum()) }
    total = days.reduce(into: Sum()) { $0.add($1.sum) }
    campaigns = try Row.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT f.*, c.name FROM (
            SELECT campaign_id, \(Self.sums) FROM costs WHERE day BETWEEN ? AND ? AND campaign_id <> 0 GROUP BY campaign_id
            ORDER BY micros DESC, campaign_id DESC LIMIT \(Self.mostCampaigns)) f
          JOIN campaigns c ON c.id = f.campaign_id ORDER BY micros DESC, campaign_id DESC
          """), arguments: period.bounds
    ).map { OfCampaign(id: $0["campaign_id"], name: $0["name"], sum: Sum($0)) }
    others =
      try Row.fetchOne(
        db.cachedStatement(
          sql: "SELECT \(Self.sums) FROM costs WHERE day BETWEEN ? AND ? AND campaign_id = 0 GROUP BY campaign_id"),
        arguments: period.bounds
      ).map { Sum($0) } ?? Sum()
    budget = try Budget.read(db, zone: lease.timeZone, now: now)
  }

  func json(_ period: ReportPeriod, _ lease: Lease) -> JSON {
    .object(
      period.head(lease) + [
        ("days", .list(days.map { .object([("day", .text($0.day.text))] + $0.sum.members) })),
        (
          "campaigns",
          .list(
            campaigns.map { .object([("campaign_id", .int($0.id)), ("name", .text($0.name))] + $0.sum.members) })
        ), ("others", .object(others.members)), ("total", .object(total.members)),
        (
          "budget",
          [
            "today": Self.limit(budget.usedToday, budget.dailyMicros),
            "month": Self.limit(budget.usedThisMonth, budget.monthlyMicros),
          ]
        ),
      ])
  }

  private static func limit(_ used: Int64, _ limit: Int64?) -> JSON {
    [
      "used_micros": .int(used), "limit_micros": .optional(limit),
      "left_micros": .optional(limit.map { max(0, $0 - used) }),
    ]
  }

  static let columns = [
    "of", "key", "name", "texts", "segments", "cost_micros", "reserved_micros", "billed_micros",
  ]

  /// A line a day, then one a campaign, then all other texts.
  var rows: [JSON] {
    func row(_ of: String, _ key: String, _ name: String, _ sum: Sum) -> JSON {
      .object([("of", .text(of)), ("key", .text(key)), ("name", .text(name))] + sum.members)
    }
    return days.map { row("day", $0.day.text, "", $0.sum) }
      + campaigns.map { row("campaign", String($0.id), $0.name, $0.sum) } + [row("others", "", "", others)]
  }
}
