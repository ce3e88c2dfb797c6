import Synchronization

/// Tells those who watch a tenant's inbox that a commit has something for them. It carries nothing: what is new stands in
/// `inbox_log`, so a missed or doubled ring costs one read.
///
/// It lives beside the file, not with it: watchers keep no file open, and the next opening rings the same bell.
package final class InboxBell: Sendable {
  static let mostSeats = 20

  private struct State {
    var rings = 0
    var next = 0
    var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
    var seats = 0
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
      let place = state.withLock { state -> Int? in
        if state.rings != seen { return nil }
        state.next += 1
        state.waiting[state.next] = continuation
        return state.next
      }
      guard let place else { return continuation.resume() }
      Task {
        try? await Task.sleep(for: atMost)
        let late = state.withLock { $0.waiting.removeValue(forKey: place) }
        late?.resume()
      }
    }
  }

  /// A place at the bell, given back when nobody holds it any more: also when an answer is never written (HEAD, a client that left).
  final class Seat: Sendable {
    let bell: InboxBell

    init?(_ bell: InboxBell) {
      self.bell = bell
      let isFree = bell.state.withLock { state in
        guard state.seats < InboxBell.mostSeats else { return false }
        state.seats += 1
        return true
      }
      if !isFree {
        return nil
      }
      isTaken.store(true, ordering: .relaxed)
    }

    private let isTaken = Atomic<Bool>(false)

    deinit {
      if isTaken.load(ordering: .relaxed) { bell.state.withLock { $0.seats -= 1 } }
    }
  }
}
