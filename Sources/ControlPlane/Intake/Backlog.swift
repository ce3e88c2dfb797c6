import DequeModule
import TenantRuntime

/// Rows of one tenant that the intake keeps: all their ids in order, and the newest ones whole, so that what is applied at once is never
/// read back. Ids in memory spare the table an index by tenant, whose pages every commit would write one by one.
struct Backlog {
  struct Row: Equatable {
    var id: Int64
    /// How many events it holds.
    var events: Int32
    /// What people have written or decided: it has room of its own.
    var isText = false
  }

  private(set) var rows: Deque<Row> = []
  /// Of the last rows, without a gap.
  private(set) var whole: Deque<IntakeEvent> = []
  /// Events of all rows, and of those that are whole.
  private(set) var events = 0
  private(set) var texts = 0
  private(set) var wholeEvents = 0
  /// The last id there ever was, trimmed or not.
  private(set) var last: Int64 = 0

  enum Page {
    case whole([(id: Int64, event: IntakeEvent)])
    /// To be read from the file.
    case ids([Int64])
  }

  mutating func append(_ row: Row, _ event: IntakeEvent?) {
    rows.append(row)
    last = row.id
    events += Int(row.events)
    if row.isText { texts += Int(row.events) }
    if let event {
      whole.append(event)
      wholeEvents += Int(row.events)
    } else {
      whole.removeAll()
      wholeEvents = 0
    }
  }

  /// What follows an id: so many events, or one row if that holds more. Whatever is handed out whole is given away; asked for once more it
  /// comes from the file.
  mutating func take(after id: Int64, atMost limit: Int) -> Page {
    let start = index(after: id)
    var (end, taken) = (start, 0)
    while end < rows.count, end == start || taken + Int(rows[end].events) <= limit {
      taken += Int(rows[end].events)
      end += 1
    }
    let firstWhole = rows.count - whole.count
    guard start < end, start >= firstWhole else { return .ids(rows[start..<end].map(\.id)) }
    let page = (start..<end).map { (id: rows[$0].id, event: whole[$0 - firstWhole]) }
    forget(end - firstWhole)
    return .whole(page)
  }

  /// Removes and returns what is at or below an id.
  mutating func drop(upTo id: Int64) -> [Int64] {
    let end = index(after: id)
    let firstWhole = rows.count - whole.count
    if end > firstWhole { forget(end - firstWhole) }
    let gone = rows[..<end].map(\.id)
    events -= rows[..<end].reduce(0) { $0 + Int($1.events) }
    texts -= rows[..<end].reduce(0) { $0 + ($1.isText ? Int($1.events) : 0) }
    rows.removeFirst(end)
    return gone
  }

  /// The first whole ones are whole no more.
  private mutating func forget(_ count: Int) {
    wholeEvents -= whole[..<count].reduce(0) { $0 + $1.count }
    whole.removeFirst(count)
  }

  func waits(_ id: Int64) -> Bool {
    let next = index(after: id - 1)
    return next < rows.count && rows[next].id == id
  }

  /// The index of the first id above this one.
  private func index(after id: Int64) -> Int {
    var (low, high) = (0, rows.count)
    while low < high {
      let middle = (low + high) / 2
      if rows[middle].id <= id { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

/// The backlogs of all tenants, and what of them can go.
struct Backlogs {
  private var ofTenant: [String: Backlog] = [:]
  /// Events kept, and those of them in memory.
  private(set) var events = 0
  private(set) var texts = 0
  private var whole = 0
  /// Ids whose rows can go.
  private(set) var trimmed: [Int64] = []
  /// Since when some wait to go; nil: none does.
  private(set) var trimmingSince: ContinuousClock.Instant?

  /// So many events are kept in memory beside the file.
  private static let mostWhole = 120_000

  func events(of tenant: String) -> Int { ofTenant[tenant]?.events ?? 0 }
  func texts(of tenant: String) -> Int { ofTenant[tenant]?.texts ?? 0 }
  func waits(_ id: Int64, of tenant: String) -> Bool { ofTenant[tenant]?.waits(id) ?? false }
  func last(of tenant: String) -> Int64 { ofTenant[tenant]?.last ?? 0 }
  var tenants: [String] { ofTenant.filter { !$0.value.rows.isEmpty }.map(\.key) }

  /// - Parameter event: nil when only the file has it.
  mutating func append(_ row: Backlog.Row, _ event: IntakeEvent?, tenant: String) {
    let event = whole < Self.mostWhole ? event : nil
    change(tenant) { $0.append(row, event) }
  }

  mutating func take(_ tenant: String, after id: Int64, atMost limit: Int) -> Backlog.Page {
    change(tenant) { $0.take(after: id, atMost: limit) }
  }

  /// True when nothing waited to go until now.
  mutating func trim(_ tenant: String, upTo id: Int64, at now: ContinuousClock.Instant) -> Bool {
    guard ofTenant[tenant] != nil else { return false }
    trimmed += change(tenant) { $0.drop(upTo: id) }
    guard !trimmed.isEmpty, trimmingSince == nil else { return false }
    trimmingSince = now
    return true
  }

  mutating func takeTrimmed(atMost limit: Int) -> [Int64] {
    let ids = Array(trimmed.prefix(limit))
    trimmed.removeFirst(ids.count)
    if trimmed.isEmpty { trimmingSince = nil }
    return ids
  }

  /// Those that could not go after all, in front of the others.
  mutating func giveBackTrimmed(_ ids: [Int64], at now: ContinuousClock.Instant) {
    trimmed.insert(contentsOf: ids, at: 0)
    if !ids.isEmpty { trimmingSince = trimmingSince ?? now }
  }

  private mutating func change<Value>(_ tenant: String, _ body: (inout Backlog) -> Value) -> Value {
    func change(_ backlog: inout Backlog) -> Value {
      let before = (backlog.events, backlog.wholeEvents, backlog.texts)
      defer {
        events += backlog.events - before.0
        whole += backlog.wholeEvents - before.1
        texts += backlog.texts - before.2
      }
      return body(&backlog)
    }
    return change(&ofTenant[tenant, default: Backlog()])
  }
}
