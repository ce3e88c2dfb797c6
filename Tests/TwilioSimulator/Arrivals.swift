/// When Creates arrived, whatever became of them: what the sender's own pace was, measured from outside.
struct Arrivals {
  private struct Arrival {
    let microseconds: Int
    let segments: Int
  }

  /// By `From`, or by the service's SID where the provider chooses the number.
  private var bySender: [String: [Arrival]] = [:]

  mutating func note(_ sender: String, segments: Int) {
    bySender[sender, default: []].append(Arrival(microseconds: Stamp.microseconds(), segments: segments))
  }

  /// One sender, or every one.
  func json(sender: String?) -> JSON {
    if let sender { return rates(sender, bySender[sender] ?? []) }
    return .object([("data", .array(bySender.sorted { $0.key < $1.key }.map { rates($0.key, $0.value) }))])
  }

  private func rates(_ sender: String, _ arrivals: [Arrival]) -> JSON {
    var seconds: [(second: Int, creates: Int, segments: Int)] = []
    var oldest = 0
    var segments = 0
    var (mostCreates, mostSegments) = (0, 0)
    for (index, arrival) in arrivals.enumerated() {
      let second = arrival.microseconds / 1_000_000
      if seconds.last?.second != second { seconds.append((second, 0, 0)) }
      seconds[seconds.count - 1].creates += 1
      seconds[seconds.count - 1].segments += arrival.segments
      // The window that ends with this arrival; exactly one second before is no longer in it.
      segments += arrival.segments
      while arrivals[oldest].microseconds <= arrival.microseconds - 1_000_000 {
        segments -= arrivals[oldest].segments
        oldest += 1
      }
      mostCreates = max(mostCreates, index - oldest + 1)
      mostSegments = max(mostSegments, segments)
    }
    return .object([
      ("from", .string(sender)),
      (
        "data",
        .array(
          seconds.map {
            .object([("second", .int($0.second)), ("creates", .int($0.creates)), ("segments", .int($0.segments))])
          })
      ),
      ("max_creates_in_1s", .int(mostCreates)), ("max_segments_in_1s", .int(mostSegments)),
    ])
  }
}
