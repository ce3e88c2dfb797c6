import DequeModule

/// Calls that wait for the client: tenants take turns, inside a tenant its lanes (sending numbers) do, and a lane keeps its pace whatever
/// bursts it is handed. No tenant has more than its share in flight, however slow its receivers are. Guarded by the client's lock.
struct CallQueue: Sendable {
  struct Waiting: Sendable {
    let call: HTTPCall
    let completion: CurlClient.Completion
  }

  private struct Tenant: Sendable {
    var lanes: [String: Deque<Waiting>] = [:]
    var order: Deque<String> = []
  }

  private var tenants: [String: Tenant] = [:]
  private var turns: Deque<String> = []
  /// When a paced lane may begin its next call, monotonic nanoseconds; kept while the lane is empty.
  private var freeAt: [String: UInt64] = [:]
  private var inFlight: [String: Int] = [:]
  private let mostOfOne: Int
  /// A timer is this coarse: a call may begin so much ahead of its time.
  private static let tolerance: UInt64 = 5_000_000
  private static let mostIdleLanes = 10_000

  init(mostOfOne: Int = .max) { self.mostOfOne = mostOfOne }

  var isEmpty: Bool { turns.isEmpty }

  /// A call that was taken is over.
  mutating func ended(_ call: HTTPCall) {
    inFlight[call.turnKey] = inFlight[call.turnKey].flatMap { $0 > 1 ? $0 - 1 : nil }
  }

  mutating func add(_ waiting: Waiting) {
    let call = waiting.call
    var tenant = tenants.removeValue(forKey: call.turnKey) ?? Tenant()
    if tenant.order.isEmpty { turns.append(call.turnKey) }
    if tenant.lanes[call.lane] == nil { tenant.order.append(call.lane) }
    if call.isUrgent {
      let lane = tenant.lanes[call.lane] ?? []
      let behind = lane.firstIndex { !$0.call.isUrgent } ?? lane.endIndex
      tenant.lanes[call.lane, default: []].insert(waiting, at: behind)
    } else {
      tenant.lanes[call.lane, default: []].append(waiting)
    }
    tenants[call.turnKey] = tenant
  }

  mutating func removeAll() -> [Waiting] {
    defer {
      tenants = [:]
      turns = []
    }
    return tenants.values.flatMap { $0.lanes.values.flatMap { $0 } }
  }

  mutating func removeUnwanted(of key: String) -> [Waiting] {
    guard var tenant = tenants.removeValue(forKey: key) else { return [] }
    var unwanted: [Waiting] = []
    for name in tenant.order {
      var kept: Deque<Waiting> = []
      for waiting in tenant.lanes[name] ?? [] {
        if waiting.call.isWanted() { kept.append(waiting) } else { unwanted.append(waiting) }
      }
      tenant.lanes[name] = kept.isEmpty ? nil : kept
    }
    tenant.order.removeAll { tenant.lanes[$0] == nil }
    if tenant.order.isEmpty { turns.removeAll { $0 == key } } else { tenants[key] = tenant }
    return unwanted
  }

  /// Takes up to `room` calls that may begin now, turn by turn; and when the next one may, if a pace is all that holds it.
  mutating func take(room: Int, now: UInt64, accounts: AccountPace) -> (calls: [Waiting], next: UInt64?) {
    var taken: [Waiting] = []
    var next: UInt64?
    var passed = 0
    while taken.count < room, passed < turns.count, let key = turns.popFirst() {
      let isFull = inFlight[key, default: 0] >= mostOfOne
      let waiting = isFull ? nil : takeOne(of: key, now: now, accounts, &next)
      if tenants[key] != nil { turns.append(key) }
      if let waiting {
        inFlight[key, default: 0] += 1
        taken.append(waiting)
        passed = 0
      } else {
        passed += 1
      }
    }
    if freeAt.count > Self.mostIdleLanes { freeAt = freeAt.filter { $0.value > now } }
    return (taken, next)
  }

  private mutating func takeOne(of key: String, now: UInt64, _ accounts: AccountPace, _ next: inout UInt64?) -> Waiting?
  {
    guard var tenant = tenants.removeValue(forKey: key) else { return nil }
    defer { if !tenant.order.isEmpty { tenants[key] = tenant } }
    for _ in 0..<tenant.order.count {
      guard let name = tenant.order.popFirst() else { break }
      guard let call = tenant.lanes[name]?.first?.call else { continue }
      let free = call.rate == nil ? 0 : freeAt[name] ?? 0
      if free > now + Self.tolerance {
        next = min(next ?? .max, free - Self.tolerance)
      } else if call.account.map({ accounts.begin($0, now: now) }) ?? true {
        if let rate = call.rate { freeAt[name] = max(free, now) + UInt64(Double(call.units) / rate * 1_000_000_000) }
        let waiting = tenant.lanes[name]?.popFirst()
        if tenant.lanes[name]?.isEmpty == true { tenant.lanes[name] = nil } else { tenant.order.append(name) }
        return waiting
      } else if let account = call.account {
        let rest = accounts.restMilliseconds(account, now: now)
        if rest > 0 { next = min(next ?? .max, now + UInt64(rest) * 1_000_000) }
      }
      tenant.order.append(name)
    }
    return nil
  }
}
