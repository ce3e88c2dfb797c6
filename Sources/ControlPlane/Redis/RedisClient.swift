import NIOCore
import NIOPosix
import Synchronization

/// Commands to one Redis over one connection that all tasks share: whatever was asked while the event loop was busy goes out in
/// one write, and answers are matched by their order.
///
/// Invariants:
/// - a command ends soon after `timeout` at the latest, whatever the server does;
/// - a command that may have been sent is never sent again by the client;
/// - at most `mostOutstanding` commands wait or are in flight; one more ends as `.notSent`.
final class RedisClient: Sendable {
  private struct State: Sendable {
    var gathered: [RedisCommand] = []
    var outstanding = 0
  }

  private let loop: any EventLoop
  private let link: NIOLoopBoundBox<RedisLink>
  private let timeout: TimeAmount
  private let state = Mutex(State())
  private static let mostOutstanding = 10_000

  /// Begins to connect; commands may be given at once.
  init(_ address: RedisAddress, timeout: TimeAmount) {
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    self.loop = loop
    self.timeout = timeout
    link = .makeBoxSendingValue(RedisLink(address, loop: loop, timeout: timeout), eventLoop: loop)
    loop.execute { [link] in link.value.connect() }
  }

  func call(_ words: [String]) async throws(RedisFailure) -> RedisReply {
    let result = await withCheckedContinuation { continuation in
      submit(words) { continuation.resume(returning: $0) }
    }
    return try result.get()
  }

  func close() async {
    _ = try? await loop.submit { [link] in link.value.close() }.get()
  }

  private func submit(_ words: [String], _ answer: @escaping RedisCommand.Answer) {
    let command = RedisCommand(words, deadline: .now() + timeout) { [self] result in
      state.withLock { $0.outstanding -= 1 }
      answer(result)
    }
    let (taken, first) = state.withLock { state in
      guard state.outstanding < Self.mostOutstanding else { return (false, false) }
      state.outstanding += 1
      state.gathered.append(command)
      return (true, state.gathered.count == 1)
    }
    if !taken { answer(.failure(.notSent("too many commands wait for Redis"))) }
    // One wake-up of the loop for everything that gathers until it comes.
    if first { loop.execute { self.flush() } }
  }

  private func flush() {
    let commands = state.withLock { state in
      defer { state.gathered = [] }
      return state.gathered
    }
    link.value.send(commands)
  }
}
