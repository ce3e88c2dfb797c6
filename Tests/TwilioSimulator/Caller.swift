import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix

/// One request to the program under test.
struct OutgoingCall {
  var method = "POST"
  /// As the provider knows it; connection overrides in the fragment are neither sent nor signed.
  var url: String
  /// Where to connect instead of the URL's own host.
  var via: Address?
  var headers: [(String, String)] = []
  var body: [UInt8] = []
  var connectMs = 5000
  /// From the request until the whole answer.
  var readMs = 15_000
}

enum CallResult {
  case answered(Int, body: [UInt8])
  case notConnected
  /// Too late, or broken off.
  case lost

  var isTaken: Bool {
    if case .answered(let status, _) = self { return status < 300 }
    return false
  }

  /// The name a ledger entry has for it.
  var name: String {
    switch self {
    case .answered(let status, _): String(status)
    case .notConnected: "not_connected"
    case .lost: "lost"
    }
  }
}

/// Makes calls over kept-alive connections, a few per address. Everything happens on the one event loop only.
final class Caller: @unchecked Sendable {
  private final class Peer {
    var idle: [Connection] = []
    var open = 0
    var waiting: [Job] = []
    var taken = 0  // head of `waiting`
  }

  fileprivate final class Job {
    let call: OutgoingCall
    let head: HTTPRequestHead
    /// When its turn came: waiting for one of our own connections is not the other side's delay.
    var begunMs = 0
    var timeout: Scheduled<Void>?
    private let completion: (CallResult, _ spentMs: Int) -> Void

    init(_ call: OutgoingCall, _ head: HTTPRequestHead, _ completion: @escaping (CallResult, Int) -> Void) {
      self.call = call
      self.head = head
      self.completion = completion
    }

    func end(_ result: CallResult) {
      timeout?.cancel()
      completion(result, Stamp.now() - begunMs)
    }
  }

  private let loop: any EventLoop
  private var peers: [Address: Peer] = [:]
  private static let most = 32

  init(loop: any EventLoop) { self.loop = loop }

  func send(_ call: OutgoingCall, completion: @escaping (CallResult, _ spentMs: Int) -> Void) {
    let url = call.url.prefix { $0 != "#" }
    guard let scheme = url.range(of: "://") else { return completion(.notConnected, 0) }
    let rest = url[scheme.upperBound...]
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    var target = String(rest[authority.endIndex...])
    if !target.hasPrefix("/") { target = "/" + target }
    let own = (try? parseAddress(String(authority))) ?? Address(host: String(authority), port: 80)
    var headers = HTTPHeaders([("Host", String(authority))] + call.headers)
    if call.method != "GET" && call.method != "HEAD" {
      headers.add(name: "Content-Length", value: String(call.body.count))
    }
    let head = HTTPRequestHead(
      version: .http1_1, method: HTTPMethod(rawValue: call.method), uri: target, headers: headers)
    let address = call.via ?? own
    let peer = peers[address] ?? Peer()
    peers[address] = peer
    peer.waiting.append(Job(call, head, completion))
    serve(address, peer)
  }

  private func serve(_ address: Address, _ peer: Peer) {
    while peer.taken < peer.waiting.count {
      if let connection = peer.idle.popLast() {
        guard connection.isOpen else { continue }
        connection.begin(next(peer))
      } else if peer.open < Self.most {
        connect(address, peer, next(peer))
      } else {
        return
      }
    }
  }

  private func next(_ peer: Peer) -> Job {
    let job = peer.waiting[peer.taken]
    peer.taken += 1
    job.begunMs = Stamp.now()
    if peer.taken > 1000 || peer.taken == peer.waiting.count {
      peer.waiting.removeFirst(peer.taken)
      peer.taken = 0
    }
    return job
  }

  private func connect(_ address: Address, _ peer: Peer, _ job: Job) {
    peer.open += 1
    let connection = Connection()
    connection.whenFree = { [self] in
      peer.idle.append(connection)
      serve(address, peer)
    }
    connection.whenClosed = { [self] in
      peer.open -= 1
      serve(address, peer)
    }
    let bound = NIOLoopBound(connection, eventLoop: loop)
    ClientBootstrap(group: loop)
      .connectTimeout(.milliseconds(Int64(job.call.connectMs)))
      .channelOption(.socketOption(.tcp_nodelay), value: 1)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHTTPClientHandlers()
          try channel.pipeline.syncOperations.addHandler(bound.value)
        }
      }
      .connect(host: address.host, port: address.port)
      .assumeIsolated()
      .whenComplete { result in
        switch result {
        case .success: connection.begin(job)
        case .failure:
          peer.open -= 1
          job.end(.notConnected)
          self.serve(address, peer)
        }
      }
  }

  fileprivate final class Connection: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    var whenFree: () -> Void = {}
    var whenClosed: () -> Void = {}
    private var context: ChannelHandlerContext?
    private var job: Job?
    private var status = 0
    private var answer: [UInt8] = []
    private var keepAlive = true
    var isOpen: Bool { context?.channel.isActive ?? false }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func begin(_ job: Job) {
      guard let context else { return job.end(.lost) }
      self.job = job
      answer = []
      context.write(wrapOutboundOut(.head(job.head)), promise: nil)
      if !job.call.body.isEmpty {
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: job.call.body)))), promise: nil)
      }
      context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
      job.timeout = context.eventLoop.assumeIsolated()
        .scheduleTask(in: .milliseconds(Int64(job.call.readMs))) { context.close(promise: nil) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      switch unwrapInboundIn(data) {
      case .head(let head):
        status = Int(head.status.code)
        keepAlive = head.isKeepAlive
      case .body(let bytes): if answer.count < 65536 { answer.append(contentsOf: bytes.readableBytesView) }
      case .end:
        let done = job
        job = nil
        if keepAlive { whenFree() } else { context.close(promise: nil) }
        done?.end(.answered(status, body: answer))
      }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelInactive(context: ChannelHandlerContext) {
      let lost = job
      job = nil
      whenClosed()
      lost?.end(.lost)
      // The closures hold this connection.
      whenFree = {}
      whenClosed = {}
    }
  }
}
