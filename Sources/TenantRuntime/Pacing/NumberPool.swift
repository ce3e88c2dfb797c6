import GRDB

/// Gates 10 and 11: which sending number takes the next text. A number has a daily cap, lower while it warms up, in texts by the
/// tenant's calendar; its registered brand has one in segments, shared with other numbers and tenants; and a token bucket paces it in
/// segments a second, as carriers count. All are kept outside memory, so that they survive restarts.
struct NumberPool {
  struct Sender {
    let phone: PhoneNumber
    let messagingService: String?
    let rate: Double
    var allowance: Double
    /// Days of use so far, this one included once it has sent.
    var days: Int64
    var usedToday: Int64
    var isNewDay: Bool
    let warmUp: String
    let ownCap: Int64?
    let ladder: [Int64]
    let brand: String?
    /// Resumed after the circuit breaker: texts that may go out before their fate is known.
    var probeLeft: Int64?

    /// On a day without a text yet the next step of the ladder counts.
    var cap: Int64? { WarmUp.cap(warmUp, day: isNewDay ? days + 1 : days, own: ownCap, ladder: ladder) }
    var isCapped: Bool { cap.map { usedToday >= $0 } ?? false }
    var isProbing: Bool { probeLeft.map { $0 <= 0 } ?? false }
  }

  enum Grant {
    case given(Sender)
    /// The number that the person knows is exhausted; others are not.
    case held
    case none
  }

  private var senders: [Sender]
  private let now: Moment
  private let day: LocalDay
  /// Segments that each brand may still send, as granted to this claim.
  var brands: [String: Int64]
  private var begunUse: [PhoneNumber] = []
  /// Numbers whose probes have shown that they are not well.
  private(set) var stopped = Effects()
  /// What may go out at once: the outgoing thread spreads it over the time it is meant for.
  private static let burstSeconds = 0.5
  /// A timer never hits its mark; with this much less no second has more than it may.
  static let share = 0.98

  init(
    _ db: Database, _ numbers: [PhoneNumber], day: LocalDay, settings: TenantSettings, brands: [String: Int64] = [:],
    now: Moment
  ) throws {
    self.now = now
    self.day = day
    self.brands = brands
    senders = []
    for number in numbers {
      guard
        let row = try Row.fetchOne(
          db.cachedStatement(sql: "SELECT * FROM sending_numbers WHERE number = ? AND paused_reason IS NULL"),
          arguments: [number])
      else { continue }
      var sender = Self.sender(row, day: day, ladder: settings.warmUpLadder, now: now)
      if sender.isProbing {
        let probe = CircuitBreaker.Probe(.number, number.digits, since: row["probe_since"] ?? now)
        switch try probe.verdict(db, settings.breaker, &stopped, now: now) {
        case .passed: sender.probeLeft = nil
        case .waiting: break
        case .failed: continue
        }
      }
      senders.append(sender)
    }
  }

  static func sender(_ row: Row, day: LocalDay, ladder: [Int64]?, now: Moment) -> Sender {
    let rate: Double = row["rate"]
    let passed = Double(max(0, now.milliseconds - (row["allowance_at"] as Int64))) / 1000
    let isNewDay = row["use_day"] as Int64 != day.number
    return Sender(
      phone: row["number"], messagingService: row["messaging_service"], rate: rate,
      allowance: min((row["allowance"] as Double) + passed * rate * share, max(rate * burstSeconds, 1)),
      days: row["use_days"], usedToday: isNewDay ? 0 : row["used_today"], isNewDay: isNewDay, warmUp: row["warm_up"],
      ownCap: row["daily_cap"], ladder: ladder ?? WarmUp.ladder, brand: row["brand"], probeLeft: row["probe_left"])
  }

  /// A number has taken its first text of a day.
  var beginsUse: Bool { !begunUse.isEmpty }
  var isEmpty: Bool { senders.isEmpty }
  var hasChoice: Bool { senders.count > 1 }

  /// Why nobody of the pool takes a text, with the reason that is to be shown: the last gate that the freest number does not pass.
  func refusal(segments: Int) -> String {
    if senders.isEmpty { return "no_number" }
    let below = senders.filter { !$0.isCapped }
    if below.isEmpty { return "daily_cap" }
    let branded = below.filter { hasBrandAllowance($0, segments) }
    if branded.isEmpty { return "brand_cap" }
    return branded.allSatisfy(\.isProbing) ? "probing" : "rate"
  }

  private func hasBrandAllowance(_ sender: Sender, _ segments: Int) -> Bool {
    sender.brand.map { brands[$0, default: 0] >= Int64(segments) } ?? true
  }

  private func isAble(_ sender: Sender, _ segments: Int) -> Bool {
    !sender.isCapped && !sender.isProbing && hasBrandAllowance(sender, segments)
  }

  /// Whether the number that a person knows is at its pace while another has something to give: told before anything else is asked about
  /// a text, for as many may wait for it as there are people.
  func holds(_ known: PhoneNumber) -> Bool {
    let able = senders.filter { isAble($0, 1) }
    return able.contains { $0.phone == known && $0.allowance < 1 } && able.contains { $0.allowance >= 1 }
  }

  /// A contact keeps the number it knows; else the number with most allowance gives it. A text of many segments may overdraw a small
  /// bucket, later ones then wait longer.
  mutating func spend(segments: Int, knows known: PhoneNumber? = nil) -> Grant {
    let able = senders.indices.filter { isAble(senders[$0], segments) }
    let free = able.filter { senders[$0].allowance >= 1 }
    if let known, let own = able.first(where: { senders[$0].phone == known }) {
      return free.contains(own) ? .given(take(own, segments)) : free.isEmpty ? .none : .held
    }
    guard let best = free.max(by: { senders[$0].allowance < senders[$1].allowance }) else { return .none }
    return .given(take(best, segments))
  }

  private mutating func take(_ index: Int, _ segments: Int) -> Sender {
    senders[index].allowance -= Double(segments)
    if senders[index].isNewDay {
      senders[index].isNewDay = false
      senders[index].days += 1
      begunUse.append(senders[index].phone)
    }
    senders[index].usedToday += 1
    if let left = senders[index].probeLeft { senders[index].probeLeft = left - 1 }
    if let brand = senders[index].brand { brands[brand, default: 0] -= Int64(segments) }
    return senders[index]
  }

  /// When the next text may begin; waits for a small block rather than for each text. Only numbers that could give it count: by any other the
  /// answer would be now, and the claim would be made again and again.
  /// - Parameter known: the one number that will do.
  func enoughAt(segments: Int, knows known: PhoneNumber? = nil) -> Moment? {
    senders.filter { isAble($0, segments) && (known == nil || $0.phone == known) }.map { sender in
      let wanted = max(1, sender.rate * 0.2)
      return now.advanced(
        byMilliseconds: Int64(((wanted - sender.allowance) / (sender.rate * Self.share) * 1000).rounded(.up)))
    }.min().map { max($0, now.advanced(byMilliseconds: 1)) }
  }

  func save(_ db: Database) throws {
    for sender in senders {
      try db.cachedStatement(sql: "UPDATE sending_numbers SET allowance = ?, allowance_at = ? WHERE number = ?")
        .execute(arguments: [sender.allowance, now, sender.phone])
      if sender.isNewDay { continue }
      try db.cachedStatement(
        sql: """
          UPDATE sending_numbers SET use_day = ?1, use_days = ?2, used_today = ?3,
          probe_since = CASE WHEN probe_left IS NOT ?4 THEN ?5 ELSE probe_since END, probe_left = ?4 WHERE number = ?6
          """
      ).execute(arguments: [day.number, sender.days, sender.usedToday, sender.probeLeft, now, sender.phone])
    }
    for phone in begunUse { try PriceReader.begin(db, day: day.number, number: phone, at: now) }
  }

  /// A text that never began counts for nothing.
  static func release(_ db: Database, number: PhoneNumber, day: Int64) throws {
    try db.cachedStatement(
      sql: "UPDATE sending_numbers SET used_today = max(0, used_today - 1) WHERE number = ? AND use_day = ?"
    ).execute(arguments: [number, day])
  }

  /// The provider's queue of this number is full (21611): it gets time to empty.
  static func rest(_ db: Database, number: PhoneNumber, seconds: Double) throws {
    try db.execute(
      sql: "UPDATE sending_numbers SET allowance = min(allowance, max(-rate * ?1, -1e9)) WHERE number = ?2",
      arguments: [seconds, number])
  }
}
