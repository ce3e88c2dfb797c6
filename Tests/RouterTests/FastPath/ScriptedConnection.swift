import ControlPlane
import Logging
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Synchronization
import TenantRuntime
import Testing

@testable import Router

/// A site whose answers come when the test says so. `/now/…` is answered at once, `/later/…` by `release`, `/pass/…` is read whole and then
/// left to the router; anything else is the router's from its head on.
final class ScriptedSite: FastPathAnswers {
  let access = AccessLog(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  private let held = Mutex<[@Sendable () -> Void]>([])

  var waiting: Int { held.withLock { $0.count } }

  /// The answer that has waited longest.
  func release() {
    let answer = held.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    answer?()
  }

  func read(_ head: FastPathHead, peer: String) -> FastPathRequest? {
    guard ["/now/", "/later/", "/pass/"].contains(where: head.uri.hasPrefix) else { return nil }
    return FastPathRequest(head: head, client: Client(address: peer), purpose: .webhook(.inbound))
  }

  func judge(_ request: FastPathRequest) -> FastPathVerdict {
    if request.uri.hasPrefix("/pass/") { return .pass }
    let response = FastPathResponse(
      status: .ok,
      body: ByteBuffer(string: words("site", request.method, request.uri, Array(request.body.readableBytesView))))
    if request.uri.hasPrefix("/now/") { return .answer(response) }
    return .later(of: "acme") { [self] answer in held.withLock { $0.append { answer(response) } } }
  }

  func keep(_: LinkHit, of _: Routing.Tenant, then _: @escaping IntakeAnswer) {}
}

/// What an answer says of its request: enough to tell that no byte of another one is in it.
private func words(_ who: String, _ method: HTTPMethod, _ uri: String, _ body: [UInt8]) -> String {
  "[\(who) \(method) \(uri) \(body.count) \(body.reduce(UInt32(0)) { $0 &* 31 &+ UInt32($1) })]"
}

/// In Hummingbird's place: answers a request once it is whole, or when the test says so.
private final class ScriptedRouter: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  var isHolding = false
  var events: [String] = []
  private var request: (head: HTTPRequestHead, body: [UInt8])?
  private var held: [() -> Void] = []

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      #expect(request == nil, "a request began within another one")
      request = (head, [])
      events.append("head \(head.uri)")
    case .body(let bytes): request?.body += bytes.readableBytesView
    case .end:
      guard let (head, body) = request else {
        Issue.record("an end without a head")
        return
      }
      request = nil
      let answer: () -> Void = { self.answer(context, head, body) }
      if isHolding { held.append(answer) } else { answer() }
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if let event = event as? ChannelEvent, event == .inputClosed { events.append("input closed") }
    context.fireUserInboundEventTriggered(event)
  }

  var waiting: Int { held.count }
  func release() { if !held.isEmpty { held.removeFirst()() } }

  private func answer(_ context: ChannelHandlerContext, _ head: HTTPRequestHead, _ body: [UInt8]) {
    let text = words("router", head.method, head.uri, body)
    let fields: HTTPHeaders = ["Content-Length": "\(text.utf8.count)"]
    context.write(wrapOutboundOut(.head(.init(version: .http1_1, status: .ok, headers: fields))), promise: nil)
    if head.method != .HEAD {
      context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
    }
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }
}

/// One connection in the product's pipeline, but for the router behind it.
struct ScriptedConnection {
  let site = ScriptedSite()
  private let router = ScriptedRouter()
  private let channel = EmbeddedChannel()

  init(isRouterHolding: Bool = false) throws {
    router.isHolding = isRouterHolding
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let watched = Watched(address: nil, Connections(now: 0, logger: logger)) {}
    let pipeline = channel.pipeline.syncOperations
    try pipeline.configureHTTPServerPipeline(
      withPipeliningAssistance: false, withErrorHandling: false, withOutboundHeaderValidation: false)
    let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
    try pipeline.addHandler(FastPath(site: site, watched: watched), position: .after(decoder))
    try pipeline.addHandler(router)
    try channel.connect(to: SocketAddress(ipAddress: "192.0.2.1", port: 40_000)).wait()
  }

  var isOpen: Bool { channel.isActive }
  var seenByRouter: [String] { router.events }
  var waiting: Int { site.waiting + router.waiting }

  func send(_ text: String) throws { try send(Array(text.utf8)) }

  func send(_ bytes: some Collection<UInt8>) throws { try channel.writeInbound(ByteBuffer(bytes: bytes)) }

  /// The client says that it sends nothing more, and still reads.
  func closeInput() {
    channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
    channel.embeddedEventLoop.run()
  }

  func close() { channel.close(promise: nil) }

  /// Lets whoever waits longest answer: the site's part, else the router's.
  func release() {
    if site.waiting > 0 { site.release() } else { router.release() }
    channel.embeddedEventLoop.run()
  }

  /// What has been written since the last time, without what depends on the clock.
  func written() throws -> String {
    var bytes: [UInt8] = []
    while let data = try channel.readOutbound(as: IOData.self) {
      if case .byteBuffer(let buffer) = data { bytes += buffer.readableBytesView }
    }
    return String(decoding: bytes, as: UTF8.self).replacing(/Date: [^\r]*\r\n/, with: "")
  }

  /// The bodies of `written()`.
  func answers() throws -> [String] { try written().matches(of: /\[[^\]]*\]/).map { String($0.0) } }
}
