import Synchronization

/// Tells those who watch a tenant's inbox that a commit has something for them. It carries nothing: what is new stands in
/// `inbox_log`, so a missed or doubled ring costs one read.
///
/// It lives beside the file, not with it: watchers keep no file open, and the next opening rings the same bell.
package final class InboxBell: Sendable {
  private struct State {
    var rings = 0
    var next = 0
    var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
  }
  private let state = Mutex(State())

  package init() {}

  package func ring() {
    let waiting = state.withLock { state in
      state.rings += 1
      defer { state.waiting = [:] }
      return Array(state.waiting.values)
    }
    for waiter in waiting { waiter.resume() }
  }

  var rings: Int { state.withLock { $0.rings } }

  /// Returns when it has rung since `seen`, or when the time is over.
  func wait(since seen: Int, atMost: Duration) async {
    await withCheckedContinuation { continuation in
      let ticket = state.withLock { state -> Int? in
        if state.rings != seen { return nil }
        state.next += 1
        state.waiting[state.next] = continuation
        return state.next
      }
      guard let ticket else { return continuation.resume() }
      Task {
        try? await Task.sleep(for: atMost)
        let late = state.withLock { $0.waiting.removeValue(forKey: ticket) }
        late?.resume()
      }
    }
  }
}
