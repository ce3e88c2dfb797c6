import CSimulation

/// The one thread on which everything runs, and its clock. Waiting costs nothing: the clock goes on to the next timer.
enum Machine {
  private final class Work {
    let body: () -> Void
    init(_ body: @escaping () -> Void) { self.body = body }
  }

  /// Milliseconds since 1970, simulated.
  static var now: Int64 { sim_now() / 1_000_000 }
  static var seconds: Int64 { now / 1000 }
  /// Pieces of work so far.
  nonisolated(unsafe) private(set) static var pieces = 0
  /// Something that ends the run was seen, or the server has died: nothing more is run until somebody has looked.
  nonisolated(unsafe) static var isHalted: () -> Bool = { false }

  /// A task of the server; it goes on as its turns come.
  static func start(_ body: @escaping @Sendable () async -> Void) { Task { await body() } }

  /// Work of the outside world, which goes on whatever becomes of the server.
  static func after(milliseconds: Int64, _ body: @escaping () -> Void) {
    let work = Unmanaged.passRetained(Work(body)).toOpaque()
    sim_after(
      milliseconds * 1_000_000,
      { context in
        guard let context else { return }
        Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body()
      }, work)
  }

  /// Runs what is ready, at most so many pieces; false when there was more.
  @discardableResult static func run(atMost most: Int = .max) -> Bool {
    var left = most
    while left > 0 {
      if isHalted() { return true }
      guard sim_run_one() else { return true }
      pieces += 1
      noteRest()
      left -= 1
    }
    return sim_ready() == 0
  }

  /// A server that does so much within an hour goes round in circles.
  private static func noteRest() {
    if now - restedAt > 3_600_000 { (restedAt, sinceRest) = (now, 0) }
    sinceRest += 1
    if sinceRest == mostWithoutRest { neverRests() }
  }

  nonisolated(unsafe) static var neverRests: () -> Void = {}
  nonisolated(unsafe) private static var restedAt: Int64 = 0
  nonisolated(unsafe) private static var sinceRest = 0
  private static let mostWithoutRest = 25_000

  /// Lets the clock go on, timer by timer, until `isOver` or the time is up.
  static func advance(milliseconds: Int64, until isOver: () -> Bool = { false }) {
    let end = sim_now() + milliseconds * 1_000_000
    run()
    while !isOver(), !isHalted() {
      let next = sim_next_timer()
      guard next >= 0, next <= end else { break }
      sim_set_now(next)
      run()
    }
    guard !isOver(), !isHalted() else { return }
    sim_set_now(end)
    run()
  }
}

/// Chance of one purpose, from the seed (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
struct Chance: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func below(_ bound: Int) -> Int { bound <= 0 ? 0 : Int(next() % UInt64(bound)) }
  mutating func happens(_ perThousand: Int) -> Bool { below(1000) < perThousand }
  mutating func one<Value>(of values: [Value]) -> Value { values[below(values.count)] }
}
