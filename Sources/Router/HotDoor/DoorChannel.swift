import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1

/// Hummingbird's HTTP/1 connection with the hot door in front.
struct DoorChannel: ServerChildChannel {
  private let http: HTTP1Channel
  private let site: HotSite

  init(responder: @escaping HTTPChannelHandler.Responder, site: HotSite) {
    http = HTTP1Channel(responder: responder)
    self.site = site
  }

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
    http.setup(channel: channel, logger: logger).flatMapThrowing { value in
      let pipeline = channel.pipeline.syncOperations
      let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
      let door = HotDoor(site: site)
      try pipeline.addHandler(door, position: .after(decoder))
      try pipeline.addHandler(PlainDoor(door: door), position: .first)
      return value
    }
  }

  func handle(value: HTTP1Channel.Value, logger: Logger) async { await http.handle(value: value, logger: logger) }
}

extension HTTPServerBuilder {
  static func door(_ site: HotSite) -> HTTPServerBuilder {
    .init { responder in DoorChannel(responder: responder, site: site) }
  }
}
