import Foundation
import GRDB

/// What may be spent and what is, day by day, and the switch that stops every text.
struct BudgetPage: Page {
  static let template = "budget"

  struct Limit: Sendable {
    let name: String
    let used: String
    let of: String
    let left: String
    let bar: Drawing
    let kind: String
  }

  struct Alert: Sendable {
    let name: String
    let isPassed: Bool
    let when: String
  }

  struct Price: Sendable {
    let name: String
    let price: String
  }

  let title: String
  let limits: [Limit]
  let day: String
  let month: String
  /// As they were when the page was opened, whatever was typed.
  let dayShown: String
  let monthShown: String
  let alerts: [Alert]
  let costs: Drawing
  let costTable: Drawing
  let hasCosts: Bool
  let spent: String
  let switched: SetupSignal
  let isOn: Bool
  let isOnByPlatform: Bool
  let switchReason: String
  let platformReason: String
  let switchedBy: String
  let inFlight: String
  let typedReason: String
  let prices: [Price]
  let place: String
  let mayEdit: Bool
  let mayThrow: Bool
  let maySet: Bool
  let mayReport: Bool

  @Sendable static func make(_ visit: Visit<Runtime>) async throws -> any Page {
    let runtime = visit.subject
    let (lease, inFlight) = (runtime.lease, Int64(runtime.gate.inFlight))
    return try await runtime.file.read { db in try BudgetPage(db, visit, lease, inFlight: inFlight) }
  }

  private init(_ db: Database, _ visit: Visit<Runtime>, _ lease: Lease, inFlight: Int64) throws {
    let words = visit.words
    let settings = try TenantSettings.read(db)
    let budget = try Budget.read(db, zone: lease.timeZone, now: words.now)
    title = words("Budget")
    limits = [
      Self.limit(words("Today"), budget.usedToday, budget.dailyMicros, words),
      Self.limit(words("This month"), budget.usedThisMonth, budget.monthlyMicros, words),
    ]
    dayShown = visit.field("_was:daily_micros:money", words.moneyField(budget.dailyMicros))
    monthShown = visit.field("_was:monthly_micros:money", words.moneyField(budget.monthlyMicros))
    day = visit.field("daily_micros:money", words.moneyField(budget.dailyMicros))
    month = visit.field("monthly_micros:money", words.moneyField(budget.monthlyMicros))
    alerts = try Self.alerts(db, budget, settings.budgetAlerts, words)
    (costs, costTable) = try Self.chart(db, budget.day, words)
    hasCosts = budget.usedThisMonth > 0
    spent = words.money(budget.usedThisMonth)
    let thrown = try KillSwitch.thrown(db)
    isOnByPlatform = lease.killed != nil
    isOn = thrown != nil
    switched =
      isOn || isOnByPlatform
      ? SetupSignal("stop", words("All texts are stopped")) : SetupSignal("go", words("Texts leave"))
    switchReason = thrown?.reason ?? ""
    platformReason = lease.killed ?? ""
    switchedBy = thrown.map { words("Thrown {0} by {1}", words.time($0.since), words.actor($0.actor)) } ?? ""
    self.inFlight = words(inFlight, one: "{0} call in flight will finish.", many: "{0} calls in flight will finish.")
    typedReason = visit.field("reason", nil)
    prices =
      [
        Price(name: words("United States and Canada"), price: words.money(PriceTable.unitedStates)),
        Price(name: words("Elsewhere, where no price is known"), price: words.money(PriceTable.elsewhere)),
      ]
      + settings.prices.own.sorted { $0.key < $1.key }.map { code, micros in
        Price(name: words("Numbers that begin with +{0}", code), price: words.money(micros))
      }
    place = words.place
    mayEdit = visit.may(.editBudgets)
    mayThrow = visit.may(.throwKillSwitch)
    maySet = visit.may(.editSettings)
    mayReport = visit.may(.readReports)
  }

  private static func limit(_ name: String, _ used: Int64, _ limit: Int64?, _ words: Words) -> Limit {
    let share = limit.map { $0 == 0 ? 1 : Double(used) / Double($0) } ?? 0
    let kind = share >= 1 ? "stop" : share >= 0.8 ? "wait" : "brand"
    return Limit(
      name: name, used: words.money(used), of: limit.map { words("of {0}", words.money($0)) } ?? words("no limit"),
      left: limit.map { words("{0} left", words.money(max(0, $0 - used))) } ?? "",
      bar: limit == nil
        ? Drawing("")
        : Chart(words).share(share, kind, label: words("{0}% used", words.number(share * 100, decimals: 0))),
      kind: kind)
  }

  private static func alerts(_ db: Database, _ budget: Budget, _ thresholds: [Int64], _ words: Words) throws -> [Alert]
  {
    let periods = [
      (budget.day.number, budget.dailyMicros, "{0}% of today’s limit"),
      (budget.day.firstOfMonth - 1, budget.monthlyMicros, "{0}% of this month’s limit"),
    ]
    return try periods.flatMap { period, limit, name in
      guard limit != nil else { return [Alert]() }
      return try thresholds.sorted().map { threshold in
        let at = try Moment.fetchOne(
          db.cachedStatement(sql: "SELECT at FROM budget_alerts WHERE period = ? AND threshold = ?"),
          arguments: [period, threshold])
        return Alert(
          name: words(name, String(threshold)), isPassed: at != nil, when: at.map(words.time) ?? words("not reached"))
      }
    }
  }

  /// Each day of this month so far, in the tenant's calendar.
  private static func chart(_ db: Database, _ today: LocalDay, _ words: Words) throws -> (Drawing, Drawing) {
    var byDay: [Int64: (micros: Int64, texts: Int64)] = [:]
    for row in try Row.fetchAll(
      db.cachedStatement(
        sql: "SELECT day, sum(micros) AS micros, sum(texts) AS texts FROM costs WHERE day BETWEEN ? AND ? GROUP BY day"),
      arguments: [today.firstOfMonth, today.lastOfMonth])
    {
      byDay[row["day"]] = (row["micros"], row["texts"])
    }
    let days = (today.firstOfMonth...today.number).map { $0 }
    let series = [Chart.Series("brand", words("Cost"), days.map { byDay[$0]?.micros ?? 0 })]
    let chart = Chart(words, isMoney: true)
    let labels = days.map { String($0 % 100) }
    let caption = words("Cost per day of this month")
    return (
      chart.columns(labels, series, caption: caption, every: days.count > 12 ? 5 : 1),
      chart.table(labels, series, head: words("Day"), caption: caption)
    )
  }
}
