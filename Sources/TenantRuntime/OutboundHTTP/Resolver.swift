import CCurl
import Dispatch
import Synchronization

/// Asks the system's resolver off the cooperative pool: bounded in threads, per asker, and in time. Concurrent questions for one name
/// share one answer, which is kept for some seconds.
///
/// Some threads are for askers that have no question open: names of others that never resolve do not take those.
package actor Resolver {
  enum Answer: Sendable, Equatable {
    case addresses([IPAddress])
    case failed(String)
    /// Too many questions are open; nobody was asked.
    case busy
  }

  private static let mostOpen = 16
  private static let mostOpenOfAll = 48
  private static let mostOpenOfOne = 4
  private static let mostKept = 2_000
  private static let keptFor = Duration.seconds(5)
  private static let patience = Duration.seconds(4)

  private var open: [String: Task<Answer, Never>] = [:]
  private var kept: [String: (answer: Answer, until: ContinuousClock.Instant)] = [:]
  /// Threads at work, also those whose askers have stopped waiting.
  private var busy: [String: Int] = [:]

  private let resolve: @Sendable (String) -> Answer

  package init() { resolve = Self.askSystem }

  init(resolve: @escaping @Sendable (String) -> Answer) { self.resolve = resolve }

  func addresses(of host: String, for asker: String) async -> Answer {
    if let known = kept[host], known.until > .now { return known.answer }
    if let task = open[host] { return await task.value }
    let own = busy[asker, default: 0]
    guard busy.values.reduce(0, +) < (own == 0 ? Self.mostOpenOfAll : Self.mostOpen), own < Self.mostOpenOfOne else {
      return .busy
    }
    busy[asker] = own + 1
    let task = Task { await ask(host, for: asker) }
    open[host] = task
    let answer = await task.value
    open[host] = nil
    if kept.count >= Self.mostKept { kept = [:] }
    kept[host] = (answer, .now + Self.keptFor)
    return answer
  }

  private func ask(_ host: String, for asker: String) async -> Answer {
    await withCheckedContinuation { continuation in
      let once = Once(continuation)
      // A queue of its own gets a thread whatever the others wait for; the threads of a concurrent one are as few as the cores.
      DispatchQueue(label: "resolver").async { [self, resolve] in
        once.answer(resolve(host))
        Task { await freed(asker) }
      }
      Task {
        try? await Task.sleep(for: Self.patience)
        once.answer(.failed("the name could not be resolved in time"))
      }
    }
  }

  private func freed(_ asker: String) { busy[asker] = busy[asker].flatMap { $0 > 1 ? $0 - 1 : nil } }

  private final class Once: Sendable {
    private let waiting: Mutex<CheckedContinuation<Answer, Never>?>
    init(_ continuation: CheckedContinuation<Answer, Never>) { waiting = Mutex(continuation) }
    func answer(_ answer: Answer) {
      let continuation = waiting.withLock { waiting in
        defer { waiting = nil }
        return waiting
      }
      continuation?.resume(returning: answer)
    }
  }

  private static let mostAddresses = 16

  private static func askSystem(_ host: String) -> Answer {
    var bytes = [UInt8](repeating: 0, count: 16 * mostAddresses)
    let count = Int(rh_resolve(host, &bytes, Int32(mostAddresses)))
    guard count > 0 else { return .failed("the name does not resolve") }
    return .addresses((0..<count).map { IPAddress(bytes: bytes[16 * $0..<16 * ($0 + 1)]) })
  }
}
