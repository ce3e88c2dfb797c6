import GRDB

/// Each sending number over a time, and how far it is warmed up now. Numbers that are no more the tenant's stand here as long as they have figures.
struct NumberReport: Sendable {
  struct Line: Sendable {
    let number: PhoneNumber
    fileprivate(set) var sums: CampaignFigures.Sums = [:]
    fileprivate(set) var errors: [(code: String, count: Int64)] = []
    /// Nil: it is the tenant's no more.
    fileprivate(set) var sender: NumberPool.Sender?

    subscript(_ figure: Figures.Figure) -> Int64 { sums[figure] ?? 0 }
    var known: Int64 { self[.delivered] + self[.undelivered] + self[.failed] }

    /// The day of the ladder that counts now; nil: it is warm, or never warms up.
    var step: Int64? {
      sender.flatMap { sender in
        WarmUp.step(sender.warmUp, day: sender.isNewDay ? sender.days + 1 : sender.days).flatMap {
          $0 <= sender.ladder.count ? Int64($0) : nil
        }
      }
    }

    fileprivate var json: JSON {
      .object(
        [("number", .phone(number))] + DayFigures.figures.map { ($0.rawValue, .int(self[$0])) } + [
          ("errors", .list(errors.map { ["code": .text($0.code), "count": .int($0.count)] })),
          (
            "warm_up",
            [
              "step": .optional(step), "steps": .optional(sender.map { Int64($0.ladder.count) }),
              "days_of_use": .optional(sender?.days), "texts_today": .optional(sender?.usedToday),
              "daily_cap": .optional(sender?.cap),
            ]
          ),
        ])
    }
  }

  static let mostNumbers = 500
  static let mostErrors = 3

  /// Those with most texts first.
  let lines: [Line]

  init(_ db: Database, _ period: ReportPeriod, _ lease: Lease, now: Moment) throws {
    var lines: [PhoneNumber: Line] = [:]
    let ladder = try TenantSettings.read(db).warmUpLadder
    for row in try Row.fetchAll(
      db, sql: "SELECT * FROM sending_numbers ORDER BY number LIMIT \(Self.mostNumbers)")
    {
      let sender = NumberPool.sender(row, day: LocalDay(now, zone: lease.timeZone), ladder: ladder, now: now)
      lines[sender.phone] = Line(number: sender.phone, sender: sender)
    }
    for (number, sums) in try Self.sums(db, period) { lines[number, default: Line(number: number)].sums = sums }
    for row in try Row.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT number, reason, sum(n) AS n FROM day_errors WHERE day BETWEEN ? AND ? AND number <> 0 GROUP BY number, reason
          HAVING sum(n) > 0 ORDER BY n DESC, reason
          """), arguments: period.bounds)
    {
      let number: PhoneNumber = row["number"]
      guard let found = lines[number]?.errors.count, found < Self.mostErrors else { continue }
      lines[number]?.errors.append((Self.code(row["reason"]), row["n"]))
    }
    self.lines = Array(
      lines.values.sorted { ($1[.accepted], $0.number.digits) < ($0[.accepted], $1.number.digits) }
        .prefix(Self.mostNumbers))
  }

  static func sums(_ db: Database, _ period: ReportPeriod) throws -> [PhoneNumber: CampaignFigures.Sums] {
    let columns = DayFigures.figures.map { "sum(\($0.rawValue))" }.joined(separator: ", ")
    var found: [PhoneNumber: CampaignFigures.Sums] = [:]
    let rows = try Row.fetchCursor(
      db.cachedStatement(
        sql: "SELECT number, \(columns) FROM day_figures WHERE day BETWEEN ? AND ? AND number <> 0 GROUP BY number"),
      arguments: period.bounds)
    while let row = try rows.next() {
      let sums = DayFigures.figures.enumerated().map { ($1, row[$0 + 1] as Int64) }
      found[row[0]] = CampaignFigures.Sums(uniqueKeysWithValues: sums)
    }
    return found
  }

  /// `30003`; `none` where the provider gave no code.
  private static func code(_ reason: String) -> String {
    reason.isEmpty ? "none" : reason.hasPrefix("error_") ? String(reason.dropFirst(6)) : reason
  }

  static let columns =
    ["number"] + DayFigures.figures.map(\.rawValue)
    + (0..<mostErrors).flatMap { ["errors.\($0).code", "errors.\($0).count"] }
    + ["step", "steps", "days_of_use", "texts_today", "daily_cap"].map { "warm_up.\($0)" }

  var rows: [JSON] { lines.map(\.json) }

  func json(_ period: ReportPeriod, _ lease: Lease) -> JSON {
    .object(period.head(lease) + [("numbers", .list(rows))])
  }
}
