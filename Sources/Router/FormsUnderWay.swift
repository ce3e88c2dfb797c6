import Hummingbird
import Synchronization
import TenantRuntime

/// Forms that this process carries out just now. A button that was pressed twice is one request, and both presses have its answer: the browser has
/// thrown the first one away.
final class FormsUnderWay: Sendable {
  private let tasks = Mutex<[[String]: Task<Response, any Error>]>([:])
  /// An answer with a secret, which is kept nowhere, is there for so long: the second press may come when the first has just been answered.
  private let shown: Duration

  init(shown: Duration = .seconds(10)) { self.shown = shown }

  /// - Parameter form: names the form with all that was typed in it; nil: it is carried out by itself.
  func answer(
    to form: [String]?, isShownOnce: Bool, _ body: @escaping @Sendable () async throws -> Response
  ) async throws -> Response {
    guard let form else { return try await body() }
    let task = tasks.withLock { tasks in
      if let known = tasks[form] { return known }
      // Of its own: with the second press the browser lets go of the first one's connection, and what is done must be told all the same.
      let task = Task {
        do {
          let answer = try await body().collected(most: OnceOnly.longestAnswer).0
          isShownOnce ? forgetLater(form) : forget(form)
          return answer
        } catch {
          forget(form)
          throw error
        }
      }
      tasks[form] = task
      return task
    }
    return try await task.value
  }

  private func forget(_ form: [String]) { tasks.withLock { _ = $0.removeValue(forKey: form) } }

  private func forgetLater(_ form: [String]) {
    Task {
      try? await Task.sleep(for: shown)
      forget(form)
    }
  }
}
