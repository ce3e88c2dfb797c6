import DequeModule
import NIOCore
import NIOPosix

/// Keeps one connection to Redis open. Lives on one event loop.
///
///     away ──connect──▶ greeting ──PONG──▶ open ──ended──▶ away (then again, after a pause that doubles)
///
/// Invariants:
/// - commands wait only while the first or next connection is on its way, no longer than their deadline; after a failed attempt
///   they end as `.notSent` at once;
/// - every command ends exactly once.
final class RedisLink {
  private enum State {
    case connecting
    case open(RedisConnection)
    case pausing
    case closed
  }

  private let loop: any EventLoop
  private let address: RedisAddress
  private let timeout: TimeAmount
  private var state = State.pausing
  private var waiting: Deque<RedisCommand> = []
  private var connection: RedisConnection?
  private var failedAttempts = 0
  /// Why there is no connection, for the log. Never the address: it may hold a password.
  private var trouble = "not connected yet"
  private var watching = false

  private static let connectTimeout = TimeAmount.seconds(1)
  private static let pauses = (shortest: Int64(100), longest: Int64(5_000))  // milliseconds

  init(_ address: RedisAddress, loop: any EventLoop, timeout: TimeAmount) {
    self.address = address
    self.loop = loop
    self.timeout = timeout
  }

  func send(_ commands: [RedisCommand]) {
    switch state {
    case .open(let connection): connection.send(commands)
    case .connecting: waiting.append(contentsOf: commands)
    case .pausing: end(commands, trouble)
    case .closed: end(commands, "the client is closed")
    }
    watch()
  }

  func connect() {
    if case .closed = state { return }
    state = .connecting
    let link = NIOLoopBound(self, eventLoop: loop)
    ClientBootstrap(group: loop)
      .connectTimeout(Self.connectTimeout)
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(RedisConnection(channel: channel))
        }
      }
      .connect(host: address.host, port: address.port)
      .whenComplete { result in
        switch result {
        case .success(let channel):
          // A name with two addresses makes two channels; this is the one that won.
          link.value.connection = try? channel.pipeline.syncOperations.handler(type: RedisConnection.self)
          channel.closeFuture.whenComplete { _ in link.value.ended() }
          link.value.greet()
        case .failure:
          link.value.trouble = "nobody listens at the address, or it cannot be reached"
          link.value.ended()
        }
      }
  }

  func close() {
    state = .closed
    connection?.close()
    end(waiting, "the client is closed")
    waiting = []
  }

  /// Nothing goes out before the server has taken password and database and has answered.
  private func greet() {
    guard case .connecting = state, let connection else {
      connection?.close()
      return
    }
    let greeting = address.greeting
    let link = NIOLoopBound(self, eventLoop: loop)
    let commands = greeting.enumerated().map { index, words in
      RedisCommand(words, deadline: .now() + timeout) { result in
        if case .failure(let failure) = result { return link.value.giveUp("the greeting failed: \(failure)") }
        if index == greeting.count - 1 { link.value.opened() }
      }
    }
    connection.send(commands)
    watch()
  }

  /// The first trouble is the cause; the rest of the greeting fails with the connection.
  private func giveUp(_ reason: String) {
    guard let connection else { return }
    trouble = reason
    self.connection = nil
    connection.close()
  }

  private func opened() {
    guard case .connecting = state, let connection else { return }
    state = .open(connection)
    failedAttempts = 0
    trouble = "the connection ended"
    connection.send(waiting)
    waiting = []
  }

  private func ended() {
    connection = nil
    if case .closed = state { return }
    state = .pausing
    end(waiting, trouble)
    waiting = []
    let doubled = min(Self.pauses.longest, Self.pauses.shortest << min(failedAttempts, 10))
    failedAttempts += 1
    // Nodes that lost the same Redis do not come back in step.
    let pause = TimeAmount.milliseconds(Int64.random(in: doubled / 2...doubled))
    loop.assumeIsolated().scheduleTask(in: pause) { self.connect() }
  }

  /// Looks at the deadlines while anything is on its way.
  private func watch() {
    if watching { return }
    watching = true
    loop.assumeIsolated().scheduleTask(in: .nanoseconds(timeout.nanoseconds / 4)) {
      self.watching = false
      self.expire(.now())
      if self.connection?.isIdle == false || !self.waiting.isEmpty { self.watch() }
    }
  }

  private func expire(_ now: NIODeadline) {
    while let oldest = waiting.first, oldest.deadline <= now {
      end([waiting.removeFirst()], "no connection in time")
    }
    connection?.expire(now, after: timeout)
  }

  private func end(_ commands: some Collection<RedisCommand>, _ reason: String) {
    for var command in commands { command.end(.failure(.notSent(reason))) }
  }
}
