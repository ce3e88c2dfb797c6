import Logging
import Synchronization

/// For what must be done in the end and has failed just now, on a full disk or one with errors: it is tried again after a second and then at
/// growing intervals of up to a minute, until the server closes.
final class Retries: Sendable {
  private let logger: Logger
  private let isStopped = Atomic<Bool>(false)

  init(logger: Logger) { self.logger = logger }

  /// What is under way ends; nothing is tried again.
  func stop() { isStopped.store(true, ordering: .relaxed) }

  func tryAgain(
    _ what: String, of tenant: String? = nil, after error: any Error,
    _ body: @escaping @Sendable () async throws -> Void
  ) {
    Task {
      var (error, seconds) = (error, Int64(1))
      while !isStopped.load(ordering: .relaxed) {
        logger.error(
          "\(what) failed; it is tried again",
          metadata: ["tenant": "\(tenant ?? "")", "error": "\(error)", "seconds": "\(seconds)"])
        try? await Task.sleep(for: .seconds(seconds))
        seconds = min(2 * seconds, 60)
        do { return try await body() } catch let next { error = next }
      }
    }
  }
}
