import GRDB

/// The numbers that texts leave from: what each may still send today, and how far it is warmed up.
struct NumberListPage: Page {
  static let template = "numbers"

  struct Line: Sendable {
    let path: String
    let digits: String
    let name: String
    let state: SetupSignal
    let reason: String?
    let used: String
    let bar: Drawing
    let step: String
    let ladder: Drawing
    let rate: String
    let cap: String
    let brand: String?
    let delivered: String
    let isStopped: Bool
  }

  let title: String
  let numbers: [Line]
  let hasNumbers: Bool
  let mayEdit: Bool
  let pager: Pager?

  @Sendable static func make(_ visit: Visit<Runtime>) async throws -> any Page {
    let (words, lease) = (visit.words, visit.subject.lease)
    let page = try PageRequest(visit.call, shown: 50)
    return try await visit.subject.file.read { db in
      let rows = try Row.fetchAll(
        db, sql: "SELECT * FROM sending_numbers WHERE number > ? ORDER BY number LIMIT \(page.limit + 1)",
        arguments: [page.after])
      let month = ReportPeriod(days: 30, to: DayNumber(words.now, in: words.zone))
      let figures = try NumberReport.sums(db, month)
      let ladder = try TenantSettings.read(db).warmUpLadder
      let lines = rows.prefix(page.limit).map { row in
        let look = NumberLook(row, ladder: ladder, lease, words)
        let sums = figures[look.sender.phone] ?? [:]
        return Line(
          path: "/t/\(lease.tenant)/numbers/\(look.sender.phone.digits)", digits: String(look.sender.phone.digits),
          name: words.phone(look.sender.phone), state: look.state,
          reason: (row["paused_reason"] as String?).map(words.because), used: look.used,
          bar: look.bar, step: look.stepWord, ladder: look.steps, rate: look.rate, cap: look.cap, brand: look.brand,
          delivered: NumberLook.delivered(sums, words), isStopped: look.isStopped)
      }
      return NumberListPage(
        title: words("Numbers"), numbers: lines, hasNumbers: !lines.isEmpty, mayEdit: visit.may(.editNumbers),
        pager: Pager(visit, next: page.next(after: rows.map { ($0["number"] as PhoneNumber).digits })))
    }
  }
}

/// How a number stands now.
struct NumberLook {
  let sender: NumberPool.Sender
  let state: SetupSignal
  let isStopped: Bool
  let used: String
  let bar: Drawing
  /// The day of the ladder that counts today; nil: it is warm, or never warms up.
  let step: Int?
  let stepWord: String
  let steps: Drawing
  let rate: String
  let cap: String
  let brand: String?

  init(_ row: Row, ladder: [Int64]?, _ lease: Lease, _ words: Words) {
    let day = LocalDay(words.now, zone: lease.timeZone)
    let sender = NumberPool.sender(row, day: day, ladder: ladder, now: words.now)
    self.sender = sender
    let probes: Int64? = row["probe_left"]
    isStopped = (row["paused_reason"] as String?) != nil
    let cap = sender.cap
    state =
      isStopped
      ? SetupSignal("stop", words("Stopped"))
      : probes != nil
        ? SetupSignal("wait", words("Trying out"))
        : sender.isCapped
          ? SetupSignal("wait", words("Full for today")) : SetupSignal("go", words("Ready"))
    used =
      cap.map { words("{0} of {1}", words.number(sender.usedToday), words.number($0)) }
      ?? words.number(sender.usedToday)
    bar = Chart(words).share(
      cap.map { $0 == 0 ? 1 : Double(sender.usedToday) / Double($0) } ?? 0, sender.isCapped ? "wait" : "brand",
      label: words("{0} texts today", used))
    let reached = WarmUp.step(sender.warmUp, day: sender.isNewDay ? sender.days + 1 : sender.days)
    let count = sender.ladder.count
    let step = reached.flatMap { $0 <= count ? Int($0) : nil }
    self.step = step
    let stepWord =
      step.map { words("Day {0} of {1}", String($0), String(count)) }
      ?? (reached == nil ? words("Not warming up") : words("Warm"))
    self.stepWord = stepWord
    steps = step.map { Self.steps(sender, step: $0, stepWord) } ?? Drawing("")
    rate = words.rate(sender.rate)
    self.cap = sender.ownCap.map { words("{0} a day", words.number($0)) } ?? words("no daily limit")
    let brandCap: Int64? = row["brand_daily_cap"]
    brand = sender.brand.map { name in
      name + (brandCap.map { " · " + words("{0} segments a day, shared", words.number($0)) } ?? "")
    }
  }

  /// The ladder small, with today's step in another colour than those behind and before it.
  private static func steps(_ sender: NumberPool.Sender, step: Int, _ label: String) -> Drawing {
    let top = Double(max(1, sender.ladder.max() ?? 1))
    let width = 100.0 / Double(max(1, sender.ladder.count))
    let columns: [String] = sender.ladder.enumerated().map { index, limit in
      let height = max(3, 24 * Double(limit) / top)
      let kind = index + 1 < step ? "done" : index + 1 == step ? "now" : "left"
      return
        "<rect class=\"\(kind)\" x=\"\(tenth(Double(index) * width))\" y=\"\(tenth(24 - height))\" width=\"\(tenth(width * 0.8))\" height=\"\(tenth(height))\"/>"
    }
    return Drawing(
      "<svg class=\"ladder\" viewBox=\"0 0 100 24\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"\(Markup.escape(label))\">\(columns.joined(separator: ""))</svg>"
    )
  }

  private static func tenth(_ value: Double) -> String { String(Double(Int(value * 10)) / 10) }

  static func known(_ sums: CampaignFigures.Sums) -> Int64 {
    (sums[.delivered] ?? 0) + (sums[.undelivered] ?? 0) + (sums[.failed] ?? 0)
  }

  static func delivered(_ sums: CampaignFigures.Sums, _ words: Words) -> String {
    words.percent(sums[.delivered] ?? 0, of: known(sums))
  }
}
