import Foundation

/// The run of a forecast, from change to change.
struct SendingCourse {
  private struct Line {
    let hours: TextingHours
    let contacts: [Int64]
    let people: Double
    /// Of one text.
    let segments: Double
    let micros: Double
    var left: Double
    var isOpen = false
    /// When the hours close or open; nil: never again.
    var change: Moment?
    var reason: String?
    var isEarly = false
  }

  private struct Key: Hashable {
    var when: SendingForecast.When
    var reason: String?
    /// Behind where it was broken off.
    var isUnseen = false
  }

  private struct Sum {
    var people = 0.0
    var from: Moment?
    var until: Moment?
    var examples: [Int64] = []
  }

  private struct DaySum {
    var date: LocalDay
    var people = 0.0
    var segments = 0.0
    var micros = 0.0
  }

  /// Looks at lines that one forecast may take, each step at all of them: some tenths of a second.
  static let mostWork = 1_000_000
  /// What a step takes besides, and each question for a line's hours.
  private static let looks = 50
  private static let mostExamples = 20
  /// Less is nobody: sums of shares are not whole.
  private static let least = 1e-3
  private static let leastMicros = 0.5

  private let zone: String
  private let horizon: Moment
  private var lines: [Line]
  private var means: SendingMeans
  private var now: Moment
  private var day = 0
  private var date: LocalDay
  private var dayEnd: Moment
  private var brandsEnd: Moment
  /// Texts that are left of the day, by number; on how many days each has sent by then, and whether on this one.
  private var numbersLeft: [Double?]
  private var daysOfUse: [Int64]
  private var hasSent: [Bool]
  private var sums: [Key: Sum] = [:]
  private var daySums: [DaySum] = []
  private(set) var end: Moment?
  /// Where it was broken off: nobody knows what comes later. Nil: all of it was looked at.
  private(set) var seenUntil: Moment?

  init(_ groups: [TextingHours: SendingForecast.Group], _ means: SendingMeans, start: Moment, zone: String) {
    self.zone = zone
    self.means = means
    now = start
    horizon = start.advanced(bySeconds: Int64(SendingForecast.farthestDays) * 86_400)
    lines = groups.filter { $0.value.people > Self.least }.map { hours, group in
      Line(
        hours: hours, contacts: group.contacts, people: group.people, segments: group.segments / group.people,
        micros: group.micros / group.people, left: group.people)
    }.sorted { ($0.contacts.first ?? 0) < ($1.contacts.first ?? 0) }
    date = LocalDay(start, zone: zone)
    (dayEnd, brandsEnd) = (start, start)
    (numbersLeft, daysOfUse) = (means.numbers.map(\.leftToday), means.numbers.map(\.days))
    hasSent = means.numbers.map(\.hasSent)
    daySums = [DaySum(date: date)]
    dayEnd = date.next(zone: zone) ?? horizon
    brandsEnd = LocalDay(start, zone: Claim.carrierZone).next(zone: Claim.carrierZone) ?? horizon
    (self.means.today, self.means.month, self.means.own) = (whole(means.today), whole(means.month), whole(means.own))
  }

  private var left: Double { lines.reduce(0) { $0 + $1.left } }

  /// - Parameter mostWork: then it is broken off; the result says so, and when.
  mutating func run(mostWork: Int = mostWork) {
    var (work, isStuck) = (0, false)
    while now < horizon, left > Self.least, !isStuck, work < mostWork {
      work += lines.count + Self.looks * (1 + lookAtHours())
      isStuck = !step()
      beginDays()
    }
    guard left > Self.least else {
      end = sums.values.compactMap(\.until).max() ?? now
      return
    }
    if now < horizon, !isStuck { seenUntil = now }
    for line in lines where line.left > Self.least {
      let isUnseen = seenUntil != nil
      let key = Key(when: isUnseen ? .later : .never, reason: line.reason ?? "rate", isUnseen: isUnseen)
      add(line.left, of: line, key, from: nil, until: nil)
    }
  }

  /// How many were asked.
  private mutating func lookAtHours() -> Int {
    var asked = 0
    for index in lines.indices where lines[index].left > Self.least {
      if let change = lines[index].change, change > now { continue }
      asked += 1
      switch lines[index].hours.isUnbound ? .open(until: horizon) : lines[index].hours.ask(now) {
      case .open(let until): (lines[index].isOpen, lines[index].change) = (true, until)
      case .closed(let until):
        (lines[index].isOpen, lines[index].change) = (false, until)
        if lines[index].reason == nil {
          lines[index].reason = lines[index].hours.isEarly(now) ? "send_at_local" : "quiet_hours"
        }
      case .never:
        (lines[index].isOpen, lines[index].change, lines[index].reason) = (false, horizon, "hours_never_meet")
      }
    }
    return asked
  }

  /// To the next change; false: nothing will ever change.
  private mutating func step() -> Bool {
    let open = lines.indices.filter { lines[$0].isOpen && lines[$0].left > Self.least }
    let change = lines.filter { $0.left > Self.least }.compactMap(\.change).min() ?? horizon
    let next = min(change, dayEnd, brandsEnd, horizon)
    guard !open.isEmpty else {
      now = max(next, now.advanced(byMilliseconds: 1))
      return true
    }
    let waiting = open.reduce(0) { $0 + lines[$1].left }
    let segments = max(1, open.reduce(0) { $0 + lines[$1].left * lines[$1].segments } / waiting)
    let micros = open.reduce(0) { $0 + lines[$1].left * lines[$1].micros } / waiting
    if let (reason, until) = refusal(micros: micros, segments: segments) {
      for index in open { lines[index].reason = reason }
      guard let until else { return false }
      now = max(min(until, next), now.advanced(byMilliseconds: 1))
      return true
    }
    flow(open, waiting: waiting + means.ahead, segments: segments, micros: micros, until: next)
    return true
  }

  /// A limit in whole texts of the mean price, which is what claims make of it: parts of a text flow, and none may be left over or paid twice.
  private func whole(_ money: Double?) -> Double? {
    guard let money, left > 0 else { return money }
    let price = lines.reduce(0) { $0 + $1.left * $1.micros } / left
    return price > 0 ? ((money + Self.leastMicros) / price).rounded(.down) * price : money
  }

  private static func isSpent(_ money: Double, _ micros: Double) -> Bool { money < micros * 1e-6 }

  /// What holds everybody up, and until when; nil: somebody may be texted.
  private func refusal(micros: Double, segments: Double) -> (String, until: Moment?)? {
    if means.numbers.isEmpty { return ("no_number", nil) }
    if let own = means.own, Self.isSpent(own, micros) { return ("budget", nil) }
    if let quota = means.quota, quota.left <= Self.least { return (Budget.textQuota, date.nextMonth(zone: zone)) }
    if let month = means.month, Self.isSpent(month, micros) {
      return (means.monthly ?? 0) < micros ? ("budget_month", nil) : ("budget_month", date.nextMonth(zone: zone))
    }
    if let today = means.today, Self.isSpent(today, micros) {
      return (means.daily ?? 0) < micros ? ("budget_day", nil) : ("budget_day", dayEnd)
    }
    let below = means.numbers.indices.filter { numbersLeft[$0] ?? 1 > Self.least }
    if below.isEmpty { return ("daily_cap", dayEnd) }
    return below.contains { hasBrand($0, segments) } ? nil : ("brand_cap", brandsEnd)
  }

  private func hasBrand(_ index: Int, _ segments: Double) -> Bool {
    means.numbers[index].brand.flatMap { means.brands[$0] }.map { $0.left + Self.least >= segments } ?? true
  }

  private mutating func flow(_ open: [Int], waiting: Double, segments: Double, micros: Double, until: Moment) {
    let able = means.numbers.indices.filter { numbersLeft[$0] ?? 1 > Self.least && hasBrand($0, segments) }
    // Texts a second.
    let pace = able.reduce(0) { $0 + means.numbers[$1].rate } / segments
    guard pace > 0 else {
      now = until
      return
    }
    // What ends this stretch, in texts.
    var most = min(waiting, pace * Double(until.milliseconds - now.milliseconds) / 1000)
    for money in [means.today, means.month] {
      if let money, micros > 0 { most = min(most, money / micros) }
    }
    if let quota = means.quota { most = min(most, quota.left) }
    for index in able {
      let share = means.numbers[index].rate / segments / pace
      if let left = numbersLeft[index] { most = min(most, left / share) }
    }
    for (brand, allowance) in means.brands {
      let share =
        able.reduce(0) { $0 + (means.numbers[$1].brand == brand ? means.numbers[$1].rate : 0) } / segments / pace
      if share > 0 { most = min(most, allowance.left / segments / share) }
    }
    let others = min(means.ahead, most)
    // Its own budget is its own texts' alone.
    let mine = min(most - others, means.own.map { micros > 0 ? $0 / micros : .infinity } ?? .infinity)
    most = others + mine
    let before = now
    now = min(until, now.advanced(byMilliseconds: max(1, Int64((most / pace * 1000).rounded(.up)))))
    spend(most, able, pace: pace, segments: segments, micros: micros)
    means.ahead -= others
    means.own = means.own.map { $0 - mine * micros }
    let total = open.reduce(0) { $0 + lines[$1].left }
    for index in open where total > 0 {
      let part = min(lines[index].left, mine * lines[index].left / total)
      lines[index].left -= part
      daySums[day].people += part
      daySums[day].segments += part * lines[index].segments
      daySums[day].micros += part * lines[index].micros
      let when: SendingForecast.When =
        day == 0
        ? lines[index].reason == nil ? .atStart : .sameDay : day == 1 ? .nextDay : .later
      add(part, of: lines[index], Key(when: when, reason: lines[index].reason), from: before, until: now)
      // Whose hours close, or whose day ends, before all are texted has waited for the others.
      if lines[index].left > Self.least, now >= min(lines[index].change ?? horizon, dayEnd) {
        lines[index].reason = "rate"
      }
    }
  }

  private mutating func spend(_ texts: Double, _ able: [Int], pace: Double, segments: Double, micros: Double) {
    means.today = means.today.map { $0 - texts * micros }
    means.month = means.month.map { $0 - texts * micros }
    if let quota = means.quota { means.quota = (quota.most, quota.left - texts) }
    for index in able {
      let part = texts * means.numbers[index].rate / segments / pace
      if part > Self.least, !hasSent[index] {
        hasSent[index] = true
        daysOfUse[index] += 1
      }
      numbersLeft[index] = numbersLeft[index].map { max(0, $0 - part) }
      if let brand = means.numbers[index].brand, let of = means.brands[brand] {
        means.brands[brand] = (of.cap, max(0, of.left - part * segments))
      }
    }
  }

  private mutating func beginDays() {
    if now >= brandsEnd {
      means.brands = means.brands.mapValues { ($0.cap, $0.cap) }
      brandsEnd = LocalDay(now, zone: Claim.carrierZone).next(zone: Claim.carrierZone) ?? horizon
    }
    guard now >= dayEnd else { return }
    let before = date
    date = LocalDay(now, zone: zone)
    day += 1
    daySums.append(DaySum(date: date))
    dayEnd = date.next(zone: zone) ?? horizon
    numbersLeft = means.numbers.indices.map { means.numbers[$0].cap(onDayOfUse: daysOfUse[$0] + 1) }
    hasSent = hasSent.map { _ in false }
    means.today = whole(means.daily)
    guard before.firstOfMonth != date.firstOfMonth else { return }
    means.month = whole(means.monthly)
    if let quota = means.quota { means.quota = (quota.most, quota.most) }
  }

  private mutating func add(_ people: Double, of line: Line, _ key: Key, from: Moment?, until: Moment?) {
    guard people > Self.least else { return }
    var sum = sums[key, default: Sum()]
    sum.people += people
    sum.from = sum.from ?? from
    sum.until = until ?? sum.until
    if sum.examples.count < Self.mostExamples {
      // Of a line that goes in parts, the first go first.
      let known = Set(sum.examples)
      let done = Int((1 - (line.left + people) / line.people) * Double(line.contacts.count))
      let more = line.contacts.dropFirst(max(0, done)).filter { !known.contains($0) }
      sum.examples += more.prefix(Self.mostExamples - sum.examples.count)
    }
    sums[key] = sum
  }

  // MARK: What has come out

  var waves: [SendingForecast.Wave] {
    let order = SendingForecast.When.allCases
    let sorted = sums.sorted { left, right in
      let (one, other) = (order.firstIndex(of: left.key.when) ?? 0, order.firstIndex(of: right.key.when) ?? 0)
      return one == other
        ? (left.value.people, left.key.reason ?? "") > (right.value.people, right.key.reason ?? "") : one < other
    }
    return zip(sorted, Self.whole(sorted.map(\.value.people))).filter { $1 > 0 }.map { wave, people in
      SendingForecast.Wave(
        when: wave.key.when, reason: wave.key.reason, people: people, from: wave.value.from, until: wave.value.until,
        examples: wave.value.examples)
    }
  }

  var days: [SendingForecast.Day] {
    zip(daySums, Self.whole(daySums.map(\.people))).filter { $1 > 0 }.map { day, people in
      SendingForecast.Day(
        date: day.date, people: people, segments: Int64(day.segments.rounded()), micros: Int64(day.micros.rounded()))
    }
  }

  /// Whole people, as many together as before (largest remainders).
  static func whole(_ parts: [Double]) -> [Int64] {
    var whole = parts.map { Int64(($0 + 1e-4).rounded(.down)) }
    let missing = Int64(parts.reduce(0, +).rounded()) - whole.reduce(0, +)
    let order = parts.indices.sorted { parts[$0] - Double(whole[$0]) > parts[$1] - Double(whole[$1]) }
    for index in order.prefix(Int(max(0, missing))) { whole[index] += 1 }
    return whole
  }
}
