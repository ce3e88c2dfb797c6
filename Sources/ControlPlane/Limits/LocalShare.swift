/// What a node knows of the shared limits, and what it may hand out by itself while Redis is away.
///
/// Invariants:
/// - while Redis is away, all grants for a brand's day are at most a quarter of what was left of it when Redis last answered
///   (of the whole cap if it never did), plus what is given back meanwhile;
/// - `own` is this process's whole net use of a brand's day. It goes to Redis with every command, so what was taken alone, and
///   what a Redis without its memory has forgotten, is counted again without a journal.
struct LocalShare: Sendable {
  struct BrandDay: Hashable, Sendable {
    var brand: String
    var day: Int64
  }

  struct Use: Sendable {
    /// Net segments taken by this process, with Redis or alone.
    var own: Int64 = 0
    /// Used by everybody when Redis last answered.
    var heard: Int64 = 0
    /// Net segments taken since then, alone.
    var alone: Int64 = 0
  }

  private var uses: [BrandDay: Use] = [:]
  private var newestDay: Int64 = 0
  private var nodes: [String: Int] = [:]
  /// What must be reported to Redis before it is asked again.
  private var unreported: Set<BrandDay> = []

  // MARK: With Redis

  mutating func heard(account: String, nodes count: Int) { nodes[account] = count }

  mutating func heard(_ key: BrandDay, used: Int64, change: Int64) {
    keep(key)
    uses[key]?.own += change
    uses[key]?.heard = used
    uses[key]?.alone = 0
  }

  /// Less is in use from now on, also if the command that says so gets lost: Redis then counts too much, never too little.
  mutating func willGiveBack(_ key: BrandDay, _ segments: Int64) -> Int64 {
    keep(key)
    defer { uses[key]?.own -= segments }
    return own(key)
  }

  mutating func didNotGiveBack(_ key: BrandDay, _ segments: Int64) {
    keep(key)
    uses[key]?.own += segments
  }

  func own(_ key: BrandDay) -> Int64 { uses[key]?.own ?? 0 }

  // MARK: Alone

  /// Nobody knows how many nodes there are now, so there are at least two.
  func slots(account: String, wanted: Int, limit: Int) -> Int {
    limit <= 0 ? 0 : max(0, min(wanted, max(1, limit / max(2, nodes[account] ?? 1))))
  }

  mutating func take(_ key: BrandDay, _ segments: Int64, cap: Int64) -> Int64 {
    keep(key)
    let use = uses[key] ?? Use()
    let granted = max(0, min(segments, max(0, cap - use.heard) / 4 - use.alone))
    change(key, by: granted)
    return granted
  }

  mutating func giveBack(_ key: BrandDay, _ segments: Int64) {
    keep(key)
    change(key, by: -min(segments, used(key)))
  }

  func used(_ key: BrandDay) -> Int64 { uses[key].map { max(0, $0.heard + $0.alone) } ?? 0 }

  private mutating func change(_ key: BrandDay, by segments: Int64) {
    uses[key]?.own += segments
    uses[key]?.alone += segments
    unreported.insert(key)
  }

  // MARK: Back again

  /// Redis may return without its memory.
  mutating func markAllUnreported() { unreported = Set(uses.keys) }

  mutating func nextUnreported() -> BrandDay? { unreported.popFirst() }

  mutating func markUnreported(_ key: BrandDay) { unreported.insert(key) }

  mutating func reported(_ key: BrandDay, used: Int64) {
    uses[key]?.heard = used
    // What was taken alone while the report was on its way goes out with the next report.
    uses[key]?.alone = 0
  }

  /// Keeps the newest day and the one before it, so that memory does not grow with time.
  private mutating func keep(_ key: BrandDay) {
    if key.day > newestDay {
      uses = uses.filter { $0.key.day >= newestDay }
      unreported = unreported.filter { $0.day >= newestDay }
      newestDay = key.day
    }
    if uses[key] == nil { uses[key] = Use() }
  }
}
