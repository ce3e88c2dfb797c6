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
}

struct Answer {
  enum Ending { case whole, drop, midBody }
  var status: Int
  var body: [UInt8] = []
  var ending = Ending.whole
  var delayMs = 0
  var concurrent = 1
  var whenWritten: () -> Void = {}

  init(status: Int, json: JSON = .object([]), ending: Ending = .whole) {
    self.status = status
    body = json.bytes
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
    let parts = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    let path = String(parts[0])
    let incoming = Incoming(
      method: head.method.rawValue, path: path.split(separator: "/").map(String.init), rawPath: path,
      query: Form(encoded: parts.count > 1 ? Array(parts[1].utf8) : []),
      authorization: head.headers.first(name: "Authorization"), body: body, reused: served > 0)
    served += 1
    let arrived = Stamp.microseconds()
    provider.handle(incoming) { answer in
      let write = {
        answer.whenWritten()
        self.write(context, answer, keepAlive: head.isKeepAlive, micros: Stamp.microseconds() - arrived)
      }
      if answer.delayMs == 0 {
        write()
      } else {
        _ = context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(Int64(answer.delayMs)), write)
      }
    }
  }

  private func write(_ context: ChannelHandlerContext, _ answer: Answer, keepAlive: Bool, micros: Int) {
    guard context.channel.isActive else { return }
    if answer.ending == .drop { return context.close(promise: nil) }
    var draws = Draws(seed: UInt64(truncatingIfNeeded: Stamp.microseconds()))
    let duration = String(micros / 1_000_000) + "." + String(String(1000 + micros / 1000 % 1000).dropFirst())
    var headers = HTTPHeaders([
      ("Content-Type", "application/json;charset=utf-8"),
      ("Content-Length", String(answer.status == 204 ? 0 : answer.body.count)),
      ("Twilio-Request-Id", "RQ" + draws.hex32()), ("Twilio-Concurrent-Requests", String(answer.concurrent)),
      ("Twilio-Request-Duration", duration), ("X-API-Domain", "api.twilio.com"), ("X-Home-Region", "us1"),
      ("X-Powered-By", "AT-5000"), ("Strict-Transport-Security", "max-age=31536000"),
    ])
    if !keepAlive { headers.add(name: "Connection", value: "close") }
    context.write(
      wrapOutboundOut(
        .head(HTTPResponseHead(version: .http1_1, status: .init(statusCode: answer.status), headers: headers))),
      promise: nil)
    let bytes = answer.ending == .midBody ? answer.body.prefix(answer.body.count / 2) : answer.body[...]
    if answer.status != 204, !bytes.isEmpty {
      context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: bytes)))), promise: nil)
    }
    if answer.ending == .midBody {
      context.flush()
      return context.close(promise: nil)
    }
    let end = context.writeAndFlush(wrapOutboundOut(.end(nil)))
    if !keepAlive { end.assumeIsolated().whenComplete { _ in context.close(promise: nil) } }
  }
}

extension Provider {
  func handle(_ incoming: Incoming, _ reply: @escaping (Answer) -> Void) {
    if incoming.path.first == "_simulator" { return control(incoming, reply) }
    reply(api(incoming))
  }

  private func api(_ incoming: Incoming) -> Answer {
    let path = incoming.path
    guard path.count >= 4, path[0] == "2010-04-01", path[1] == "Accounts" else {
      return Answer(.notFound(incoming.rawPath))
    }
    let account = path[2]
    guard isAllowed(account, incoming.authorization) else { return Answer(TwilioError(401, 20003, "Authenticate")) }
    if path.count == 4, path[3] == "Messages.json" {
      switch incoming.method {
      case "POST": return create(account, Form(encoded: incoming.body), reused: incoming.reused)
      case "GET": return list(account, incoming.query)
      default: return Answer(TwilioError(405, 20004, "Method not allowed"))
      }
    }
    guard path.count == 5, path[3] == "Messages", path[4].hasSuffix(".json"),
      let message = find(account, String(path[4].dropLast(5)))
    else { return Answer(.notFound(incoming.rawPath)) }
    switch incoming.method {
    case "GET": return Answer(status: 200, json: message.json(Stamp.now()))
    case "POST": return update(message, Form(encoded: incoming.body))
    case "DELETE":
      guard message.status.isFinal else { return Answer(TwilioError(400, 20009, "Message is not finished")) }
      message.deleted = true
      return Answer(status: 204)
    default: return Answer(TwilioError(405, 20004, "Method not allowed"))
    }
  }

  /// With no account named at the start, the first token seen for an account is its token.
  private func isAllowed(_ account: String, _ authorization: String?) -> Bool {
    guard let authorization, authorization.hasPrefix("Basic "),
      let data = Data(base64Encoded: String(authorization.dropFirst(6)))
    else { return false }
    let halves = String(decoding: data, as: UTF8.self).split(separator: ":", maxSplits: 1).map(String.init)
    guard halves.count == 2, halves[0] == account else { return false }
    if settings.accounts.isEmpty, learned[account] == nil { learned[account] = halves[1] }
    return (settings.accounts[account] ?? learned[account]) == halves[1]
  }
}
