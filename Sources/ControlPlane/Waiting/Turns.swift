import Synchronization

/// Lets what has one name be done by one after the other, in the order of their coming.
final class Turns: Sendable {
  private struct State {
    var number = 0
    var last: [String: (number: Int, end: Task<Void, Never>)] = [:]
  }
  private let state = Mutex(State())

  func take<Value: Sendable>(
    _ name: String, _ body: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    let (number, task) = state.withLock { state in
      let before = state.last[name]?.end
      let task = Task {
        await before?.value
        return try await body()
      }
      state.number += 1
      state.last[name] = (state.number, Task { _ = try? await task.value })
      return (state.number, task)
    }
    defer { state.withLock { if $0.last[name]?.number == number { $0.last[name] = nil } } }
    return try await task.value
  }
}
