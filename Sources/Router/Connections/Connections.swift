import Dispatch
import Logging
import NIOCore
import Synchronization

/// All connections of the listener: never more than the descriptors there are for them, and none that holds one for nothing.
final class Connections: Sendable {
  private struct State {
    var all: [ObjectIdentifier: Watched] = [:]
    var ofAddress: [String: Set<ObjectIdentifier>] = [:]
    /// Taken in by the listener, not yet met by their own event loop; by channel.
    var met: [ObjectIdentifier: Watched] = [:]
  }

  let limits: ConnectionLimits
  private let state = Mutex(State())
  private let clock: Atomic<Int64>
  private let numbers = Atomic<UInt64>(0)
  private let turnedAway = EventCount()
  private let logger: Logger

  init(_ limits: ConnectionLimits = ConnectionLimits(), now: Int64 = Connections.uptime, logger: Logger) {
    (self.limits, self.logger) = (limits, logger)
    clock = Atomic(now)
  }

  /// Milliseconds, as fine as the sweeps are frequent.
  var now: Int64 { clock.load(ordering: .relaxed) }
  func nextNumber() -> UInt64 { numbers.add(1, ordering: .relaxed).newValue }
  var count: Int { state.withLock { $0.all.count } }

  static var uptime: Int64 { Int64(DispatchTime.now().uptimeNanoseconds / 1_000_000) }

  /// Takes a connection in. Where there are too many, of its address or at all, those that wait for nothing go, the oldest first; false
  /// where all are at work.
  func enter(_ new: Watched) -> Bool {
    let (isTaken, leaving) = state.withLock { state in
      var leaving: [Watched] = []
      if let address = new.address, let own = state.ofAddress[address], own.count >= limits.mostPerAddress {
        leaving = Self.oldest(of: own.compactMap { state.all[$0] }, own.count)
        if leaving.isEmpty { return (false, leaving) }
      } else if state.all.count >= limits.most {
        leaving = Self.oldest(of: state.all.values, state.all.count)
        if leaving.isEmpty { return (false, leaving) }
      }
      for watched in leaving { Self.remove(watched, &state) }
      state.all[ObjectIdentifier(new)] = new
      if let address = new.address { state.ofAddress[address, default: []].insert(ObjectIdentifier(new)) }
      return (true, leaving)
    }
    for watched in leaving { watched.close() }
    if !isTaken || !leaving.isEmpty, let times = turnedAway.note() {
      logger.warning("There are too many connections: idle ones are closed", metadata: ["times": "\(times)"])
    }
    return isTaken
  }

  /// Takes in a channel in the order of its coming, which event loops would not keep: the first could push out those that came
  /// last. False: it is closed.
  func accept(_ channel: any Channel, of address: String?) -> Bool {
    let watched = Watched(address: address, self) { channel.close(promise: nil) }
    guard enter(watched) else {
      channel.close(promise: nil)
      return false
    }
    state.withLock { $0.met[ObjectIdentifier(channel)] = watched }
    channel.closeFuture.whenComplete { [self] _ in
      state.withLock { state in
        state.met[ObjectIdentifier(channel)] = nil
        Self.remove(watched, &state)
      }
    }
    return true
  }

  /// What was taken in for a channel; what the listener has not seen, it takes in now.
  func watched(_ channel: any Channel, of address: String?) -> Watched? {
    if let met = state.withLock({ $0.met.removeValue(forKey: ObjectIdentifier(channel)) }) { return met }
    guard accept(channel, of: address) else { return nil }
    return state.withLock { $0.met.removeValue(forKey: ObjectIdentifier(channel)) }
  }

  func leave(_ watched: Watched) { state.withLock { Self.remove(watched, &$0) } }

  private static func remove(_ watched: Watched, _ state: inout State) {
    let id = ObjectIdentifier(watched)
    guard state.all.removeValue(forKey: id) != nil, let address = watched.address else { return }
    state.ofAddress[address]?.remove(id)
    if state.ofAddress[address]?.isEmpty == true { state.ofAddress[address] = nil }
  }

  /// A twentieth of so many, so that looking over all of them is not the work of every newcomer.
  private static func oldest(of all: some Sequence<Watched>, _ count: Int) -> [Watched] {
    let idle = all.filter { $0.phase.rawValue <= Watched.Phase.idle.rawValue }
    let sorted = idle.map { ($0, $0.phase == .idle ? 1 : 0, $0.since, $0.number) }
      .sorted { ($0.1, $0.2, $0.3) < ($1.1, $1.2, $1.3) }
    return sorted.prefix(max(1, count / 20)).map(\.0)
  }

  /// Closes what is over its time.
  func sweep(at now: Int64) {
    clock.store(now, ordering: .relaxed)
    let late = state.withLock { state in
      let late = state.all.values.filter { $0.deadline <= now }
      for watched in late { Self.remove(watched, &state) }
      return late
    }
    for watched in late { watched.close() }
  }

  /// Sweeps twice a second for as long as the timer is held.
  func watch() -> any DispatchSourceTimer {
    let timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "connections"))
    timer.schedule(deadline: .now(), repeating: .milliseconds(500), leeway: .milliseconds(50))
    timer.setEventHandler { [self] in sweep(at: Self.uptime) }
    timer.resume()
    return timer
  }
}
