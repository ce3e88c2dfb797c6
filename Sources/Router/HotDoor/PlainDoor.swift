import NIOCore

/// In front of NIO's parser: hands plain requests to the hot door as they lie in the buffer, and everything else on.
///
/// The parser may be in the middle of a request only it has seen. So a connection is read here no longer than everything on it has been
/// whole and plain; from the first bytes that are not, all is the parser's.
final class PlainDoor: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  private let door: HotDoor
  private let watched: Watched
  private var isPlain = true
  private var peer = ""

  init(door: HotDoor, watched: Watched) { (self.door, self.watched) = (door, watched) }

  func handlerAdded(context: ChannelHandlerContext) { peer = context.remoteAddress?.ipAddress ?? "" }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    watched.hears()
    if isPlain {
      if let request = PlainRequest(unwrapInboundIn(data)) {
        if door.take(request, peer: peer) { return }
      } else {
        isPlain = false
      }
    }
    context.fireChannelRead(data)
  }
}
