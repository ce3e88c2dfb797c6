import Synchronization

/// How long a connection may take for what it is at, and how many there may be.
struct ConnectionLimits: Sendable {
  var most = 10_000
  /// From one address.
  var mostPerAddress = 2_500
  /// In milliseconds: a request's head, from its first byte or from the connection's begin.
  var head: Int64 = 10_000
  /// Without a byte of a body that is waited for; a whole body at least at `bodyRate` bytes a second beyond that.
  var body: Int64 = 20_000
  var bodyRate: Int64 = 1_000
  /// Between two requests.
  var idle: Int64 = 75_000
  /// While the client takes nothing of its answer.
  var stalled: Int64 = 60_000
}

/// What one connection is at and until when: written on its event loop, read by the watch over all of them. A request costs a few
/// relaxed stores and no timer.
final class Watched: Sendable {
  enum Phase: Int, Sendable {
    /// In this order connections are given up where there are too many.
    case opened, head, idle
    /// These are at work.
    case body, answering
  }

  /// Nil where there is none that could be counted.
  let address: String?
  /// In the order they came: the clock is too coarse to distinguish them.
  let number: UInt64
  private let connections: Connections
  private let shut: @Sendable () -> Void
  private let phaseNumber = Atomic(Phase.opened.rawValue)
  private let phaseSince: Atomic<Int64>
  private let deadlineAt: Atomic<Int64>
  private let bytes = Atomic<Int64>(0)
  /// Time in which a body was waited for, and since when it is.
  private let waited = Atomic<Int64>(0)
  private let waitsSince = Atomic<Int64>(.max)
  private let isTakingAnswers = Atomic(true)

  init(address: String?, _ connections: Connections, shut: @escaping @Sendable () -> Void) {
    (self.address, self.connections, self.shut) = (address, connections, shut)
    number = connections.nextNumber()
    phaseSince = Atomic(connections.now)
    deadlineAt = Atomic(connections.now + connections.limits.head)
  }

  var phase: Phase { Phase(rawValue: phaseNumber.load(ordering: .relaxed)) ?? .answering }
  var since: Int64 { phaseSince.load(ordering: .relaxed) }
  var deadline: Int64 { deadlineAt.load(ordering: .relaxed) }

  func close() { shut() }

  private func set(_ phase: Phase, for milliseconds: Int64?) {
    let now = connections.now
    phaseNumber.store(phase.rawValue, ordering: .relaxed)
    phaseSince.store(now, ordering: .relaxed)
    setDeadline(milliseconds.map { now + $0 })
  }

  private func setDeadline(_ at: Int64?) { deadlineAt.store(at ?? .max, ordering: .relaxed) }

  // MARK: What the handlers report

  /// Bytes have come. More of them give a head no more time.
  func hears() {
    if phase == .idle { set(.head, for: connections.limits.head) }
  }

  /// The head is there, its body may follow.
  func readsBody() {
    set(.body, for: connections.limits.body)
    bytes.store(0, ordering: .relaxed)
    waited.store(0, ordering: .relaxed)
    waitsSince.store(connections.now, ordering: .relaxed)
  }

  /// While nobody asks for more of the body, its sender has all the time.
  func took(_ count: Int) {
    guard phase == .body else { return }
    bytes.add(Int64(count), ordering: .relaxed)
    let since = waitsSince.exchange(.max, ordering: .relaxed)
    if since != .max { waited.add(max(0, connections.now - since), ordering: .relaxed) }
    setDeadline(nil)
  }

  func awaits() {
    guard phase == .body, waitsSince.load(ordering: .relaxed) == .max else { return }
    let limits = connections.limits
    let allowed = limits.body + bytes.load(ordering: .relaxed) * 1_000 / limits.bodyRate
    let now = connections.now
    waitsSince.store(now, ordering: .relaxed)
    setDeadline(now + min(limits.body, allowed - waited.load(ordering: .relaxed)))
  }

  /// The request is whole. An answer may take its time, as long as it is taken.
  func answers() {
    set(.answering, for: isTakingAnswers.load(ordering: .relaxed) ? nil : connections.limits.stalled)
  }

  func rests() { set(.idle, for: connections.limits.idle) }

  func takesAnswers(_ takes: Bool) {
    isTakingAnswers.store(takes, ordering: .relaxed)
    guard phase == .answering else { return }
    setDeadline(takes ? nil : connections.now + connections.limits.stalled)
  }
}
