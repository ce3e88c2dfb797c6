import GRDB

/// Gate 11: how many segments each sending number may begin now. A token bucket per number, kept in the file, so that it
/// survives restarts; it counts segments, as carriers do.
struct NumberPool {
  struct Sender {
    let phone: PhoneNumber
    let messagingService: String?
    let rate: Double
    var allowance: Double
  }

  private var senders: [Sender]
  private let now: Moment
  /// A quarter of a second's worth may go out at once, at least one text.
  private static let burstSeconds = 0.25

  init(_ db: Database, _ numbers: [PhoneNumber], now: Moment) throws {
    self.now = now
    senders = try numbers.compactMap { number in
      guard
        let row = try Row.fetchOne(
          db, sql: "SELECT * FROM sending_numbers WHERE number = ? AND paused_reason IS NULL", arguments: [number])
      else { return nil }
      let rate: Double = row["rate"]
      let passed = Double(max(0, now.milliseconds - (row["allowance_at"] as Int64))) / 1000
      let allowance = min((row["allowance"] as Double) + passed * rate, max(rate * Self.burstSeconds, 1))
      return Sender(phone: number, messagingService: row["messaging_service"], rate: rate, allowance: allowance)
    }
  }

  var isEmpty: Bool { senders.isEmpty }

  /// The number with most allowance gives it; a text of many segments may overdraw a small bucket, later ones then wait longer.
  mutating func spend(segments: Int) -> Sender? {
    guard let best = senders.indices.max(by: { senders[$0].allowance < senders[$1].allowance }),
      senders[best].allowance >= 1
    else {
      return nil
    }
    senders[best].allowance -= Double(segments)
    return senders[best]
  }

  /// When the next text may begin; waits for a small block rather than for each text.
  func enoughAt(segments: Int) -> Moment? {
    senders.map { sender in
      let wanted = max(1, sender.rate * 0.05)
      return now.advanced(byMilliseconds: Int64(((wanted - sender.allowance) / sender.rate * 1000).rounded(.up)))
    }.min().map { max($0, now.advanced(byMilliseconds: 1)) }
  }

  func save(_ db: Database) throws {
    for sender in senders {
      try db.cachedStatement(sql: "UPDATE sending_numbers SET allowance = ?, allowance_at = ? WHERE number = ?")
        .execute(arguments: [sender.allowance, now, sender.phone])
    }
  }
}
