import Foundation
import NIOCore
import NIOHTTP1
import TenantRuntime

/// In front of Hummingbird's handlers on the same port: what comes by the thousand a second (webhooks, short links) is judged and
/// answered on the connection's own event loop, without a hop into the cooperative pool. Everything else passes through.
///
/// A pipeline handler before it lets one request through at a time, so this one never holds more than one.
final class HotDoor: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private enum State {
    case idle
    case passing
    case reading(HTTPRequestHead, DoorRequest)
    /// Its body is longer than the hot door takes: the rest is thrown away, then it is refused.
    case overflowing(HTTPRequestHead)
    case answering
  }

  private let site: HotSite
  private var state = State.idle
  private var peer = ""
  /// The other side has said that nothing more will come: told to the rest once the answer is out.
  private var heldBack: [Any] = []
  private static let mostBytes = 64 << 10

  init(site: HotSite) { self.site = site }

  func handlerAdded(context: ChannelHandlerContext) { peer = context.remoteAddress?.ipAddress ?? "" }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch (unwrapInboundIn(data), state) {
    case (.head(let head), _):
      let request = DoorRequest(head, peer: peer)
      if site.takes(request) {
        if head.headers.first(name: "expect")?.lowercased() == "100-continue" {
          context.writeAndFlush(wrapOutboundOut(.head(.init(version: head.version, status: .continue))), promise: nil)
        }
        state = .reading(head, request)
      } else {
        state = .passing
        context.fireChannelRead(data)
      }
    case (.body(var bytes), .reading(let head, var request)):
      state = .idle  // The request has one owner: its buffer grows in place.
      request.body.writeBuffer(&bytes)
      state = request.body.readableBytes > Self.mostBytes ? .overflowing(head) : .reading(head, request)
    case (.end, .reading(let head, let request)): decide(context, head, request)
    case (.end, .overflowing(let head)):
      state = .answering
      answer(context, head, Refusal.tooLarge("A request here may be \(Self.mostBytes) bytes long.").doorResponse)
    case (_, .overflowing), (_, .answering), (_, .idle): break
    case (.body, .passing): context.fireChannelRead(data)
    case (.end, .passing):
      state = .idle
      context.fireChannelRead(data)
    }
  }

  private func decide(_ context: ChannelHandlerContext, _ head: HTTPRequestHead, _ request: DoorRequest) {
    switch site.judge(request) {
    case .answer(let response):
      state = .answering
      answer(context, head, response)
    case .later(let begin):
      state = .answering
      let (loop, bound) = (context.eventLoop, NIOLoopBound((self, context), eventLoop: context.eventLoop))
      begin { response in
        loop.execute {
          let (door, context) = bound.value
          door.answer(context, head, response)
        }
      }
    case .pass:
      state = .idle
      context.fireChannelRead(wrapInboundOut(.head(head)))
      if request.body.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(.body(request.body))) }
      context.fireChannelRead(wrapInboundOut(.end(nil)))
      context.fireChannelReadComplete()
    }
  }

  private func answer(_ context: ChannelHandlerContext, _ head: HTTPRequestHead, _ response: DoorResponse) {
    guard context.channel.isActive else { return }
    state = .idle
    var headers = HTTPHeaders(response.headers)
    if response.status.mayHaveResponseBody {
      headers.add(name: "content-length", value: String(response.body.readableBytes))
    }
    headers.add(name: "date", value: HTTPDate.now)
    headers.add(name: "server", value: "roundhouse")
    let keepAlive = head.isKeepAlive
    if !keepAlive { headers.add(name: "connection", value: "close") }
    context.write(
      wrapOutboundOut(.head(.init(version: head.version, status: response.status, headers: headers))), promise: nil)
    if head.method != .HEAD, response.body.readableBytes > 0 {
      context.write(wrapOutboundOut(.body(.byteBuffer(response.body))), promise: nil)
    }
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    if keepAlive {
      let events = heldBack
      heldBack = []
      for event in events { context.fireUserInboundEventTriggered(event) }
    } else {
      context.close(promise: nil)
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case .answering = state, let input = event as? ChannelEvent, input == .inputClosed {
      heldBack.append(event)
    } else {
      context.fireUserInboundEventTriggered(event)
    }
  }
}

extension HTTPResponseStatus {
  fileprivate var mayHaveResponseBody: Bool { self != .noContent && code >= 200 }
}
