import GRDB

/// Gates 10 and 11: which sending number takes the next text. A number has a daily cap, lower while it warms up, in texts by the
/// tenant's calendar; and a token bucket in segments a second, as carriers count. Both are kept in the file, so that they survive restarts.
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

    /// On a day without a text yet the next step of the ladder counts.
    var cap: Int64? { WarmUp.cap(warmUp, day: isNewDay ? days + 1 : days, own: ownCap) }
    var isCapped: Bool { cap.map { usedToday >= $0 } ?? false }
  }

  private var senders: [Sender]
  private let now: Moment
  private let day: LocalDay
  /// A quarter of a second's worth may go out at once, at least one text.
  private static let burstSeconds = 0.25

  init(_ db: Database, _ numbers: [PhoneNumber], day: LocalDay, now: Moment) throws {
    self.now = now
    self.day = day
    senders = try numbers.compactMap { number in
      try Row.fetchOne(
        db.cachedStatement(sql: "SELECT * FROM sending_numbers WHERE number = ? AND paused_reason IS NULL"),
        arguments: [number]
      ).map { Self.sender($0, day: day, now: now) }
    }
  }

  static func sender(_ row: Row, day: LocalDay, now: Moment) -> Sender {
    let rate: Double = row["rate"]
    let passed = Double(max(0, now.milliseconds - (row["allowance_at"] as Int64))) / 1000
    let isNewDay = row["use_day"] as Int64 != day.number
    return Sender(
      phone: row["number"], messagingService: row["messaging_service"], rate: rate,
      allowance: min((row["allowance"] as Double) + passed * rate, max(rate * burstSeconds, 1)),
      days: row["use_days"], usedToday: isNewDay ? 0 : row["used_today"], isNewDay: isNewDay, warmUp: row["warm_up"],
      ownCap: row["daily_cap"])
  }

  var isEmpty: Bool { senders.isEmpty }
  /// Every number has sent what it may today.
  var isCapped: Bool { !senders.isEmpty && senders.allSatisfy(\.isCapped) }

  /// The number with most allowance gives it; a text of many segments may overdraw a small bucket, later ones then wait longer.
  mutating func spend(segments: Int) -> Sender? {
    let free = senders.indices.filter { !senders[$0].isCapped && senders[$0].allowance >= 1 }
    guard let best = free.max(by: { senders[$0].allowance < senders[$1].allowance }) else { return nil }
    senders[best].allowance -= Double(segments)
    if senders[best].isNewDay {
      senders[best].isNewDay = false
      senders[best].days += 1
    }
    senders[best].usedToday += 1
    return senders[best]
  }

  /// When the next text may begin; waits for a small block rather than for each text.
  func enoughAt(segments: Int) -> Moment? {
    senders.filter { !$0.isCapped }.map { sender in
      let wanted = max(1, sender.rate * 0.05)
      return now.advanced(byMilliseconds: Int64(((wanted - sender.allowance) / sender.rate * 1000).rounded(.up)))
    }.min().map { max($0, now.advanced(byMilliseconds: 1)) }
  }

  func save(_ db: Database) throws {
    for sender in senders {
      try db.cachedStatement(sql: "UPDATE sending_numbers SET allowance = ?, allowance_at = ? WHERE number = ?")
        .execute(arguments: [sender.allowance, now, sender.phone])
      if sender.isNewDay { continue }
      try db.cachedStatement(
        sql: "UPDATE sending_numbers SET use_day = ?, use_days = ?, used_today = ? WHERE number = ?"
      ).execute(arguments: [day.number, sender.days, sender.usedToday, sender.phone])
    }
  }

  /// A text that never began counts for nothing.
  static func release(_ db: Database, number: PhoneNumber, day: Int64) throws {
    try db.cachedStatement(
      sql: "UPDATE sending_numbers SET used_today = max(0, used_today - 1) WHERE number = ? AND use_day = ?"
    ).execute(arguments: [number, day])
  }
}
