import DequeModule
import TenantRuntime

/// Rows of one tenant that the intake keeps: all their ids in order, and the newest ones whole, so that what is applied at once is never
/// read back. Ids in memory spare the table an index by tenant, whose pages every commit would write one by one.
struct Backlog {
  private(set) var ids: Deque<Int64> = []
  /// Of the last ids, without a gap.
  private(set) var events: Deque<OutsideEvent> = []
  /// The last id there ever was, trimmed or not.
  private(set) var last: Int64 = 0

  enum Page {
    case whole([(id: Int64, event: OutsideEvent)])
    /// To be read from the file.
    case ids([Int64])
  }

  mutating func append(_ id: Int64, _ event: OutsideEvent?) {
    ids.append(id)
    last = id
    if let event { events.append(event) } else { events.removeAll() }
  }

  /// What follows an id. Whatever is handed out whole is given away; asked for once more it comes from the file.
  mutating func take(after id: Int64, atMost limit: Int) -> Page {
    let start = place(after: id)
    let end = min(start + limit, ids.count)
    let firstWhole = ids.count - events.count
    guard start < end, start >= firstWhole else { return .ids(Array(ids[start..<end])) }
    let rows = (start..<end).map { (id: ids[$0], event: events[$0 - firstWhole]) }
    events.removeFirst(end - firstWhole)
    return .whole(rows)
  }

  /// Removes and returns what is at or below an id.
  mutating func drop(upTo id: Int64) -> [Int64] {
    let end = place(after: id)
    let gone = Array(ids[..<end])
    ids.removeFirst(end)
    if events.count > ids.count { events.removeFirst(events.count - ids.count) }
    return gone
  }

  /// The place of the first id above this one.
  private func place(after id: Int64) -> Int {
    var (low, high) = (0, ids.count)
    while low < high {
      let middle = (low + high) / 2
      if ids[middle] <= id { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
