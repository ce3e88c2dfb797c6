import DequeModule
import Dispatch
import Synchronization

/// A few threads that do the work of many files.
///
/// - A file's pieces are done one at a time, in the order in which they came, each on whichever lane is free.
/// - Files take turns: a file with many pieces delays another by the pieces that are running, not by those that wait.
/// - A file is in `turns` or in `running`, or has no work; while a file is in `turns` no lane is idle.
///
/// Why not one serial queue that many files' queues target: such a queue empties a file's own queue before it goes on, and while two tasks of
/// one tenant keep adding to it, the other tenants of that queue wait without end.
package final class StorageLanes: Sendable {
  typealias Work = @Sendable () -> Void

  private struct State {
    var work: [ObjectIdentifier: Deque<Work>] = [:]
    /// Files that have work, and none that is being done.
    var turns: Deque<ObjectIdentifier> = []
    var running: Set<ObjectIdentifier> = []
    var idle: [Int]
  }

  private let lanes: [DispatchQueue]
  private let state: Mutex<State>

  package init(label: String, count: Int = 1) {
    lanes = (0..<count).map { DispatchQueue(label: "\(label)-\($0)") }
    state = Mutex(State(idle: Array(0..<count)))
  }

  func add(_ file: SQLiteFile, _ work: @escaping Work) {
    let key = ObjectIdentifier(file)
    let lane = state.withLock { state -> Int? in
      if state.work[key] == nil, !state.running.contains(key) { state.turns.append(key) }
      state.work[key, default: []].append(work)
      return state.turns.isEmpty ? nil : state.idle.popLast()
    }
    if let lane { lanes[lane].async { self.run(on: lane) } }
  }

  private func run(on lane: Int) {
    var done: ObjectIdentifier?
    while let (key, work) = next(on: lane, after: done) {
      work()
      done = key
    }
  }

  /// The first piece of the file whose turn it is; nil: this lane rests.
  private func next(on lane: Int, after done: ObjectIdentifier?) -> (ObjectIdentifier, Work)? {
    state.withLock { state in
      if let done {
        state.running.remove(done)
        if state.work[done] != nil { state.turns.append(done) }
      }
      guard let key = state.turns.popFirst(), let work = state.work[key]?.popFirst() else {
        state.idle.append(lane)
        return nil
      }
      if state.work[key]?.isEmpty ?? true { state.work[key] = nil }
      state.running.insert(key)
      return (key, work)
    }
  }
}

/// One piece of a task's work on a file. When the task is cancelled, a piece that waits is not begun, and one that runs is interrupted until it
/// ends: an interrupt that comes between two statements does nothing. What has been committed is answered as committed.
final class FileAccess: Sendable {
  private let state = Mutex((isCancelled: false, isRunning: false))
  private let interrupt: @Sendable () -> Void
  private static let pause = DispatchTimeInterval.milliseconds(20)

  init(interrupt: @escaping @Sendable () -> Void) { self.interrupt = interrupt }

  /// Called by the connection's user: an interrupt reaches whatever runs.
  func run<Value>(_ body: () throws -> Value) throws -> Value {
    try state.withLock { state in
      if state.isCancelled { throw CancellationError() }
      state.isRunning = true
    }
    let result = Result { try body() }
    let isCancelled = state.withLock { state in
      state.isRunning = false
      return state.isCancelled
    }
    if isCancelled, case .failure = result { throw CancellationError() }
    return try result.get()
  }

  func cancel() {
    let isRunning = state.withLock { state in
      state.isCancelled = true
      if state.isRunning { interrupt() }
      return state.isRunning
    }
    if isRunning { DispatchQueue.global().asyncAfter(deadline: .now() + Self.pause) { self.cancel() } }
  }
}
