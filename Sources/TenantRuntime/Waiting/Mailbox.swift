import Synchronization

/// Outcomes on their way from the outgoing thread to the turn: put from anywhere, taken all at once by one.
final class Mailbox<Letter: Sendable>: Sendable {
  private struct State {
    var letters: [Letter] = []
    var waiter: CheckedContinuation<[Letter], Never>?
  }
  private let state = Mutex(State())

  func put(_ letter: Letter) {
    let (waiter, letters) = state.withLock { state -> (CheckedContinuation<[Letter], Never>?, [Letter]) in
      state.letters.append(letter)
      guard let waiter = state.waiter else { return (nil, []) }
      defer {
        state.waiter = nil
        state.letters = []
      }
      return (waiter, state.letters)
    }
    waiter?.resume(returning: letters)
  }

  /// Waits for at least one.
  func take() async -> [Letter] {
    await withCheckedContinuation { continuation in
      let ready = state.withLock { state -> [Letter] in
        if state.letters.isEmpty {
          state.waiter = continuation
          return []
        }
        defer { state.letters = [] }
        return state.letters
      }
      if !ready.isEmpty { continuation.resume(returning: ready) }
    }
  }
}
