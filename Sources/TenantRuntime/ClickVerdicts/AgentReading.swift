import Synchronization

/// What a user agent says, read once: most phones of a country send the same few thousand.
struct AgentReading: Sendable {
  /// What it says of itself; nil for what may be a browser.
  var named: Verdict?
  var browser: Browser?

  private init(_ text: String) {
    let agent = AgentList.Agent(text)
    named = text.allSatisfy(\.isWhitespace) ? Verdict(.scanner, ["agent_empty"]) : AgentNames.judge(agent)
    browser = Browser(agent)
  }

  static func of(_ text: String) -> AgentReading {
    if let known = known.withLock({ $0[text] }) { return known }
    let reading = AgentReading(text)
    known.withLock { known in
      if known.count >= most { known.removeAll(keepingCapacity: true) }
      known[text] = reading
    }
    return reading
  }

  private static let known = Mutex<[String: AgentReading]>([:])
  /// Of half a kilobyte each, at most.
  private static let most = 2_000
}
