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
    /// The columns of the one pass by their index.
    fileprivate init(_ row: RawStatement) {
      (texts, segments, micros, billed) = (row.int(2), row.int(3), row.int(4), row.int(5))
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

  let days: [(day: DayNumber, sum: Sum)]
  let total: Sum
  /// The dearest ones.
  let campaigns: [OfCampaign]
  /// Texts to single people: replies, tests, automatic answers.
  let others: Sum
  let budget: Budget

  init(_ db: Database, _ period: ReportPeriod, _ lease: Lease, now: Moment) throws {
    // In one pass: SQLite would sort the rows for the second of two groupings.
    var found: [DayNumber: Sum] = [:]
    var (ofCampaign, all): ([Int64: Sum], Sum) = ([:], Sum())
    let rows = try RawStatement(
      db, "SELECT day, campaign_id, texts, segments, micros, billed_micros FROM costs WHERE day BETWEEN ? AND ?")
    rows.bind(1, period.first.number)
    rows.bind(2, period.last.number)
    defer { rows.reset() }
    while try rows.step() {
      let sum = Sum(rows)
      found[DayNumber(number: rows.int(0)), default: Sum()].add(sum)
      ofCampaign[rows.int(1), default: Sum()].add(sum)
      all.add(sum)
    }
    others = ofCampaign.removeValue(forKey: 0) ?? Sum()
    days = period.days.map { ($0, found[$0] ?? Sum()) }
    total = all
    let dearest = ofCampaign.sorted { ($0.value.micros, $0.key) > ($1.value.micros, $1.key) }
      .prefix(Self.mostCampaigns)
    let names = try Dictionary(
      uniqueKeysWithValues: Row.fetchAll(
        db.cachedStatement(sql: "SELECT id, name FROM campaigns WHERE id IN (SELECT value FROM json_each(?))"),
        arguments: [JSON.list(dearest.map { .int($0.key) }).serialized]
      ).map { ($0["id"] as Int64, $0["name"] as String) })
    campaigns = dearest.compactMap { id, sum in names[id].map { OfCampaign(id: id, name: $0, sum: sum) } }
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
