import Synchronization

/// How many recipients' links one network asks for within a minute. In memory and bounded: after a restart counting begins anew.
///
/// Two generations: notes go into the young one; when it is a minute old or half full it becomes the old one, and the old one goes. So
/// whatever is younger than a minute is counted, unless more than 50,000 networks come within that minute.
package final class BurstWindow: Sendable {
  package static let length: Int64 = 60_000
  package static let mostNetworks = 50_000
  /// Counting stops here; the rules ask for three.
  package static let mostJobs = 16

  private struct Key: Hashable {
    var tenant: String
    var network: Network
  }
  fileprivate struct Visit {
    var job: Int64
    var at: Int64
  }
  private struct Generations {
    var young: [Key: [Visit]] = [:]
    var old: [Key: [Visit]] = [:]
    var began: Int64 = .min

    mutating func turn(_ now: Int64) {
      // A clock that was set back: what was noted ahead of it would be within the minute until it comes there again.
      if began == .min || now < began - BurstWindow.length { (young, old, began) = ([:], [:], now) }
      guard now - began >= BurstWindow.length || young.count >= BurstWindow.mostNetworks / 2 else { return }
      // After a pause of two minutes both are stale.
      old = now - began >= 2 * BurstWindow.length ? [:] : young
      young = [:]
      began = now
    }

    /// Changed in place: no array is copied for a visit.
    mutating func note(_ visit: Visit, at key: Key) -> Int {
      guard let index = young.index(forKey: key) else {
        var visits = old.removeValue(forKey: key) ?? []
        visits.note(visit)
        young[key] = visits
        return visits.count
      }
      young.values[index].note(visit)
      return young.values[index].count
    }
  }
  private let generations = Mutex(Generations())

  package init() {}

  /// Notes a hit and returns how many distinct jobs this network has asked for within the last minute, at most 16. Tenants are counted
  /// apart, so that none learns of another's traffic.
  package func note(tenant: String = "", network: Network, job: Int64, at: Moment) -> Int {
    let key = Key(tenant: tenant, network: network)
    let now = at.milliseconds
    return generations.withLock { generations in
      generations.turn(now)
      return generations.note(Visit(job: job, at: now), at: key)
    }
  }

  package var networks: Int { generations.withLock { $0.young.count + $0.old.count } }
}

extension [BurstWindow.Visit] {
  fileprivate mutating func note(_ visit: BurstWindow.Visit) {
    removeAll { $0.job == visit.job || visit.at - $0.at >= BurstWindow.length }
    append(visit)
    if count > BurstWindow.mostJobs { removeFirst(count - BurstWindow.mostJobs) }
  }
}
