/// The tables and charts of a campaign's report.
struct CampaignTables {
  typealias Share = CampaignReportPage.Share
  private let figures: CampaignFigures
  private let campaign: Campaign
  private let base: String
  private let words: Words

  init(_ figures: CampaignFigures, _ campaign: Campaign, base: String, words: Words) {
    (self.figures, self.campaign, self.base, self.words) = (figures, campaign, base, words)
  }

  /// Hours in one chart; the latest of a longer campaign.
  private static let mostColumns = 48

  func hours() -> (Drawing, Drawing, Drawing) {
    let shown = figures.hours.suffix(Self.mostColumns)
    let isLong = shown.count > 20
    let labels = shown.map { words.clock($0.at) }
    let names = shown.map { words.time($0.at) }
    func series(_ kind: Chart.Kind, _ name: String, _ figure: Figures.Figure...) -> Chart.Series {
      Chart.Series(kind, words(name), shown.map { hour in figure.reduce(0) { $0 + (hour.sums[$1] ?? 0) } })
    }
    let texts = [series("go", "Delivered", .delivered), series("stop", "Failed", .failed, .undelivered)]
    let people = series("info", "Clicks by people", .humanClicks)
    let bots = series("quiet", "Clicks by bots", .botClicks)
    let chart = Chart(words)
    let every = isLong ? 6 : shown.count > 8 ? 2 : 1
    return (
      chart.columns(labels, texts, caption: words("Texts per hour"), every: every),
      chart.columns(labels, [people, bots], caption: words("Clicks per hour"), every: every, isLow: true),
      chart.table(names, texts + [people, bots], head: words("Hour"), caption: words("Texts and clicks per hour"))
    )
  }

  func variants() -> ([Share], String?) {
    guard !campaign.variants.isEmpty else { return ([], nil) }
    let sums = campaign.variants.indices.map { figures.variants[$0 + 1] ?? [:] }
    let clicked = sums.map { (clicks: $0[.people] ?? 0, of: $0[.delivered] ?? 0, left: $0[.optOuts] ?? 0) }
    let highest = clicked.map { $0.of == 0 ? 0 : Double($0.clicks) / Double($0.of) }.max() ?? 0
    let rows = zip(campaign.variants, clicked).enumerated().map { index, pair in
      let (variant, sum) = pair
      let share = sum.of == 0 ? 0 : Double(sum.clicks) / Double(sum.of)
      return Share(
        name: String(UnicodeScalar(UInt8(65 + index))), detail: variant.name,
        cell: Chart.cell(highest == 0 ? 0 : share / highest * 0.85),
        figure: words.percent(sum.clicks, of: sum.of),
        count: words.number(sum.clicks), path: nil,
        more: "\(words.number(sum.left)) · \(words.percent(sum.left, of: sum.of))")
    }
    return (rows, verdict(clicked.map { ($0.clicks, $0.of) }))
  }

  /// Which one leads, against the best of the others.
  private func verdict(_ clicked: [(Int64, Int64)]) -> String? {
    func share(_ one: (Int64, Int64)) -> Double { one.1 == 0 ? 0 : Double(one.0) / Double(one.1) }
    let order = clicked.indices.sorted { share(clicked[$0]) > share(clicked[$1]) }
    guard order.count >= 2 else { return nil }
    let (best, next) = (clicked[order[0]], clicked[order[1]])
    guard let sure = Proportions.probability((best.0, of: best.1), over: (next.0, of: next.1)) else {
      return words("Too few clicks to say which leads")
    }
    let name = String(UnicodeScalar(UInt8(65 + order[0])))
    if sure < 0.9 { return words("No clear lead yet") }
    return words("{0} is ahead, {1}% sure", name, words.number(min(99.9, sure * 100), decimals: 1))
  }

  func errors() -> [Share] {
    let total = figures.failed.reduce(0) { $0 + $1.count }
    return figures.failed.prefix(8).map { reason in
      Share(
        name: words.name(reason.name), detail: reason.name.split(separator: "_").last.map(String.init),
        cell: Chart.cell(Double(reason.count) / Double(max(1, total))), figure: words.number(reason.count), count: "",
        path: base + "/people?state=failed&reason=\(reason.name)")
    }
  }

  func numbers() -> [Share] {
    figures.numbers.map { number, sums in
      let (good, bad) = (sums[.delivered] ?? 0, (sums[.failed] ?? 0) + (sums[.undelivered] ?? 0))
      return Share(
        name: words.phone(number), detail: nil, cell: Chart.cell(Double(good) / Double(max(1, good + bad))),
        figure: words.percent(good, of: good + bad), count: words.number(sums[.accepted] ?? 0), path: nil)
    }
  }

  func skips() -> [Share] {
    figures.skipped.prefix(10).map { reason in
      Share(
        name: words.name(reason.name), detail: nil, cell: Drawing(""), figure: words.number(reason.count), count: "",
        path: base + "/people?state=skipped&reason=\(reason.name)")
    }
  }

  func links(_ links: [JSON]) -> [Share] {
    links.map { link in
      let clicks = link["clicks"]
      return Share(
        name: link["target"]?.text ?? "", detail: link["variant"]?.text, cell: Drawing(""),
        figure: words.number(clicks?["people"]?.int ?? 0), count: words.number(clicks?["human"]?.int ?? 0), path: nil,
        more: words.number(clicks?["bot"]?.int ?? 0))
    }
  }
}
