import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1

/// Hummingbird's HTTP/1 connection with the fast path in front.
struct FastPathChannel: ServerChildChannel {
  private let http: HTTP1Channel
  private let site: FastPathSite
  private let connections: Connections

  init(responder: @escaping HTTPChannelHandler.Responder, site: FastPathSite, connections: Connections) {
    http = HTTP1Channel(responder: responder)
    (self.site, self.connections) = (site, connections)
  }

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
    guard let watched = connections.watched(channel, of: site.share(of: channel.remoteAddress)) else {
      return channel.eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel)
    }
    return http.setup(channel: channel, logger: logger).flatMapThrowing { value in
      let pipeline = channel.pipeline.syncOperations
      let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
      try pipeline.addHandler(FastPath(site: site, watched: watched), position: .after(decoder))
      try pipeline.addHandler(FirstBytes(watched: watched), position: .first)
      return value
    }.flatMapErrorThrowing { error in
      channel.close(promise: nil)
      throw error
    }
  }

  func handle(value: HTTP1Channel.Value, logger: Logger) async { await http.handle(value: value, logger: logger) }
}

/// In front of the parser, which says nothing before a head is whole.
private final class FirstBytes: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  private let watched: Watched

  init(watched: Watched) { self.watched = watched }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    watched.hears()
    context.fireChannelRead(data)
  }
}

extension HTTPServerBuilder {
  static func fastPath(_ site: FastPathSite, _ connections: Connections) -> HTTPServerBuilder {
    .init { responder in FastPathChannel(responder: responder, site: site, connections: connections) }
  }
}
