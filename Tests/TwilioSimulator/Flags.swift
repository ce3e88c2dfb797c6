import Foundation

/// From the command line's words to settings.
extension Simulator {
  func settings() throws -> Settings {
    var settings = Settings()
    settings.accounts = try pairs(account, "--account").mapValues(list)
    settings.signing = try pairs(signWith, "--sign-with").mapValues(Signer.init(token:))
    settings.inboundURLs = try urls(inbound, "--inbound")
    settings.fallbackURLs = try urls(fallback, "--fallback")
    settings.webhooksVia = try webhooksVia.map(parseAddress)
    settings.tapVia = try tapVia.map(parseAddress)
    settings.pools = try pairs(pool, "--pool").mapValues(list)
    for service in advancedOptOut { settings.advancedOptOut[service] = [] }
    for (service, words) in try pairs(optOutWords, "--opt-out-words") {
      settings.advancedOptOut[service] = Set(list(words).map { $0.lowercased() })
    }
    settings.latencyMs = latency
    settings.maxConcurrent = maxConcurrent
    settings.callbackDelay = try parseRange(callbackDelay)
    settings.replyDelay = try parseRange(replyDelay)
    settings.tapDelay = try parseRange(tapDelay)
    settings.shuffle = shuffle
    settings.duplicate = duplicate
    settings.drop = drop
    settings.mps = mps
    for (number, rate) in try numbers(rate, "--rate") where rate > 0 { settings.rates[number] = rate }
    settings.queueSeconds = queueSeconds
    settings.listLagMs = listLag
    settings.listGap = listGap
    settings.priceDelayMs = priceDelay
    settings.prices = try numbers(price, "--price").mapValues { Int($0) }
    settings.slowMs = slow
    settings.seed = seed
    if let people { settings.people = try People(json: Data((people == "demo" ? People.demo : people).utf8)) }
    for (kind, share) in try numbers(fault, "--fault") {
      try Fault.check(kind, share)
      settings.faults[kind] = share
    }
    return settings
  }

  private func list(_ text: String) -> [String] { text.split(separator: ",").map(String.init) }

  /// URL for every account, or AC…=URL for one.
  private func urls(_ texts: [String], _ flag: String) throws -> [String: String] {
    let named = texts.filter { $0.hasPrefix("AC") }
    return try pairs(named, flag)
      .merging(texts.filter { !$0.hasPrefix("AC") }.map { ("", $0) }) { _, last in last }
  }

  private func numbers(_ texts: [String], _ flag: String) throws -> [String: Double] {
    try pairs(texts, flag)
      .mapValues { text in
        guard let value = Double(text), value >= 0 else { throw SettingsError("\(flag) \(text): a number is needed") }
        return value
      }
  }

  private func pairs(_ texts: [String], _ flag: String) throws -> [String: String] {
    var pairs: [String: String] = [:]
    for text in texts {
      let halves = text.split(separator: "=", maxSplits: 1)
      guard halves.count == 2 else { throw SettingsError("\(flag) \(text): NAME=VALUE is needed") }
      pairs[String(halves[0])] = String(halves[1])
    }
    return pairs
  }
}
