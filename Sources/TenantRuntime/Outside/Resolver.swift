import CCurl
import Dispatch
import Synchronization

/// Asks the system's resolver off the cooperative pool: bounded in threads, per asker, and in time. Concurrent questions for one name
/// share one answer, which is kept for some seconds.
package actor Resolver {
  enum Answer: Sendable, Equatable {
    case addresses([IPAddress])
    case failed(String)
    /// Too many questions are open; nobody was asked.
    case busy
  }

  private static let mostOpen = 16
  private static let mostOpenOfOne = 4
  private static let mostKept = 2_000
  private static let keptFor = Duration.seconds(5)
  private static let patience = Duration.seconds(4)

  private let threads = DispatchQueue(label: "resolver", attributes: .concurrent)
  private var open: [String: Task<Answer, Never>] = [:]
  private var kept: [String: (answer: Answer, until: ContinuousClock.Instant)] = [:]
  /// Threads at work, also those whose askers have stopped waiting.
  private var busy: [String: Int] = [:]

  package init() {}

  func addresses(of host: String, for asker: String) async -> Answer {
    if let known = kept[host], known.until > .now { return known.answer }
    if let task = open[host] { return await task.value }
    guard busy.values.reduce(0, +) < Self.mostOpen, busy[asker, default: 0] < Self.mostOpenOfOne else { return .busy }
    busy[asker, default: 0] += 1
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
      threads.async {
        once.answer(Self.resolve(host))
        Task { await self.freed(asker) }
      }
      threads.asyncAfter(deadline: .now() + .milliseconds(Int(Self.patience.components.seconds) * 1000)) {
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

  private static func resolve(_ host: String) -> Answer {
    var bytes = [UInt8](repeating: 0, count: 16 * mostAddresses)
    let count = Int(rh_resolve(host, &bytes, Int32(mostAddresses)))
    guard count > 0 else { return .failed("the name does not resolve") }
    return .addresses((0..<count).map { IPAddress(bytes: Array(bytes[16 * $0..<16 * ($0 + 1)])) })
  }
}
