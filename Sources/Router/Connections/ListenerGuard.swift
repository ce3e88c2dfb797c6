import Glibc
import Logging
import NIOCore

/// First in the listener's own pipeline: takes no more connections than there are descriptors for, and outlives what an `accept` may
/// fail with. Without it such an error ends the listener (NIO hands it to the loop over connections).
final class ListenerGuard: ChannelDuplexHandler {
  typealias InboundIn = any Channel
  typealias InboundOut = any Channel
  typealias OutboundIn = Never
  typealias OutboundOut = Never

  typealias Share = @Sendable (SocketAddress?) -> String?

  private let most: Int
  private let connections: Connections
  /// By whom a connection is counted.
  private let share: Share
  private let logger: Logger
  private let failures = EventCount()
  private var open = 0
  private var isResting = false
  private var isReadHeld = false
  private static let rest = TimeAmount.milliseconds(100)

  /// - Parameter most: with those that are being closed.
  init(_ connections: Connections, most: Int, share: @escaping Share, logger: Logger) {
    (self.connections, self.most, self.share, self.logger) = (connections, most, share, logger)
  }

  static func add(
    to channel: any Channel, _ connections: Connections, most: Int, share: @escaping Share, logger: Logger
  ) async throws {
    try await channel.eventLoop.submit {
      try channel.pipeline.syncOperations.addHandler(
        ListenerGuard(connections, most: most, share: share, logger: logger), position: .first)
    }.get()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    open += 1
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    let channel = unwrapInboundIn(data)
    channel.closeFuture.hop(to: context.eventLoop).whenComplete { _ in
      let (listener, context) = bound.value
      listener.open -= 1
      listener.readIfHeld(context)
    }
    if connections.accept(channel, of: share(channel.remoteAddress)) { context.fireChannelRead(data) }
  }

  func read(context: ChannelHandlerContext) {
    isReadHeld = isResting || open >= most
    if !isReadHeld { context.read() }
  }

  private func readIfHeld(_ context: ChannelHandlerContext) {
    if isReadHeld { read(context: context) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard let failure = error as? IOError, [EMFILE, ENFILE, ENOBUFS, ENOMEM, ECONNABORTED].contains(failure.errnoCode)
    else { return context.fireErrorCaught(error) }
    if let times = failures.note() {
      logger.error("Connections cannot be taken", metadata: ["error": "\(failure)", "times": "\(times)"])
    }
    guard failure.errnoCode != ECONNABORTED, !isResting else { return }
    // At once it would fail again.
    isResting = true
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    context.eventLoop.scheduleTask(in: Self.rest) {
      let (listener, context) = bound.value
      listener.isResting = false
      listener.readIfHeld(context)
    }
  }
}
