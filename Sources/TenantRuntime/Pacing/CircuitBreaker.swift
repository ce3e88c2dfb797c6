import GRDB

/// Stops a campaign or a sending number by itself when too many of its texts fail, or too many people opt out of it: over a sliding
/// window, from a least number of texts on. A person lets it go on; then a few texts go first and their fate decides.
enum CircuitBreaker {
  typealias Limits = BreakerLimits

  enum Scope: String, Sendable { case campaign, number }

  struct Counts: Sendable, Equatable {
    var texts: Int64 = 0
    var errors: Int64 = 0
    var optOuts: Int64 = 0

    /// What is over its limit, in words; nil when nothing is.
    func excess(_ limits: Limits, least: Int64) -> String? {
      guard texts >= least else { return nil }
      if errors * 100 > limits.errorPercent * texts {
        return "\(errors) of \(texts) texts failed (limit \(limits.errorPercent) %)"
      }
      if optOuts * 100 > limits.optOutPercent * texts {
        return "\(optOuts) of \(texts) people opted out (limit \(limits.optOutPercent) %)"
      }
      return nil
    }
  }

  static let actor = "circuit_breaker"

  /// Adds what happened to a campaign's and a number's window, then judges both.
  static func count(
    _ db: Database, campaign: Int64?, number: PhoneNumber?, _ counts: Counts, _ effects: inout Effects, at: Moment
  ) throws {
    if let campaign { try add(db, .campaign, campaign, counts, at) }
    if let number { try add(db, .number, number.digits, counts, at) }
    guard counts.errors + counts.optOuts > 0 else { return }
    let limits = try TenantSettings.read(db).breaker
    if let campaign,
      let excess = try window(db, .campaign, campaign, limits, at).excess(limits, least: limits.leastTexts)
    {
      try stop(db, .campaign, campaign, excess, &effects, at: at)
    }
    if let number,
      let excess = try window(db, .number, number.digits, limits, at).excess(limits, least: limits.leastTexts)
    {
      try stop(db, .number, number.digits, excess, &effects, at: at)
    }
  }

  private static func add(_ db: Database, _ scope: Scope, _ subject: Int64, _ counts: Counts, _ at: Moment) throws {
    let statement = try RawStatement(
      db,
      """
      INSERT INTO breaker_minutes VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET texts = texts + excluded.texts, errors = errors + excluded.errors, opt_outs = opt_outs + excluded.opt_outs
      """)
    statement.bind(1, scope.rawValue)
    statement.bind(2, subject)
    statement.bind(3, at.milliseconds / 60_000)
    statement.bind(4, counts.texts)
    statement.bind(5, counts.errors)
    statement.bind(6, counts.optOuts)
    try statement.run()
  }

  static func window(_ db: Database, _ scope: Scope, _ subject: Int64, _ limits: Limits, _ now: Moment) throws -> Counts
  {
    let row = try Row.fetchOne(
      db.cachedStatement(
        sql: """
          SELECT ifnull(sum(texts), 0) AS texts, ifnull(sum(errors), 0) AS errors, ifnull(sum(opt_outs), 0) AS opt_outs
          FROM breaker_minutes WHERE scope = ? AND subject = ? AND minute > ?
          """), arguments: [scope.rawValue, subject, now.milliseconds / 60_000 - limits.minutes])
    return Counts(texts: row?["texts"] ?? 0, errors: row?["errors"] ?? 0, optOuts: row?["opt_outs"] ?? 0)
  }

  private static func stop(
    _ db: Database, _ scope: Scope, _ subject: Int64, _ excess: String, _ effects: inout Effects, at: Moment
  ) throws {
    let reason = "circuit breaker: \(excess)"
    switch scope {
    case .campaign:
      guard try CampaignState.pauseRunning(db, campaign: subject, reason: reason, actor: actor) else { return }
      effects.pausedCampaigns.insert(subject)
      try Event.append(
        db, &effects, .campaignPaused, at: at, phone: nil, campaign: subject, data: ["reason": .text(reason)])
      try Audit.append(db, call: actor, "campaign.pause", "campaign:\(subject)", after: reason, at: at)
    case .number:
      guard let number = PhoneNumber(digits: subject) else { return }
      try SendingNumber.stop(db, number, reason: reason, actor: actor, &effects, at: at)
    }
  }

  /// A person lets it go on: the past is forgotten, and a few texts go first.
  static func forget(_ db: Database, _ scope: Scope, _ subject: Int64) throws {
    try db.execute(
      sql: "DELETE FROM breaker_minutes WHERE scope = ? AND subject = ?", arguments: [scope.rawValue, subject])
  }

  /// Minutes that no window reaches any more go.
  static func sweep(_ db: Database, now: Moment) throws {
    try db.execute(
      sql: "DELETE FROM breaker_minutes WHERE minute < ?", arguments: [now.milliseconds / 60_000 - 1_440])
  }

  /// The few texts after a stop, once all of them are out.
  struct Probe {
    enum Verdict { case waiting(until: Moment), passed, failed }
    let scope: Scope
    let subject: Int64
    let since: Moment

    init(_ scope: Scope, _ subject: Int64, since: Moment) {
      self.scope = scope
      self.subject = subject
      self.since = since
    }

    /// Carriers have had their time; then half the probes are enough to judge by.
    func verdict(_ db: Database, _ limits: Limits, _ effects: inout Effects, now: Moment) throws -> Verdict {
      let until = since.advanced(bySeconds: limits.probeSeconds)
      if now < until { return .waiting(until: until) }
      let counts = try CircuitBreaker.window(db, scope, subject, limits, now)
      if let excess = counts.excess(limits, least: max(1, limits.probes / 2)) {
        try CircuitBreaker.stop(db, scope, subject, "of the first, \(excess)", &effects, at: now)
        return .failed
      }
      return .passed
    }
  }
}
