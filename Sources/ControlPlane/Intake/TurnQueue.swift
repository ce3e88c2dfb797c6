import HeapModule
import TenantRuntime

/// When which tenant has its turn to apply what came for it. Knows no clock and no worker: `Applier` brings both.
///
/// A tenant that was quiet has its turn at once. One to which more comes waits a moment since its last turn, longer the more tenants wait
/// with it: a transaction writes the same dozen pages for one row as for thirty, and each reader of a tenant applies what waits for it first
/// anyway. Where many tenants wait, quiet ones wait with them, and so their turns spread over that time. Once nothing more comes, nobody
/// waits.
///
/// While many clicks come, answers go first. They change figures alone; applying a few at a time between the answers costs them more
/// than half of its speed, so they wait up to two seconds and are applied in one long run. Reports do not wait for that, and what people
/// have written waits for nobody else at all.
struct TurnQueue {
  typealias Instant = ContinuousClock.Instant

  private struct Entry: Comparable {
    var due: Instant
    var tenant: String
    static func < (left: Entry, right: Entry) -> Bool { left.due < right.due }
  }

  /// Events that came since a tenant's last turn.
  private struct Waiting {
    private var counts = InlineArray<3, Int>(repeating: 0)
    subscript(kind: IntakeEvent.Kind) -> Int {
      get { counts[kind.rawValue] }
      set { counts[kind.rawValue] = newValue }
    }
    /// Its entry in the queue, and the only one that counts.
    var due: Instant?
    /// Its time came while it had a turn: it has another one after that.
    var isOverdue = false
  }

  private struct LastTurn {
    var at: Instant
    /// It had so many clicks that the next ones wait longer (`backloggedClicks`).
    var isBacklogged: Bool
  }

  /// A tenant may stand here more than once.
  private var queue = Heap<Entry>()
  private var waiting: [String: Waiting] = [:]
  /// Those that have a turn now: a tenant never has two.
  private var running: Set<String> = []
  private var lastTurns: [String: LastTurn] = [:]
  private var lastArrival: Instant?

  /// Between two turns of a tenant: for each tenant that waits, at least, at most.
  static let share = Duration.milliseconds(4)
  static let shortest = Duration.milliseconds(100)
  static let longest = Duration.seconds(4)
  /// And for clicks of a backlogged tenant.
  static let backloggedGap = Duration.seconds(2)
  /// Where so many tenants wait, nobody has a turn at once.
  static let batchingTenants = 50
  /// A turn with so many clicks makes its tenant backlogged.
  static let backloggedClicks = 1_000
  /// So many events wait no longer; of clicks fewer than the intake keeps in memory.
  static func fullAt(_ kind: IntakeEvent.Kind) -> Int { kind == .clicks ? 100_000 : 2_000 }
  /// Nothing has come for so long: no more is to be waited for.
  static let idleAfter = Duration.milliseconds(20)

  /// Counts events that have come; true when their tenant gets an entry in the queue for them, its first or one further in front.
  mutating func count(_ tenant: String, _ events: Int = 1, of kind: IntakeEvent.Kind, at now: Instant) -> Bool {
    lastArrival = now
    var waits = waiting[tenant] ?? Waiting()
    let before = waits[kind]
    waits[kind] += events
    waiting[tenant] = waits
    let fullAt = Self.fullAt(kind)
    let isFull = before < fullAt && before + events >= fullAt
    guard isFull || before == 0, !waits.isOverdue else { return false }
    let due = isFull ? now : due(tenant, kind, now)
    if let earlier = waits.due, earlier <= due { return false }
    enqueue(tenant, due)
    return true
  }

  private func due(_ tenant: String, _ kind: IntakeEvent.Kind, _ now: Instant) -> Instant {
    let last = lastTurns[tenant]
    var gap = Self.shortest
    if kind == .clicks, last?.isBacklogged ?? false {
      gap = Self.backloggedGap
    } else if kind != .texts {
      gap = min(max(Self.share * waiting.count, Self.shortest), Self.longest)
      if waiting.count >= Self.batchingTenants { return now + gap }
    }
    return last.map { max(now, $0.at + gap) } ?? now
  }

  private mutating func enqueue(_ tenant: String, _ due: Instant) {
    waiting[tenant]?.due = due
    queue.insert(Entry(due: due, tenant: tenant))
  }

  enum Next: Equatable {
    /// Its turn has begun; others stand behind it.
    case turn(String, isMore: Bool)
    case later
    case nobody
  }

  /// Begins the next turn.
  mutating func next(at now: Instant) -> Next {
    while let entry = queue.min {
      guard waiting[entry.tenant]?.due == entry.due else {
        queue.removeMin()
        continue
      }
      guard isDue(entry, now) else { return .later }
      queue.removeMin()
      guard !running.contains(entry.tenant) else {
        waiting[entry.tenant]?.due = nil
        waiting[entry.tenant]?.isOverdue = true
        continue
      }
      // A tenant that gets a row from now on enters the queue again.
      let waits = waiting.removeValue(forKey: entry.tenant)
      lastTurns[entry.tenant] = LastTurn(at: now, isBacklogged: waits?[.clicks] ?? 0 >= Self.backloggedClicks)
      running.insert(entry.tenant)
      return .turn(entry.tenant, isMore: !queue.isEmpty)
    }
    return .nobody
  }

  private func isDue(_ entry: Entry, _ now: Instant) -> Bool {
    entry.due <= now || lastArrival.map { now - $0 > Self.idleAfter } ?? true
  }

  /// A tenant's turn has ended. Rows whose turn came meanwhile get theirs.
  mutating func end(_ tenant: String, at now: Instant) {
    running.remove(tenant)
    lastTurns[tenant]?.at = now
    guard waiting[tenant]?.isOverdue ?? false else { return }
    waiting[tenant]?.isOverdue = false
    enqueue(tenant, now)
  }
}
