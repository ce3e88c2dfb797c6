import Foundation
import GRDB

/// Gate 9: what the tenant may still spend today and this month, in reserved micros, by the calendar of the tenant's zone.
///
/// Invariants:
/// - a text's price is reserved in the claim that takes it, on the day of that claim, and is never over either limit;
/// - `costs` is the one ledger: the gate, the report and the invoice read it; a release takes back from the day it was reserved on;
/// - `unknown` keeps its reservation: it may have been sent.
struct Budget: Sendable {
  private(set) var dailyMicros: Int64?
  private(set) var monthlyMicros: Int64?
  private(set) var usedToday: Int64
  private(set) var usedThisMonth: Int64
  /// Texts claimed this month, and how many the operator lets be (`Quotas`); nil: as many as wanted.
  private(set) var textsThisMonth: Int64
  let mostTexts: Int64?
  let day: LocalDay

  static func read(_ db: Database, zone: String, now: Moment, mostTexts: Int64? = nil) throws -> Budget {
    let day = LocalDay(now, zone: zone)
    let limits = try Row.fetchOne(db.cachedStatement(sql: "SELECT * FROM budgets"))
    let used = try Row.fetchOne(
      db.cachedStatement(
        sql: """
          SELECT ifnull(sum(micros), 0) AS month, ifnull(sum(micros) FILTER (WHERE day = ?1), 0) AS today,
            ifnull(sum(texts), 0) AS texts FROM costs
          WHERE day BETWEEN ?2 AND ?3
          """), arguments: [day.number, day.firstOfMonth, day.lastOfMonth])
    return Budget(
      dailyMicros: limits?["daily_micros"], monthlyMicros: limits?["monthly_micros"], usedToday: used?["today"] ?? 0,
      usedThisMonth: used?["month"] ?? 0, textsThisMonth: used?["texts"] ?? 0, mostTexts: mostTexts, day: day)
  }

  /// Which limit a text of this price would break; nil when it fits.
  func refuses(_ micros: Int64) -> String? {
    if let mostTexts, textsThisMonth >= mostTexts { return Self.textQuota }
    // The longer wait is the one to show.
    if let monthlyMicros, usedThisMonth + micros > monthlyMicros { return "budget_month" }
    if let dailyMicros, usedToday + micros > dailyMicros { return "budget_day" }
    return nil
  }

  /// Everything waits for the next month, or for the operator.
  static let textQuota = "quota_texts_per_month"

  /// What is used beyond a limit that was lowered since.
  var excess: Int64 {
    max(dailyMicros.map { usedToday - $0 } ?? 0, monthlyMicros.map { usedThisMonth - $0 } ?? 0, 0)
  }

  mutating func reserve(_ micros: Int64) {
    usedToday += micros
    usedThisMonth += micros
    textsThisMonth += 1
  }

  /// Tells once per day and month that a threshold, in per cent of the limit, is passed.
  func recordAlerts(_ db: Database, since before: Budget, thresholds: [Int64], at: Moment) throws {
    let limits = [
      ("day", day.number, dailyMicros, before.usedToday, usedToday),
      ("month", day.firstOfMonth - 1, monthlyMicros, before.usedThisMonth, usedThisMonth),
    ]
    for case (let name, let period, let limit?, let past, let used) in limits where used > past {
      for threshold in thresholds where used * 100 >= limit * threshold {
        try db.cachedStatement(sql: "INSERT INTO budget_alerts VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
          .execute(arguments: [period, threshold, at])
        guard db.changesCount > 0 else { continue }
        try Event.append(
          db, .budgetAlert, at: at, phone: nil,
          data: [
            "period": .text(name), "threshold_percent": .int(threshold), "used_micros": .int(used),
            "limit_micros": .int(limit),
          ])
      }
    }
  }

  /// When there is money again without anybody's doing.
  func opens(after refusal: String, zone: String) -> Moment? {
    switch refusal {
    case "budget_day": day.next(zone: zone)
    case "budget_month", Self.textQuota: day.nextMonth(zone: zone)
    default: nil
    }
  }

  /// Takes back what was reserved for a text that is not sent.
  static func release(_ db: Database, day: Int64, campaign: Int64?, micros: Int64, segments: Int64) throws {
    try db.cachedStatement(
      sql: """
        UPDATE costs SET micros = micros - ?, segments = segments - ?, texts = max(0, texts - 1)
        WHERE day = ? AND campaign_id = ?
        """
    ).execute(arguments: [micros, segments, day, campaign ?? 0])
  }

  /// The provider asks for a price, or another one than before: what was reserved and what is billed change by so much.
  static func settle(_ db: Database, day: Int64, campaign: Int64?, micros: Int64, billed: Int64) throws {
    try db.cachedStatement(
      sql: "UPDATE costs SET micros = micros + ?, billed_micros = billed_micros + ? WHERE day = ? AND campaign_id = ?"
    ).execute(arguments: [micros, billed, day, campaign ?? 0])
  }

  /// What texts of one campaign have reserved.
  struct Booking: Sendable {
    private(set) var micros: Int64 = 0
    private(set) var segments: Int64 = 0
    private(set) var texts: Int64 = 0

    mutating func add(micros: Int64, segments: Int64) {
      self.micros += micros
      self.segments += segments
      texts += 1
    }
  }

  /// Writes down what a claim has reserved.
  /// - Parameter campaign: 0 for texts to single people.
  static func book(_ db: Database, day: Int64, campaign: Int64, _ booking: Booking) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO costs (day, campaign_id, micros, segments, texts) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET micros = micros + excluded.micros, segments = segments + excluded.segments,
          texts = texts + excluded.texts
        """
    ).execute(arguments: [day, campaign, booking.micros, booking.segments, booking.texts])
  }
}

/// A date of a zone's calendar as the number 20261123.
struct LocalDay: Sendable, Equatable {
  let number: Int64

  init(_ moment: Moment, zone: String) {
    let parts = Self.calendar(zone).dateComponents([.year, .month, .day], from: moment.date)
    number = Int64((parts.year ?? 0) * 10_000 + (parts.month ?? 0) * 100 + (parts.day ?? 0))
  }

  var firstOfMonth: Int64 { number / 100 * 100 + 1 }
  var lastOfMonth: Int64 { number / 100 * 100 + 31 }

  func next(zone: String) -> Moment? { start(zone, addingDays: 1, months: 0, from: Int(number % 100)) }
  func nextMonth(zone: String) -> Moment? { start(zone, addingDays: 0, months: 1, from: 1) }

  private func start(_ zone: String, addingDays days: Int, months: Int, from day: Int) -> Moment? {
    let parts = DateComponents(
      year: Int(number / 10_000), month: Int(number / 100 % 100) + months, day: day + days)
    return Self.calendar(zone).date(from: parts).map {
      Moment(milliseconds: Int64(($0.timeIntervalSince1970 * 1000).rounded()))
    }
  }

  private static func calendar(_ zone: String) -> Calendar {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = TimeZones.named(zone) ?? .gmt
    return calendar
  }
}
