/// The queue of each sending number, which lets segments out at the number's own rate, first in, first out.
///
/// With a fixed rate a message's time to leave is known when it comes, so a queue is no more than the time at which
/// all that is before has left. What expires before its turn is dropped when its turn comes and takes no time of its own.
struct SenderQueues {
  enum Place {
    case leaves(afterMs: Int)
    case expires(afterMs: Int)
    case full
  }

  private var endsMs: [String: Double] = [:]

  mutating func take(
    _ sender: String, _ segments: Int, rate: Double, capacitySeconds: Int, validitySeconds: Int, nowMs: Double
  ) -> Place {
    let start = max(nowMs, endsMs[sender] ?? 0)
    let own = Double(segments) * 1000 / rate
    let wait = start - nowMs
    // A queue of no length at all still lets through what need not wait.
    if wait > 0, wait + own > Double(capacitySeconds) * 1000 { return .full }
    if wait > Double(validitySeconds) * 1000 { return .expires(afterMs: validitySeconds * 1000) }
    endsMs[sender] = start + own
    return .leaves(afterMs: Int(wait))
  }
}
