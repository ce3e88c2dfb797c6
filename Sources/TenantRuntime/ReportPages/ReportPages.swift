import GRDB

package enum ReportPages {
  package static let all: [PageView<Runtime>] = [
    PageView("reports", needs: .readReports, DayReportPage.make),
    PageView("reports/people", needs: .readReports, PeopleReportPage.make),
    PageView("reports/numbers", needs: .readReports, NumbersReportPage.make),
    PageView("reports/links", needs: .readReports, LinksReportPage.make),
    PageView("reports/costs", needs: .readReports, CostReportPage.make),
  ]
}

extension Visit<Runtime> {
  /// Reads a report of the days that were asked for.
  fileprivate func report<Made: Sendable>(
    _ body: @escaping @Sendable (Database, ReportHead.Asked, Lease) throws -> Made
  ) async throws -> Made {
    let (asked, lease) = (try ReportHead.Asked(self), subject.lease)
    return try await subject.file.read { db in try body(db, asked, lease) }
  }
}

/// The whole tenant over a time.
struct DayReportPage: Page {
  static let template = "report-days"

  let title: String
  let head: ReportHead
  let texts: SetupFigure
  let delivered: SetupFigure
  let clicks: SetupFigure
  let answers: SetupFigure
  let left: SetupFigure
  let cost: SetupFigure
  let chart: Drawing
  let table: Drawing
  let hasTexts: Bool
  let mayWrite: Bool

  @Sendable static func make(_ visit: Visit<Runtime>) async throws -> any Page {
    try await visit.report { db, asked, lease in try DayReportPage(db, visit, asked) }
  }

  private init(_ db: Database, _ visit: Visit<Runtime>, _ asked: ReportHead.Asked) throws {
    let words = visit.words
    let report = try DayReport(db, asked.period)
    func sum(_ figure: Figures.Figure) -> Int64 { report.total[figure] }
    let known = sum(.delivered) + sum(.undelivered) + sum(.failed)
    title = words("Reports")
    head = ReportHead(visit, "", asked)
    texts = SetupFigure(
      words.number(sum(.accepted)), words(sum(.segments), one: "{0} segment", many: "{0} segments"))
    delivered = SetupFigure(
      words.percent(sum(.delivered), of: known),
      words("{0} of {1} known", words.number(sum(.delivered)), words.number(known)))
    clicks = SetupFigure(
      words.number(sum(.humanClicks)),
      words(sum(.botClicks), one: "{0} by a bot", many: "{0} by bots") + words.unclear(sum(.unknownClicks)))
    answers = SetupFigure(
      words.number(sum(.replies)), words("{0} of delivered", words.percent(sum(.replies), of: sum(.delivered))))
    left = SetupFigure(
      words.percent(sum(.optOuts), of: sum(.delivered)), words(sum(.optOuts), one: "{0} person", many: "{0} people"))
    cost = SetupFigure(
      words.money(sum(.costMicros)),
      sum(.accepted) == 0 ? "" : words("{0} a text", words.money(sum(.costMicros) / sum(.accepted))))
    (chart, table) = report.drawings(asked.period, words)
    hasTexts = !report.total.isEmpty
    mayWrite = visit.may(.editCampaigns)
  }
}

/// How many people there are, and what made them more or fewer.
struct PeopleReportPage: Page {
  static let template = "report-people"

  struct Way: Sendable {
    let name: String
    let count: String
  }

  let title: String
  let head: ReportHead
  let contacts: SetupFigure
  let added: SetupFigure
  let gone: SetupFigure
  let left: SetupFigure
  let back: SetupFigure
  let chart: Drawing
  let table: Drawing
  let ways: [Way]
  let hasWays: Bool
  let hasPeople: Bool
  let mayImport: Bool

  @Sendable static func make(_ visit: Visit<Runtime>) async throws -> any Page {
    try await visit.report { db, asked, lease in try PeopleReportPage(db, visit, asked) }
  }

  private init(_ db: Database, _ visit: Visit<Runtime>, _ asked: ReportHead.Asked) throws {
    let words = visit.words
    let report = try PeopleReport(db, asked.period)
    let total = report.total
    func people(_ count: Int64) -> String { words.number(count) }
    title = words("Reports")
    head = ReportHead(visit, "people", asked)
    contacts = SetupFigure(people(total.contacts), words("on the last day"))
    added = SetupFigure(people(total.added), words("{0} by imports", people(total.sum([.imported]))))
    gone = SetupFigure(
      people(total.gone),
      words("{0} erased, {1} merged", people(total.sum([.erased])), people(total.sum([.merged]))))
    left = SetupFigure(people(total.optOuts), words("by whatever way"))
    back = SetupFigure(people(total.sum([.optedIn])), words("texted again"))
    let spans = ReportSpans(asked.period)
    func series(_ kind: Chart.Kind, _ name: String, _ value: (PeopleReport.Day) -> Int64) -> Chart.Series {
      Chart.Series(kind, words(name), spans.sums(report.days.map(value)))
    }
    let atEnd = Chart.Series("brand", words("Contacts"), spans.lasts(report.days.map(\.contacts)))
    let drawing = Chart(words)
    chart = drawing.columns(
      spans.labels(words), [atEnd], caption: words("Contacts over time"), every: spans.every)
    table = drawing.table(
      spans.names(words),
      [
        atEnd, series("go", "Added") { $0.added }, series("quiet", "Gone") { $0.gone },
        series("wait", "Opt-outs") { $0.optOuts }, series("talk", "Back again") { $0.sum([.optedIn]) },
      ], head: spans.head(words), caption: words("Contacts, additions and opt-outs over time"))
    ways = PeopleChange.optOuts.map { ($0, total.sum([$0])) }.filter { $0.1 > 0 }.sorted { $0.1 > $1.1 }.map {
      Way(name: words.method($0.0.way).capitalizedFirst, count: people($0.1))
    }
    hasWays = !ways.isEmpty
    hasPeople = total.contacts > 0 || total.added > 0 || total.gone > 0 || total.optOuts > 0
    mayImport = visit.may(.runImports)
  }
}

/// Numbers side by side.
struct NumbersReportPage: Page {
  static let template = "report-numbers"

  struct Line: Sendable {
    let name: String
    let path: String
    let isLinked: Bool
    let texts: String
    let delivered: String
    let bad: String
    let errors: [String]
    let answers: String
    let left: String
    let cost: String
    let step: String
  }

  let title: String
  let head: ReportHead
  let lines: [Line]
  let hasLines: Bool

  @Sendable static func make(_ visit: Visit<Runtime>) async throws -> any Page {
    let words = visit.words
    return try await visit.report { db, asked, lease in
      let report = try NumberReport(db, asked.period, lease, now: words.now)
      let lines = report.lines.prefix(most).map { line($0, lease, words) }
      return NumbersReportPage(
        title: words("Reports"), head: ReportHead(visit, "numbers", asked), lines: lines, hasLines: !lines.isEmpty)
    }
  }

  /// The others stand in the file.
  private static let most = 50

  private static func line(_ line: NumberReport.Line, _ lease: Lease, _ words: Words) -> Line {
    let bad = line[.failed] + line[.undelivered]
    return Line(
      name: words.phone(line.number),
      path: "/t/\(lease.tenant)/numbers/\(line.number.digits)", isLinked: line.sender != nil,
      texts: words.number(line[.accepted]), delivered: words.percent(line[.delivered], of: line.known),
      bad: words.percent(bad, of: line.known),
      errors: line.errors.map { error in
        let name = "error_\(error.code)"
        let said = Words.names[name] == nil ? words("Error {0}", error.code) : words.name(name)
        return "\(said): \(words.number(error.count))"
      }, answers: words.number(line[.replies]), left: words.percent(line[.optOuts], of: line[.delivered]),
      cost: words.money(line[.costMicros]),
      step: line.sender == nil
        ? words("No more yours")
        : line.step.map { words("Day {0} of {1}", String($0), String(line.sender?.ladder.count ?? 0)) } ?? words("Warm")
    )
  }
}

/// Links that were opened, most clicked first.
struct LinksReportPage: Page {
  static let template = "report-links"

  struct Line: Sendable {
    let path: String
    let name: String
    let detail: String
    let target: String
    let human: String
    let bot: String
    let unknown: String
  }

  let title: String
  let head: ReportHead
  let lines: [Line]
  let hasLines: Bool
  let pager: Pager?

  @Sendable static func make(_ visit: Visit<Runtime>) async throws -> any Page {
    let words = visit.words
    let page = try LinksAsked(visit.call, shown: 50)
    return try await visit.report { db, asked, lease in
      let found = try LinkReport.read(db, asked.period, behind: page.place, atMost: page.limit + 1)
      let lines = found.prefix(page.limit).map { link in
        Line(
          path: "/t/\(lease.tenant)/links/\(link.id)",
          name: link.name ?? link.slug ?? (try? LinkTarget(link.target))?.host ?? "#\(link.id)",
          detail: link.campaignName.map { words("in “{0}”", $0) + (link.variant.map { " · \($0)" } ?? "") } ?? "",
          target: link.target, human: words.number(link.human), bot: words.number(link.bot),
          unknown: words.number(link.unknown))
      }
      return LinksReportPage(
        title: words("Reports"), head: ReportHead(visit, "links", asked), lines: lines, hasLines: !lines.isEmpty,
        pager: Pager(visit, next: page.next(after: found)))
    }
  }
}

/// What texts cost, and what is left.
struct CostReportPage: Page {
  static let template = "report-costs"

  struct Line: Sendable {
    let name: String
    let path: String
    let isLinked: Bool
    let texts: String
    let segments: String
    let cost: String
    let reserved: String
  }

  let title: String
  let head: ReportHead
  let cost: SetupFigure
  let texts: SetupFigure
  let today: SetupFigure
  let month: SetupFigure
  let chart: Drawing
  let table: Drawing
  let hasCosts: Bool
  let lines: [Line]
  let mostCampaigns: String
  let mayReadBudget: Bool

  @Sendable static func make(_ visit: Visit<Runtime>) async throws -> any Page {
    try await visit.report { db, asked, lease in try CostReportPage(db, visit, asked, lease) }
  }

  private init(_ db: Database, _ visit: Visit<Runtime>, _ asked: ReportHead.Asked, _ lease: Lease) throws {
    let words = visit.words
    let report = try CostReport(db, asked.period, lease, now: words.now)
    let total = report.total
    title = words("Reports")
    head = ReportHead(visit, "costs", asked)
    cost = SetupFigure(words.money(total.micros), words("{0} billed by the provider", words.money(total.billed)))
    texts = SetupFigure(
      words.number(total.texts), words(total.segments, one: "{0} segment", many: "{0} segments"))
    func left(_ used: Int64, _ limit: Int64?) -> SetupFigure {
      SetupFigure(
        limit.map { words.money(max(0, $0 - used)) } ?? words("no limit"), words("{0} used", words.money(used)))
    }
    today = left(report.budget.usedToday, report.budget.dailyMicros)
    month = left(report.budget.usedThisMonth, report.budget.monthlyMicros)
    let spans = ReportSpans(asked.period)
    let series = [
      Chart.Series("brand", words("Billed"), spans.sums(report.days.map(\.sum.billed))),
      Chart.Series("pale", words("Reserved"), spans.sums(report.days.map(\.sum.reserved))),
    ]
    let drawing = Chart(words, isMoney: true)
    chart = drawing.columns(spans.labels(words), series, caption: words("Costs over time"), every: spans.every)
    table = drawing.table(spans.names(words), series, head: spans.head(words), caption: words("Costs over time"))
    hasCosts = total.texts > 0 || total.micros > 0
    func line(_ name: String, _ path: String?, _ sum: CostReport.Sum) -> Line {
      Line(
        name: name, path: path ?? "", isLinked: path != nil, texts: words.number(sum.texts),
        segments: words.number(sum.segments),
        cost: words.money(sum.micros), reserved: words.money(sum.reserved))
    }
    lines =
      report.campaigns.map { line($0.name, "/t/\(lease.tenant)/campaigns/\($0.id)", $0.sum) }
      + (report.others.texts > 0 || report.others.micros > 0
        ? [line(words("Replies, tests and automatic answers"), nil, report.others)] : [])
    mostCampaigns = String(CostReport.mostCampaigns)
    mayReadBudget = visit.may(.readCampaigns)
  }
}
