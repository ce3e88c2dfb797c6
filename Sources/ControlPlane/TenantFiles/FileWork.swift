import Synchronization
import TenantRuntime

/// What is being done with a file as a whole, a tenant's or a copy's. One thing at a time with each file: every one of them believes what it
/// has found of the file until its end.
final class FileWork: Sendable {
  /// As the refusal of another one names it.
  enum Kind: String {
    case made
    case written
    case copied = "backed up"
    case paused, resumed, restored, archived, unarchived, deleted
  }

  private let running = Mutex<[String: Kind]>([:])

  func kind(_ path: String) -> Kind? { running.withLock { $0[path] } }

  /// - Parameter name: of the file, in an operator's words.
  func alone<Value: Sendable>(
    _ path: String, _ name: String, _ kind: Kind, _ body: @Sendable () async throws -> Value
  ) async throws -> Value {
    if let other = begin(path, kind) { throw Refusal.conflict("\(name) is being \(other.rawValue); try again.") }
    defer { end(path) }
    return try await body()
  }

  /// What is being done already; nil: nothing was.
  private func begin(_ path: String, _ kind: Kind) -> Kind? {
    running.withLock { running in
      defer { running[path] = running[path] ?? kind }
      return running[path]
    }
  }

  private func end(_ path: String) { running.withLock { $0[path] = nil } }
}
