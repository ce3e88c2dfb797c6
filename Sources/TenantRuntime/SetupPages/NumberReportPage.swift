import GRDB
import Hummingbird

/// One number: its month, the ladder it climbs, and the switch that stops it.
struct NumberReportPage: Page {
  static let template = "number"

  struct Fact: Sendable {
    let name: String
    let value: String
  }

  let title: String
  let digits: String
  let state: SetupSignal
  let reason: String?
  let stoppedBy: String?
  let today: SetupFigure
  let bar: Drawing
  let delivered: SetupFigure
  let failed: SetupFigure
  let left: SetupFigure
  let cost: SetupFigure
  let stepWord: String
  let isWarming: Bool
  let ladder: Drawing
  let ladderTable: Drawing
  let ladderSentence: String
  let days: Drawing
  let dayTable: Drawing
  let hasDays: Bool
  let facts: [Fact]
  let isStopped: Bool
  let mayEdit: Bool
  let typedReason: String
  let inFlight: String

  @Sendable static func make(_ visit: Visit<Runtime>) async throws -> any Page {
    let text = visit.call.parameters.get("number") ?? ""
    guard let number = PhoneNumber(e164: "+" + text.drop { $0 == "+" || $0 == " " }) else {
      throw Refusal.notFound("There is no such number.")
    }
    let runtime = visit.subject
    let inFlight = Int64(runtime.gate.inFlight(number: number))
    let lease = runtime.lease
    return try await runtime.file.read { db in
      guard
        let row = try Row.fetchOne(
          db.cachedStatement(sql: "SELECT * FROM sending_numbers WHERE number = ?"), arguments: [number])
      else { throw Refusal.notFound("This tenant does not send from \(number).") }
      return try NumberReportPage(db, row, visit, lease, inFlight: inFlight)
    }
  }

  private init(_ db: Database, _ row: Row, _ visit: Visit<Runtime>, _ lease: Lease, inFlight: Int64) throws {
    let words = visit.words
    let number: PhoneNumber = row["number"]
    let look = NumberLook(row, ladder: try TenantSettings.read(db).warmUpLadder, lease, words)
    let period = ReportPeriod(days: 30, to: DayNumber(words.now, in: words.zone))
    let month = try DayReport(db, period, number: number)
    title = words.phone(number)
    digits = String(number.digits)
    state = look.state
    reason = (row["paused_reason"] as String?).map(words.because)
    stoppedBy = (row["paused_by"] as String?).map { by in
      words("By {0}, {1}", words.actor(by), (row["paused_at"] as Moment?).map(words.time) ?? "")
    }
    today = SetupFigure(
      words.number(look.sender.usedToday),
      look.sender.cap.map { words("of {0} allowed", words.number($0)) } ?? words("no daily limit"))
    bar = look.bar
    func sum(_ figure: Figures.Figure) -> Int64 { month.total[figure] }
    let (known, bad) = (sum(.delivered) + sum(.undelivered) + sum(.failed), sum(.failed) + sum(.undelivered))
    delivered = SetupFigure(
      words.percent(sum(.delivered), of: known),
      words("{0} of {1} known", words.number(sum(.delivered)), words.number(known)))
    failed = SetupFigure(words.percent(bad, of: known), words(bad, one: "{0} text", many: "{0} texts"))
    left = SetupFigure(
      words.percent(sum(.optOuts), of: sum(.delivered)), words(sum(.optOuts), one: "{0} person", many: "{0} people"))
    cost = SetupFigure(
      words.money(sum(.costMicros)), words(sum(.segments), one: "{0} segment", many: "{0} segments"))
    stepWord = look.stepWord
    isWarming = look.step != nil
    (ladder, ladderTable) = Self.ladder(look, words)
    ladderSentence = Self.sentence(look, words)
    let noons = month.days.map { $0.day.noon(in: words.zone) }
    let labels = noons.map { words.date($0) }
    func series(_ kind: Chart.Kind, _ name: String, _ figures: Figures.Figure...) -> Chart.Series {
      Chart.Series(kind, words(name), month.days.map { day in figures.reduce(0) { $0 + day[$1] } })
    }
    let texts = [series("go", "Delivered", .delivered), series("stop", "Failed", .failed, .undelivered)]
    let chart = Chart(words)
    let caption = words("Texts per day from this number")
    days = chart.columns(labels, texts, caption: caption, every: 6)
    dayTable = chart.table(
      noons.map { words.day($0) }, texts + [series("wait", "Opt-outs", .optOuts)], head: words("Day"),
      caption: caption)
    hasDays = known > 0
    facts = Self.facts(row, look, words)
    isStopped = look.isStopped
    mayEdit = visit.may(.editNumbers)
    typedReason = visit.field("reason", nil)
    self.inFlight = words.number(inFlight)
  }

  private static func facts(_ row: Row, _ look: NumberLook, _ words: Words) -> [Fact] {
    var facts = [
      Fact(name: words("Pace"), value: look.rate), Fact(name: words("Limit"), value: look.cap),
      Fact(name: words("Days of use"), value: words.number(look.sender.days)),
      Fact(name: words("Added"), value: words.day(row["added_at"])),
    ]
    if let brand = look.brand { facts.append(Fact(name: words("Brand"), value: brand)) }
    if let service: String = row["messaging_service"] {
      facts.append(Fact(name: words("Messaging service"), value: service))
    }
    if let probes: Int64 = row["probe_left"] {
      facts.append(Fact(name: words("Tries left"), value: words.number(max(0, probes))))
    }
    return facts
  }

  private static func ladder(_ look: NumberLook, _ words: Words) -> (Drawing, Drawing) {
    guard let step = look.step else { return (Drawing(""), Drawing("")) }
    let limits = look.sender.ladder
    let climbed = limits.enumerated().map { index, limit in
      index + 1 < step ? limit : index + 1 == step ? min(limit, look.sender.usedToday) : 0
    }
    let chart = Chart(words)
    let caption = words("Texts that may leave on each day of use")
    let labels = limits.indices.map { $0 + 1 == step ? words("today") : String($0 + 1) }
    return (
      chart.columns(
        labels,
        [
          Chart.Series("brand", words("Climbed"), climbed),
          Chart.Series("pale", words("Still allowed"), zip(limits, climbed).map { $0 - $1 }),
        ], caption: caption),
      chart.table(
        limits.indices.map { words("Day {0}", String($0 + 1)) }, [Chart.Series("pale", words("Texts allowed"), limits)],
        head: words("Day of use"), caption: caption)
    )
  }

  private static func sentence(_ look: NumberLook, _ words: Words) -> String {
    let own =
      look.sender.ownCap.map { words("its own limit of {0} a day holds", words.number($0)) }
      ?? words("no daily limit holds")
    guard let step = look.step else {
      return WarmUp.step(look.sender.warmUp, day: 1) == nil
        ? words("It is not warmed up: {0}.", own) : words("It has climbed the ladder: {0}.", own)
    }
    return words(
      "{0} texts may leave today, {1} have. A day without a text is no step. From day {2} on {3}.",
      words.number(look.sender.cap ?? look.sender.ladder[step - 1]), words.number(look.sender.usedToday),
      String(look.sender.ladder.count + 1), own)
  }
}
