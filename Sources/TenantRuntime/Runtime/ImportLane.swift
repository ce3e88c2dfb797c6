import Dispatch
import Synchronization

/// Where lists are read: never a lane of the tenants' files. One thread for all checks, in pieces of some ten milliseconds, so that those of
/// several tenants take turns; and one for what a person waits for at an upload, which no check holds up.
package final class ImportLane: Sendable {
  private let checks: DispatchQueue
  private let uploads: DispatchQueue

  package init(label: String = "imports") {
    checks = DispatchQueue(label: label)
    uploads = DispatchQueue(label: "\(label) at their upload")
  }

  /// A piece of an import that goes on by itself.
  func check<Value: Sendable>(_ piece: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await run(piece, on: checks)
  }

  /// What an upload is answered by.
  func look<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await run(work, on: uploads)
  }

  /// One whose task has ended meanwhile is not begun: a pause waits for no turn of others.
  private func run<Value: Sendable>(
    _ work: @escaping @Sendable () throws -> Value, on queue: DispatchQueue
  ) async throws -> Value {
    let turn = LaneTurn<Value>()
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { done in
        guard turn.wait(done) else { return }
        queue.async {
          guard let done = turn.begin() else { return }
          done.resume(with: Result { try work() })
        }
      }
    } onCancel: {
      turn.cancel()
    }
  }
}

/// Waits for its thread, until that or the end of its task comes first.
private final class LaneTurn<Value: Sendable>: Sendable {
  private enum State {
    case new, cancelled, begun
    case waiting(CheckedContinuation<Value, any Error>)
  }
  private let state = Mutex(State.new)

  /// False when its task has ended already.
  func wait(_ done: CheckedContinuation<Value, any Error>) -> Bool {
    let isCancelled = state.withLock { state in
      if case .cancelled = state { return true }
      state = .waiting(done)
      return false
    }
    if isCancelled { done.resume(throwing: CancellationError()) }
    return !isCancelled
  }

  func begin() -> CheckedContinuation<Value, any Error>? {
    state.withLock { state in
      guard case .waiting(let done) = state else { return nil }
      state = .begun
      return done
    }
  }

  func cancel() {
    let waiting: CheckedContinuation<Value, any Error>? = state.withLock { state in
      switch state {
      case .begun, .cancelled: return nil
      case .new:
        state = .cancelled
        return nil
      case .waiting(let done):
        state = .cancelled
        return done
      }
    }
    waiting?.resume(throwing: CancellationError())
  }
}
