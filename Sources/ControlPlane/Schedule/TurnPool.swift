import HeapModule
import TenantRuntime

/// Which turns are due when, which are ready, which have begun. Knows no clock, no file and no task: `Scheduler` brings them.
///
///     wake ──▶ ready ──a slot is free──▶ running ──whenNudged──▶ (gone)
///                ▲                          │ ──at──▶ timed ──its time──▶ ready
///                └──── now, or woken ◀──────┘
///
/// - A turn is in one of these states at most, and never begins twice at once.
/// - One that is woken while it runs has one turn more: what came meanwhile may not have been seen.
/// - Ready turns of a group go by when they became ready; one with `patience` as if that had been later. A tenant whose turn wants another
///   one at once goes behind those that wait: nobody waits for a tenant that never ends.
struct TurnPool {
  private struct Timer: Comparable {
    var due: Moment
    var turn: Turn
    static func < (left: Timer, right: Timer) -> Bool { left.due < right.due }
  }
  private struct Ready: Comparable {
    var order: Int64
    var number: Int
    var turn: Turn
    static func < (left: Ready, right: Ready) -> Bool { (left.order, left.number) < (right.order, right.number) }
  }

  private var due: [Turn: Moment] = [:]
  /// One that was set anew leaves its former entry behind, which counts no more.
  private var timers = Heap<Timer>()
  private var ready: [Turn.Group: Heap<Ready>] = [:]
  private var isReady: Set<Turn> = []
  private var running: Set<Turn> = []
  private var runningOf: [Turn.Group: Int] = [:]
  private var again: Set<Turn> = []
  private var numbers = 0

  /// When the next timer ends.
  var nextDue: Moment? {
    mutating get {
      while let timer = timers.min {
        if due[timer.turn] == timer.due { return timer.due }
        timers.removeMin()
      }
      return nil
    }
  }

  /// How many wait for a slot, run, and wait for their time.
  var counts: (ready: Int, running: Int, timed: Int) { (isReady.count, running.count, due.count) }

  var hasRunning: Bool { !running.isEmpty }

  /// The turn is due at once, whatever its timer says.
  mutating func wake(_ turn: Turn, at now: Moment) {
    if running.contains(turn) {
      again.insert(turn)
    } else if isReady.insert(turn).inserted {
      due[turn] = nil
      numbers += 1
      ready[turn.group, default: Heap()].insert(
        Ready(order: now.milliseconds + turn.patience, number: numbers, turn: turn))
    }
  }

  /// The turn is due at a time; of two times the earlier one counts, unless that is over, for clocks are set. One that runs may have looked
  /// before what this is for has happened: it has another one then.
  mutating func schedule(_ turn: Turn, at moment: Moment, now: Moment) {
    if isReady.contains(turn) { return }
    if let other = due[turn], other <= moment, other > now { return }
    due[turn] = moment
    timers.insert(Timer(due: moment, turn: turn))
  }

  /// Begins the next turn that may begin.
  mutating func next(at now: Moment) -> Turn? {
    while let moment = nextDue, moment <= now, let timer = timers.popMin() { wake(timer.turn, at: now) }
    for group in Turn.Group.allCases where runningOf[group, default: 0] < group.slots {
      guard let turn = ready[group]?.popMin()?.turn else { continue }
      isReady.remove(turn)
      running.insert(turn)
      runningOf[group, default: 0] += 1
      return turn
    }
    return nil
  }

  /// Ends a turn that `next` has begun.
  mutating func end(_ turn: Turn, _ next: NextTurn, at now: Moment) {
    guard running.remove(turn) != nil else { return }
    runningOf[turn.group, default: 0] -= 1
    if again.remove(turn) != nil || next == .now {
      wake(turn, at: now)
    } else if case .at(let moment) = next {
      schedule(turn, at: moment, now: now)
    }
  }

  /// A tenant's timers; nil while something of it is ready or runs.
  func timers(of tenant: String) -> [Turn: Moment]? {
    let works = [.open] + Worker.allCases.map(Turn.Work.worker)
    var timers: [Turn: Moment] = [:]
    for work in works {
      let turn = Turn(tenant: tenant, work: work)
      if isReady.contains(turn) || running.contains(turn) { return nil }
      timers[turn] = due[turn]
    }
    return timers
  }
}
