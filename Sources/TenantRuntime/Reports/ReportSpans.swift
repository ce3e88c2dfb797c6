/// Days as a chart shows them: each by itself, or in weeks or months, so that a page stays small.
struct ReportSpans: Sendable {
  struct Span: Sendable {
    let first: DayNumber
    fileprivate(set) var last: DayNumber
    /// Where its days stand in the period.
    fileprivate(set) var places: Range<Int>
  }

  enum Kind: Sendable { case days, weeks, months }

  private static let mostDays = 31
  private static let mostWeeks = 26

  let kind: Kind
  let spans: [Span]

  init(_ period: ReportPeriod) {
    kind = period.count <= Self.mostDays ? .days : period.count <= Self.mostWeeks * 7 ? .weeks : .months
    var spans: [Span] = []
    for (place, day) in period.days.enumerated() {
      let continues =
        switch kind {
        case .days: false
        case .weeks: place % 7 != 0
        case .months: place > 0 && day.number % 100 != 1
        }
      if continues {
        spans[spans.count - 1].last = day
        spans[spans.count - 1].places = spans[spans.count - 1].places.lowerBound..<place + 1
      } else {
        spans.append(Span(first: day, last: day, places: place..<place + 1))
      }
    }
    self.spans = spans
  }

  /// Below columns, and in tables.
  func labels(_ words: Words) -> [String] { spans.map { words.date($0.first.noon(in: words.zone)) } }
  func names(_ words: Words) -> [String] {
    spans.map { span in
      let first = span.first.noon(in: words.zone)
      return kind == .days
        ? words.day(first) : "\(words.date(first)) – \(words.date(span.last.noon(in: words.zone)))"
    }
  }

  func head(_ words: Words) -> String {
    switch kind {
    case .days: words("Day")
    case .weeks: words("Week")
    case .months: words("Month")
    }
  }

  /// How many labels are left out between two that are shown.
  var every: Int { spans.count > 10 ? (spans.count + 5) / 6 : 1 }

  func sums(_ values: [Int64]) -> [Int64] { spans.map { values[$0.places].reduce(0, +) } }
  func lasts(_ values: [Int64]) -> [Int64] { spans.map { values[$0.places.upperBound - 1] } }
}

extension DayReport {
  /// Texts by their fate, and the table of what people did.
  func drawings(_ period: ReportPeriod, _ words: Words) -> (chart: Drawing, table: Drawing) {
    let spans = ReportSpans(period)
    func values(_ figures: [Figures.Figure]) -> [Int64] {
      spans.sums(days.map { day in figures.reduce(0) { $0 + day[$1] } })
    }
    func series(_ kind: Chart.Kind, _ name: String, _ figures: Figures.Figure...) -> Chart.Series {
      Chart.Series(kind, words(name), values(figures))
    }
    let texts = [series("go", "Delivered", .delivered), series("stop", "Failed", .failed, .undelivered)]
    let more = [
      series("info", "Clicks by people", .humanClicks), series("quiet", "Bots", .botClicks),
      series("talk", "Answers", .replies), series("wait", "Opt-outs", .optOuts),
    ]
    let chart = Chart(words)
    return (
      chart.columns(spans.labels(words), texts, caption: words("Texts over time"), every: spans.every),
      chart.table(
        spans.names(words), [series("brand", "Texts", .accepted)] + texts + more, head: spans.head(words),
        caption: words("Texts, clicks, answers and opt-outs over time"))
    )
  }
}
