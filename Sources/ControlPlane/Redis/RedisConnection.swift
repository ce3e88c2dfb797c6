import DequeModule
import NIOCore

/// One command on its way to Redis.
struct RedisCommand: Sendable {
  typealias Answer = @Sendable (Result<RedisReply, RedisFailure>) -> Void

  let bytes: [UInt8]
  let deadline: NIODeadline
  private var answer: Answer?

  init(_ words: [String], deadline: NIODeadline, answer: @escaping Answer) {
    bytes = RedisCommandText.encode(words)
    self.deadline = deadline
    self.answer = answer
  }

  /// Tells the asker, once: what comes after a time-out is dropped.
  mutating func end(_ result: Result<RedisReply, RedisFailure>) { takeAnswer()?(result) }

  fileprivate mutating func takeAnswer() -> Answer? {
    defer { answer = nil }
    return answer
  }
}

/// One connection to Redis: writes commands, matches answers to them by their order.
///
/// Invariants (all on the channel's event loop):
/// - `inFlight` holds what was written and not answered, oldest first; a command that timed out stays in it, so that its late
///   answer is not taken for the next one's;
/// - a command is written once. When the connection ends, everything in flight ends as `.lost`, and what is given later as
///   `.notSent`.
final class RedisConnection: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let channel: any Channel
  private let reader = RedisReplyReader()
  private var inFlight: Deque<RedisCommand> = []
  private var lastRead = NIODeadline.now()
  private var ended = false

  init(channel: any Channel) { self.channel = channel }

  var isIdle: Bool { inFlight.isEmpty }

  func send(_ commands: some Collection<RedisCommand>) {
    if ended {
      for var command in commands { command.end(.failure(.notSent("the connection ended"))) }
      return
    }
    var buffer = channel.allocator.buffer(capacity: commands.reduce(0) { $0 + $1.bytes.count })
    for command in commands {
      buffer.writeBytes(command.bytes)
      inFlight.append(command)
    }
    channel.writeAndFlush(buffer, promise: nil)
  }

  /// Ends what has waited too long. Answers come in order, so a connection on which nothing arrived for a whole time-out while
  /// the oldest command waited is stuck, and is closed.
  func expire(_ now: NIODeadline, after timeout: TimeAmount) {
    // Askers may act on this connection when they are answered, so nothing of it is held meanwhile.
    let late = inFlight.indices.filter { inFlight[$0].deadline <= now }.compactMap { inFlight[$0].takeAnswer() }
    for answer in late { answer(.failure(.lost("no answer in time"))) }
    if let oldest = inFlight.first, oldest.deadline <= now, now - lastRead >= timeout { close() }
  }

  func close() { channel.close(promise: nil) }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    lastRead = .now()
    guard let replies = try? unwrapInboundIn(data).withUnsafeReadableBytes({ try reader.feed($0) }) else {
      return close()
    }
    for reply in replies {
      guard var command = inFlight.popFirst() else { return close() }
      if case .error(let reason) = reply {
        command.end(.failure(.refused(reason)))
      } else {
        command.end(.success(reply))
      }
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    ended = true
    while var command = inFlight.popFirst() { command.end(.failure(.lost("the connection ended"))) }
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { close() }
}
