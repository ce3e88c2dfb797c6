import TenantRuntime

/// One line of a labelled set: `truth[>verdict] words | agent or @sample`.
///
/// Words: `http`, `https`; the headers as `page` (all a browser sends with a page it opens), `plain` (the same without Fetch Metadata),
/// `any` (a library's `Accept: */*`), `bare` (none); a method in capitals; `sent=` and `delivered=` seconds before; `near=` recipients;
/// `listed=`; any other `name=value` is a header, without a value it is taken away.
struct LabelledClick {
  let truth: ClickVerdict
  let expected: ClickVerdict
  let facts: HitFacts
  let context: HitContext
  let line: String

  static func read(_ text: String) -> [LabelledClick] {
    text.split(separator: "\n").map { LabelledClick(String($0)) }
  }

  init(_ line: String) {
    self.line = line
    let sides = line.split(separator: "|", maxSplits: 1).map { $0.trimming(" ") }
    let words = sides[0].split(separator: " ").map(String.init)
    let labels = words[0].split(separator: ">").map { ClickVerdict(rawValue: String($0))! }
    var agent = sides.count > 1 ? sides[1] : ""
    if agent.hasPrefix("@") { agent = BrowserSamples.agents[String(agent.dropFirst())]! }
    let at = Moment(milliseconds: 1_800_000_000_000)
    var context = HitContext()
    var (method, headers) = ("GET", [String: String]())
    for word in words.dropFirst(2) {
      let pair = word.split(separator: "=", maxSplits: 1).map(String.init)
      let value = pair.count > 1 ? pair[1] : ""
      switch pair[0] {
      case "page": headers = Self.page(agent, isSecure: words[1] == "https")
      case "plain": headers = Self.page(agent, isSecure: false)
      case "any": headers = ["accept": "*/*"]
      case "bare": headers = [:]
      case "sent": context.sentAt = at.advanced(byMilliseconds: -Int64(Double(value)! * 1_000))
      case "delivered": context.deliveredAt = at.advanced(byMilliseconds: -Int64(Double(value)! * 1_000))
      case "near": context.recipientsNearby = Int(value)!
      case "listed": context.listed = ListedNetwork(rawValue: value)!
      case let name where name == name.uppercased(): method = name
      case let name: headers[name] = word.contains("=") ? value.replacing("_", with: " ") : nil
      }
    }
    (truth, expected) = (labels[0], labels[labels.count - 1])
    facts = HitFacts(
      method: method, userAgent: agent, headers: HitHeaders(headers.map { ($0, $1) }), isSecure: words[1] == "https",
      at: at)
    self.context = context
  }

  /// What the browser that the agent claims to be sends with a page it opens.
  private static func page(_ agent: String, isSecure: Bool) -> [String: String] {
    var headers = [
      "accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "accept-language": "en-US,en;q=0.9",
    ]
    let chromium = version(agent, "Chrome/")
    let sends =
      chromium.map { $0 >= 80 } ?? version(agent, "Firefox/").map { $0 >= 90 }
      ?? version(agent, "OS ").map { $0 >= 17 } ?? (version(agent, "Version/").map { $0 >= 17 } ?? false)
    guard isSecure, sends else { return headers }
    headers["sec-fetch-site"] = "none"
    headers["sec-fetch-mode"] = "navigate"
    headers["sec-fetch-dest"] = "document"
    if let chromium, chromium >= 89, !agent.contains("; wv)") {
      headers["sec-ch-ua"] =
        "\"Chromium\";v=\"\(chromium)\", \"Google Chrome\";v=\"\(chromium)\", \"Not?A_Brand\";v=\"24\""
      headers["sec-ch-ua-mobile"] = agent.contains("Mobile") ? "?1" : "?0"
    }
    return headers
  }

  private static func version(_ agent: String, _ name: String) -> Int? {
    agent.firstRange(of: name).flatMap { Int(agent[$0.upperBound...].prefix { $0.isNumber }) }
  }
}

/// How many of each label were judged what.
struct ConfusionTable: CustomStringConvertible {
  private var counts: [ClickVerdict: [ClickVerdict: Int]] = [:]
  let judged: [(click: LabelledClick, verdict: Verdict)]

  init(_ clicks: [LabelledClick]) {
    judged = clicks.map { ($0, ClickVerdict.judge($0.facts, $0.context)) }
    for (click, verdict) in judged { counts[click.truth, default: [:]][verdict.verdict, default: 0] += 1 }
  }

  /// Of those with these labels, the share judged human.
  func humanShare(_ labels: Set<ClickVerdict>) -> Double {
    let rows = counts.filter { labels.contains($0.key) }.values
    let all = rows.flatMap(\.values).reduce(0, +)
    return Double(rows.map { $0[.human] ?? 0 }.reduce(0, +)) / Double(max(all, 1))
  }

  var description: String {
    let names = ClickVerdict.allCases
    let cell = { (text: String) in text + String(repeating: " ", count: max(0, 9 - text.count)) }
    let rows = names.map { truth in
      cell(truth.rawValue) + names.map { cell("\(counts[truth]?[$0] ?? 0)") }.joined()
    }
    return ([cell("label") + names.map { cell($0.rawValue) }.joined()] + rows).joined(separator: "\n")
  }
}

extension Substring {
  fileprivate func trimming(_ character: Character) -> String {
    var text = self
    while text.first == character { text.removeFirst() }
    while text.last == character { text.removeLast() }
    return String(text)
  }
}
