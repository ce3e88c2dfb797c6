import DequeModule
import Dispatch
import NIOCore
import NIOHTTP1
import TenantRuntime

/// In front of Hummingbird's handlers on the same port: what comes by the thousand a second (webhooks, short links) is judged and
/// answered on the connection's own event loop, without a hop into the cooperative pool. Everything else passes through.
///
/// One request at a time: what a client sends behind it waits here, and nothing more is read until its turn has come. Reading goes on while
/// nothing waits, for switching it off and on costs two system calls a request.
///
/// Not generic over whom it asks: its handlers are called through NIO's protocols, where each use of a generic type would look its metadata up.
final class FastPath: ChannelDuplexHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart
  typealias OutboundIn = HTTPServerResponsePart
  typealias OutboundOut = HTTPServerResponsePart

  private enum State {
    case idle
    case reading(HTTPRequestHead, FastPathRequest)
    /// Its body is longer than the fast path takes: the rest is thrown away, then it is refused.
    case overflowing(AnswerForm)
    case answering
    /// Hummingbird's, until both its request and its answer have ended.
    case passing(isRead: Bool, isAnswered: Bool)
  }

  private enum Waiting {
    case part(HTTPServerRequestPart)
    case event(Any)
  }

  private let site: any FastPathAnswers
  private let watched: Watched
  private var state = State.idle
  private var peer = ""
  private var encoder: ChannelHandlerContext?
  private var waiting: Deque<Waiting> = []
  private var isTaking = false
  private var isReadHeld = false

  init(site: any FastPathAnswers, watched: Watched) { (self.site, self.watched) = (site, watched) }

  func handlerAdded(context: ChannelHandlerContext) {
    peer = context.remoteAddress?.ipAddress ?? ""
    encoder = try? context.pipeline.syncOperations.context(handlerType: HTTPResponseEncoder.self)
  }

  func handlerRemoved(context: ChannelHandlerContext) { encoder = nil }

  // MARK: Requests

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let part = unwrapInboundIn(data)
    if waiting.isEmpty, takesNow(.part(part)) { take(context, part) } else { waiting.append(.part(part)) }
  }

  private func takesNow(_ next: Waiting) -> Bool {
    switch (next, state) {
    case (_, .answering), (.part, .passing(isRead: true, _)): false
    default: true
    }
  }

  private func take(_ context: ChannelHandlerContext, _ part: HTTPServerRequestPart) {
    if case .body(let bytes) = part { watched.took(bytes.readableBytes) }
    switch (part, state) {
    case (.head(let head), _): begin(context, head)
    case (.body(var bytes), .reading(let head, var request)):
      state = .idle  // The request has one owner: its buffer grows in place.
      request.body.writeBuffer(&bytes)
      state =
        request.body.readableBytes > FastPathRequest.mostBytes
        ? .overflowing(AnswerForm(request.head)) : .reading(head, request)
    case (.end, .reading(let head, let request)): if !decide(context, request) { handOn(context, head, request) }
    case (.end, .overflowing(let form)):
      state = .answering
      answer(
        context, form,
        Refusal.tooLarge("A request here may be \(FastPathRequest.mostBytes) bytes long.").fastPathResponse)
    case (_, .passing(_, let isAnswered)):
      if case .end = part { endPassing(isAnswered: isAnswered) }
      context.fireChannelRead(wrapInboundOut(part))
    case (_, .overflowing), (_, .answering), (_, .idle): break
    }
  }

  private func endPassing(isAnswered: Bool) {
    state = isAnswered ? .idle : .passing(isRead: true, isAnswered: false)
    if isAnswered { watched.rests() } else { watched.answers() }
  }

  private func begin(_ context: ChannelHandlerContext, _ head: HTTPRequestHead) {
    watched.readsBody()
    guard head.hasOneHost else {
      // What follows is not read as a request: two who read these heads may not agree on where it goes.
      state = .answering
      return answer(
        context, .last, Refusal.malformed("A request of HTTP/1.1 has one Host, and one alone.").fastPathResponse)
    }
    guard let request = site.read(FastPathHead(head), peer: peer) else {
      state = .passing(isRead: false, isAnswered: false)
      return context.fireChannelRead(wrapInboundOut(.head(head)))
    }
    if head.headers.first(name: "expect")?.lowercased() == "100-continue" {
      context.writeAndFlush(wrapOutboundOut(.head(.init(version: head.version, status: .continue))), promise: nil)
    }
    state = .reading(head, request)
  }

  /// False when Hummingbird's router is to decide.
  private func decide(_ context: ChannelHandlerContext, _ request: FastPathRequest) -> Bool {
    var form = AnswerForm(request.head)
    watched.answers()
    let begin = DispatchTime.now()
    let (loop, bound) = (context.eventLoop, NIOLoopBound((self, context), eventLoop: context.eventLoop))
    let verdict = site.judge(request)
    if case .pass = verdict { return false }
    form.line = site.access.line(request, begin: begin)
    if case .later(let tenant, _) = verdict { form.line?.tenant = tenant }
    switch verdict {
    case .answer(let response):
      state = .answering
      answer(context, form, response)
    case .keep(let hit, let tenant, let response):
      state = .answering
      site.keep(hit, of: tenant) { [form] result in
        loop.execute {
          let (handler, context) = bound.value
          handler.answer(context, form, result.refusal?.fastPathResponse ?? response)
        }
      }
    case .later(_, let begin):
      state = .answering
      begin { [form] response in
        loop.execute {
          let (handler, context) = bound.value
          handler.answer(context, form, response)
        }
      }
    case .pass: break
    }
    return true
  }

  private func handOn(_ context: ChannelHandlerContext, _ head: HTTPRequestHead, _ request: FastPathRequest) {
    state = .passing(isRead: true, isAnswered: false)
    context.fireChannelRead(wrapInboundOut(.head(head)))
    if request.body.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(.body(request.body))) }
    context.fireChannelRead(wrapInboundOut(.end(nil)))
    context.fireChannelReadComplete()
  }

  // MARK: Answers

  private func answer(_ context: ChannelHandlerContext, _ form: AnswerForm, _ response: FastPathResponse) {
    if let line = form.line { site.access.write(line, response.status) }
    guard context.channel.isActive else { return }
    // Past the encoder: a head, body and end would be three trips through the pipeline and as many buffers.
    (encoder ?? context).writeAndFlush(NIOAny(response.bytes(as: form, context.channel.allocator)), promise: nil)
    guard form.isKeepAlive else { return context.close(promise: nil) }
    state = .idle
    watched.rests()
    takeWaiting(context)
  }

  /// An answer of Hummingbird's on its way out.
  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let part = unwrapOutboundIn(data)
    context.write(wrapOutboundOut(part), promise: promise)
    guard case .end = part, case .passing(let isRead, _) = state else { return }
    state = isRead ? .idle : .passing(isRead: false, isAnswered: true)
    guard isRead else { return }
    watched.rests()
    takeWaiting(context)
  }

  /// Not from within itself, however many requests that are answered at once wait in a row.
  private func takeWaiting(_ context: ChannelHandlerContext) {
    guard !isTaking else { return }
    isTaking = true
    defer { isTaking = false }
    var isHandedOn = false
    while let next = waiting.first, takesNow(next) {
      waiting.removeFirst()
      switch next {
      case .part(let part): take(context, part)
      case .event(let event): context.fireUserInboundEventTriggered(event)
      }
      isHandedOn = true
    }
    // Hummingbird looks at what it was given when `channelReadComplete` follows.
    if isHandedOn { context.fireChannelReadComplete() }
    if isReadHeld { read(context: context) }
  }

  /// Not before what has come is answered, nor while the client does not take its answers: they would pile up here.
  func read(context: ChannelHandlerContext) {
    isReadHeld = !waiting.isEmpty || !context.channel.isWritable
    guard !isReadHeld else { return }
    watched.awaits()
    context.read()
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    watched.takesAnswers(context.channel.isWritable)
    if isReadHeld { read(context: context) }
    context.fireChannelWritabilityChanged()
  }

  /// That nothing more will come, or that the server stops, is passed to the rest once the answer is out.
  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case .answering = state { return waiting.append(.event(event)) }
    if waiting.isEmpty { context.fireUserInboundEventTriggered(event) } else { waiting.append(.event(event)) }
  }

  /// What cannot be read as a request ends the connection. Its sender is told so where no answer is under way.
  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard let error = error as? HTTPParserError, case .idle = state, waiting.isEmpty else {
      return context.fireErrorCaught(error)
    }
    let refusal: Refusal =
      error == .headerOverflow
      ? .headTooLong : .malformed("This is not HTTP/1.1, or its head or body is not framed as HTTP has it.")
    answer(context, .last, refusal.fastPathResponse)
  }

  func channelInactive(context: ChannelHandlerContext) {
    waiting.removeAll()
    context.fireChannelInactive()
  }
}

extension Result where Failure == Refusal {
  fileprivate var refusal: Refusal? { if case .failure(let refusal) = self { refusal } else { nil } }
}
