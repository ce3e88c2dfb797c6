/// Was it a person? A first, simple rule over the raw facts; hits are kept and can be judged again when it improves.
package enum ClickVerdict: String, Sendable, Codable {
  case human, preview, scanner, unknown

  package static func judge(_ hit: LinkHit) -> (verdict: ClickVerdict, reasons: [String]) {
    let agent = hit.userAgent.lowercased()
    if hit.method == "HEAD" { return (.scanner, ["head"]) }
    for name in ["purpose", "sec-purpose", "x-moz", "x-purpose"] {
      if let value = hit.hints[name]?.lowercased(), value.contains("prefetch") || value.contains("preview") {
        return (.preview, ["header_\(name)"])
      }
    }
    if agent.isEmpty { return (.scanner, ["no_user_agent"]) }
    if let word = previews.first(where: agent.contains) { return (.preview, ["agent_\(word)"]) }
    if let word = scanners.first(where: agent.contains) { return (.scanner, ["agent_\(word)"]) }
    guard agent.hasPrefix("mozilla/") else { return (.unknown, ["not_a_browser"]) }
    return (.human, [])
  }

  private static let previews = [
    "facebookexternalhit", "facebot", "twitterbot", "whatsapp", "slackbot", "telegrambot", "discordbot",
    "skypeuripreview",
    "linkedinbot", "google-pagerenderer", "bitlybot",
  ]
  private static let scanners = [
    "bot", "crawl", "spider", "curl/", "wget", "python", "go-http", "java/", "okhttp", "dalvik", "headless",
    "cfnetwork", "barracuda",
    "scan", "http-client", "libwww", "monitor",
  ]
}
