import Foundation
import NIOCore
import NIOHTTP1

/// What came in, whole.
struct Incoming {
  let method: String
  let path: [String]
  let rawPath: String
  let query: Form
  let authorization: String?
  let body: [UInt8]
  /// Whether an earlier request used this connection.
  let reused: Bool
  /// When its last byte reached this machine, to some 4 ms, however long it lay there: what is read first need not have come first.
  let cameMicros: Int
}

struct Answer {
  enum Ending { case whole, drop, midBody }
  var status: Int
  var body: [UInt8] = []
  var contentType = "application/json;charset=utf-8"
  var location: String?
  /// Sent in chunks, its length unsaid.
  var hidesLength = false
  var ending = Ending.whole
  var delayMs = 0
  var concurrent = 1
  /// After the last byte of it, or when there is nobody any more to write to.
  var whenWritten: () -> Void = {}

  init(status: Int, json: JSON = .object([]), ending: Ending = .whole) {
    self.status = status
    body = status == 204 ? [] : json.bytes
    self.ending = ending
  }

  init(_ error: TwilioError) { self.init(status: error.status, json: error.json) }
}

/// One connection of a client.
final class Door: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let provider: Provider
  private var head: HTTPRequestHead?
  private var body: [UInt8] = []
  private var served = 0
  private static let bodyLimit = 1 << 20

  init(_ provider: Provider) { self.provider = provider }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      self.head = head
      body = []
    case .body(let bytes):
      guard body.count + bytes.readableBytes <= Self.bodyLimit else { return context.close(promise: nil) }
      body.append(contentsOf: bytes.readableBytesView)
    case .end:
      guard let head else { return }
      answer(context, head)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  private func answer(_ context: ChannelHandlerContext, _ head: HTTPRequestHead) {
    let arrived = Stamp.microseconds()
    guard let socket = context.channel as? any SocketOptionProvider else {
      return answer(context, head, arrived, came: arrived)
    }
    socket.getTCPInfo().assumeIsolated()
      .whenComplete { result in
        let lay = (try? result.get()).map { Int($0.tcpi_last_data_recv) * 1000 } ?? 0
        self.answer(context, head, arrived, came: arrived - lay)
      }
  }

  private func answer(_ context: ChannelHandlerContext, _ head: HTTPRequestHead, _ arrived: Int, came: Int) {
    let parts = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    let path = String(parts[0])
    let incoming = Incoming(
      method: head.method.rawValue, path: path.split(separator: "/").map(String.init), rawPath: path,
      query: Form(encoded: parts.count > 1 ? Array(parts[1].utf8) : []),
      authorization: head.headers.first(name: "Authorization"), body: body, reused: served > 0, cameMicros: came)
    served += 1
    provider.handle(incoming) { answer in
      let write = { self.write(context, answer, keepAlive: head.isKeepAlive, micros: Stamp.microseconds() - arrived) }
      if answer.delayMs == 0 {
        write()
      } else {
        _ = context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(Int64(answer.delayMs)), write)
      }
    }
  }

  private func write(_ context: ChannelHandlerContext, _ answer: Answer, keepAlive: Bool, micros: Int) {
    guard context.channel.isActive else { return answer.whenWritten() }
    if answer.ending == .drop {
      answer.whenWritten()
      return context.close(promise: nil)
    }
    var draws = Draws(seed: UInt64(truncatingIfNeeded: Stamp.microseconds()))
    let duration = String(micros / 1_000_000) + "." + String(String(1000 + micros / 1000 % 1000).dropFirst())
    var headers = HTTPHeaders([
      ("Content-Type", answer.contentType),
      ("Twilio-Request-Id", "RQ" + draws.hex32()), ("Twilio-Concurrent-Requests", String(answer.concurrent)),
      ("Twilio-Request-Duration", duration), ("X-API-Domain", "api.twilio.com"), ("X-Home-Region", "us1"),
      ("X-Powered-By", "AT-5000"), ("Strict-Transport-Security", "max-age=31536000"),
    ])
    if !answer.hidesLength { headers.add(name: "Content-Length", value: String(answer.body.count)) }
    if let location = answer.location { headers.add(name: "Location", value: location) }
    if !keepAlive { headers.add(name: "Connection", value: "close") }
    context.write(
      wrapOutboundOut(
        .head(HTTPResponseHead(version: .http1_1, status: .init(statusCode: answer.status), headers: headers))),
      promise: nil)
    let bytes = answer.ending == .midBody ? answer.body.prefix(answer.body.count / 2) : answer.body[...]
    if !bytes.isEmpty {
      context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: bytes)))), promise: nil)
    }
    if answer.ending == .midBody {
      context.flush()
      answer.whenWritten()
      return context.close(promise: nil)
    }
    let end = context.writeAndFlush(wrapOutboundOut(.end(nil)))
    end.assumeIsolated()
      .whenComplete { _ in
        answer.whenWritten()
        if !keepAlive { context.close(promise: nil) }
      }
  }
}
