/// Was it a person? Hits are kept as facts, never blocked, and judged again when these rules improve: raise `rulesVersion` then.
///
/// Every signal that fires is a reason; the strongest decides: **preview > scanner > unknown > human**. Previews stand first because
/// only what a request says of itself makes one (its agent, a prefetch header), which is surer than what others infer from it.
package enum ClickVerdict: String, Sendable, Codable, CaseIterable {
  case human, unknown, scanner, preview

  package static let rulesVersion = 2
  /// People rarely open a text within this many milliseconds of its arrival; machines that look at every text do.
  package static let atOnce: Int64 = 5_000
  /// So many recipients' links from one network within a minute are no chance.
  package static let burst = 3

  package static func judge(_ facts: HitFacts, _ context: HitContext = HitContext()) -> Verdict {
    let agent = AgentReading.of(facts.userAgent)
    let browser = agent.browser
    var verdict = Verdict(.human, [])
    verdict.add(method(facts))
    verdict.add(prefetch(facts))
    verdict.add(self.agent(facts, agent))
    verdict.add(fetchMetadata(facts))
    if let browser {
      verdict.add(absences(facts, browser))
      verdict.add(hints(facts, browser))
    }
    verdict.add(age(facts, context, browser))
    verdict.add(network(context, facts, browser))
    return verdict
  }

  private static func method(_ facts: HitFacts) -> Verdict? {
    switch facts.method {
    case "GET": nil
    case "HEAD": Verdict(.scanner, ["method_head"])
    case "OPTIONS": Verdict(.scanner, ["method_options"])
    default: Verdict(.scanner, ["method_other"])
    }
  }

  /// A browser that fetches ahead says so; if the person then comes, that is a request of its own or none.
  private static func prefetch(_ facts: HitFacts) -> Verdict? {
    for header in [HitHeader.purpose, .secPurpose, .xPurpose, .xMoz] {
      guard let value = facts.headers[header]?.lowercased() else { continue }
      if ["prefetch", "preview", "prerender"].contains(where: { value.contains($0) }) {
        return Verdict(.preview, ["prefetch_header"])
      }
    }
    return nil
  }

  private static func agent(_ facts: HitFacts, _ agent: AgentReading) -> Verdict? {
    if let named = agent.named { return named }
    if facts.headers[.secCHUA]?.holds("Headless") == true { return Verdict(.scanner, ["agent_headless_hint"]) }
    guard let browser = agent.browser else { return Verdict(.unknown, ["agent_not_browser"]) }
    return browser.isBare ? Verdict(.unknown, ["agent_bare"]) : nil
  }

  /// A person's tap is a navigation to a document. An image, film or sound is shown inside something else.
  private static func fetchMetadata(_ facts: HitFacts) -> Verdict? {
    if facts.headers[.xRequestedWith]?.lowercased() == "xmlhttprequest" {
      return Verdict(.unknown, ["requested_by_script"])
    }
    let destination = facts.headers[.secFetchDest]?.lowercased()
    if let destination, ["image", "video", "audio"].contains(destination) {
      return Verdict(.preview, ["fetched_as_media"])
    }
    let mode = facts.headers[.secFetchMode]?.lowercased()
    if mode ?? "navigate" != "navigate" || destination ?? "document" != "document" {
      return Verdict(.unknown, ["no_navigation"])
    }
    return nil
  }

  /// What a browser always sends and this one did not. Browsers inside apps, and of makers that change the engine, may lack Fetch Metadata
  /// as long as they send the rest. A modern Chromium without it, over TLS, is a program that only says it is Chromium.
  private static func absences(_ facts: HitFacts, _ browser: Browser) -> Verdict? {
    guard facts.isComplete else { return nil }
    let acceptsPages = facts.headers[.accept]?.holds("text/html") == true
    let hasLanguage = facts.headers[.acceptLanguage] ?? "" != ""
    var verdict = Verdict(.human, [])
    if lacksFetchMetadata(facts), browser.sendsFetchMetadata, !browser.isInApp || !acceptsPages || !hasLanguage {
      let isSure = browser.engine == .chromium && !browser.isInApp
      verdict.add(Verdict(isSure ? .scanner : .unknown, ["no_sec_fetch"]))
    }
    guard browser.engine != .other else { return verdict }
    if !acceptsPages {
      verdict.add(Verdict(.unknown, [facts.headers[.accept] ?? "" == "" ? "no_accept" : "accept_no_page"]))
    }
    if !hasLanguage {
      verdict.add(Verdict(!acceptsPages && browser.isDesktop ? .scanner : .unknown, ["no_accept_language"]))
    }
    return verdict
  }

  private static func lacksFetchMetadata(_ facts: HitFacts) -> Bool {
    facts.isComplete && facts.isSecure && facts.headers[.secFetchMode] == nil
      && facts.headers[.secFetchDest] == nil && facts.headers[.secFetchSite] == nil
  }

  /// Chromium's client hints beside its user agent: a changed agent keeps the old hints.
  private static func hints(_ facts: HitFacts, _ browser: Browser) -> Verdict? {
    guard browser.engine == .chromium, let hints = facts.headers[.secCHUA] else { return nil }
    if hints.holds("\"Chromium\"") && !hints.holds("\"Chromium\";v=\"\(browser.version)\"") {
      return Verdict(.unknown, ["hints_differ"])
    }
    return nil
  }

  /// Too soon after the text for a person. Alone it only casts doubt: someone may hold the phone in the hand.
  private static func age(_ facts: HitFacts, _ context: HitContext, _ browser: Browser?) -> Verdict? {
    let sinceSent = context.sentAt.map { facts.at.milliseconds - $0.milliseconds }
    // A report of delivery often comes after the text itself; then only the sending counts.
    let sinceDelivered = context.deliveredAt.map { facts.at.milliseconds - $0.milliseconds }.flatMap {
      $0 < 0 ? nil : $0
    }
    guard let least = [sinceSent, sinceDelivered].compactMap(\.self).min(), least < atOnce else { return nil }
    let isBare = lacksFetchMetadata(facts) && browser?.sendsFetchMetadata != false
    return Verdict(browser?.isDesktop == true || isBare ? .scanner : .unknown, ["at_once"])
  }

  /// Networks. Several recipients at once from one network are a gateway that opens everything, or a carrier's shared address, or an
  /// office's Wi-Fi after a large campaign. So a burst makes a scanner, but only doubt where each request looks like a phone that
  /// opens a page, and nothing when besides that the operator has listed the network as a carrier's.
  private static func network(_ context: HitContext, _ facts: HitFacts, _ browser: Browser?) -> Verdict? {
    var verdict = Verdict(.human, [])
    if context.listed == .scanner {
      verdict.add(Verdict(browser?.isProxied == true ? .unknown : .scanner, ["listed_network"]))
    }
    guard context.recipientsNearby >= burst else { return verdict }
    let isPhone = browser?.isHandheld == true && looksComplete(facts)
    switch (context.listed == .carrier, isPhone) {
    case (true, true): verdict.add(Verdict(.human, ["burst_carrier"]))
    case (true, false): verdict.add(Verdict(.unknown, ["burst_carrier"]))
    case (false, true): verdict.add(Verdict(.unknown, ["burst"]))
    case (false, false): verdict.add(Verdict(.scanner, ["burst"]))
    }
    return verdict
  }

  private static func looksComplete(_ facts: HitFacts) -> Bool {
    facts.headers[.accept]?.holds("text/html") == true && facts.headers[.acceptLanguage] != nil
      && (!facts.isSecure || facts.headers[.secFetchMode] == "navigate")
  }
}

extension ClickVerdict: Comparable {
  /// By strength.
  package static func < (left: ClickVerdict, right: ClickVerdict) -> Bool { left.strength < right.strength }

  private var strength: Int {
    switch self {
    case .human: 0
    case .unknown: 1
    case .scanner: 2
    case .preview: 3
    }
  }
}

/// A verdict and the signals that fired, as machine words.
package struct Verdict: Sendable, Equatable {
  package var verdict: ClickVerdict
  package var reasons: [String]

  package static let human = Verdict(.human, [])

  init(_ verdict: ClickVerdict, _ reasons: [String]) {
    self.verdict = verdict
    self.reasons = reasons
  }

  mutating func add(_ other: Verdict?) {
    guard let other else { return }
    verdict = max(verdict, other.verdict)
    reasons += other.reasons
  }
}

extension String {
  /// Whether `text`, which is not empty, stands in it, byte by byte: several times faster than by characters.
  fileprivate func holds(_ text: String) -> Bool {
    var (whole, sought) = (self, text)
    return whole.withUTF8 { whole in
      sought.withUTF8 { sought in
        guard whole.count >= sought.count else { return false }
        return (0...whole.count - sought.count).contains { start in
          whole[start] == sought[0] && sought.indices.allSatisfy { whole[start + $0] == sought[$0] }
        }
      }
    }
  }
}
