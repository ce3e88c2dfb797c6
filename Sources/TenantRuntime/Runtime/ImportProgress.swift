import Synchronization

/// How far running imports are, in memory: for pages that show a bar. What is true is in the import's row.
final class ImportProgress: Sendable {
  enum Phase: String, Sendable { case checking, applying }
  private struct State: Sendable {
    var phase: Phase
    var done: Int64 = 0
    var total: Int64
    var began = ContinuousClock.now
  }

  private let states = Mutex<[Int64: State]>([:])
  private let steps = Atomic<Int>(0)
  /// Grows with each step that is told.
  var changes: Int { steps.load(ordering: .relaxed) }

  func begin(_ id: Int64, _ phase: Phase, total: Int64) {
    states.withLock { $0[id] = State(phase: phase, total: total) }
  }
  func set(_ id: Int64, _ done: Int64) {
    states.withLock { $0[id]?.done = done }
    steps.add(1, ordering: .relaxed)
  }
  func add(_ id: Int64, _ amount: Int64) {
    states.withLock { $0[id]?.done += amount }
    steps.add(1, ordering: .relaxed)
  }
  func end(_ id: Int64) { states.withLock { $0[id] = nil } }

  /// Null when it does not run here and now. Checking counts bytes, applying counts rows.
  func json(_ id: Int64) -> JSON {
    guard let state = states.withLock({ $0[id] }) else { return .null }
    let seconds = max(Double((ContinuousClock.now - state.began) / .milliseconds(1)) / 1000, 0.001)
    let rate = Double(state.done) / seconds
    let left = rate > 0 ? Double(max(state.total - state.done, 0)) / rate : nil
    return [
      "phase": .text(state.phase.rawValue), "done": .int(state.done), "total": .int(state.total),
      "unit": state.phase == .checking ? "bytes" : "rows", "per_second": .int(Int64(rate)),
      "seconds_left": left.map { .int(Int64($0.rounded(.up))) } ?? .null,
    ]
  }
}
