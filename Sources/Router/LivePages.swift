import ControlPlane
import HTTPTypes
import Hummingbird
import NIOCore
import ServiceLifecycle
import TenantRuntime

/// `…/live`: the parts of a page that move, as server-sent events (WHATWG HTML 9.2).
///
/// - At most once a second, and when the file was written to meanwhile, the parts are made anew, and those that differ are sent: `event: fragment`, first the id of the element, then its
///   markup. `event: stage`: what may be done has changed with what the page shows. `event: done`: nothing more will change.
/// - A tenant's file is lent for the making alone. Who may look is asked each time.
extension Site {
  /// Proxies that gather answers must not gather these. A name that is good for a header, whatever comes in.
  private static let buffering = HTTPField.Name("X-Accel-Buffering")!
  /// Made anew though nothing was written: what is shown may depend on the time.
  private static let longestUnmade = Duration.seconds(15)
  /// Something is written at least as often: who is gone is noticed by a write that fails, and holds a seat until then.
  private static let longestSilence = Duration.seconds(3)
  private static let pause = Duration.seconds(1)
  private static let platformPause = Duration.seconds(2)
  /// Then the browser comes back by itself.
  private static let longest = Duration.seconds(3600)

  /// A parameter of the stream: the stage that its page was made in.
  static let stage = "_stage"

  /// A page that is looked at.
  private struct Watched: Sendable {
    let base: PageBase
    let parts: [String]
    let make: Maker
    /// Whether somebody may still look.
    let check: @Sendable (Visitor) throws -> Void
    /// Another number once something may have changed.
    let changes: @Sendable () async throws -> Int
    /// A seat among those who look, of which there are so many.
    let seat: @Sendable (Visitor) async throws -> Slot
  }

  func live(_ page: PageView<Runtime>, _ request: Request, _ context: RoundhouseContext) async throws -> Response {
    let key = context.parameters.get("tenant") ?? ""
    return try await live(
      Watched(
        base: .tenant(key), parts: page.live, make: tenantPage(page),
        check: { visitor in
          try visitor.caller.check(page.needs, in: key)
          guard try controlPlane.tenant(key).isOpenable else { throw Refusal.locked("This tenant is paused.") }
        },
        // How often the file has been written to, and a running import has come on.
        changes: { try await controlPlane.open.with(key) { runtime in runtime.changes } },
        seat: { visitor in
          try await controlPlane.open.with(key) { runtime in try runtime.streamSeat(of: visitor.caller) }
        }), request, context)
  }

  /// What the platform's pages show of the server changes without a trace that could be asked for: they are made anew every few seconds.
  func live(_ page: PageView<ControlPlane>, _ request: Request, _ context: RoundhouseContext) async throws -> Response {
    let begun = ContinuousClock.now
    return try await live(
      Watched(
        base: .platform, parts: page.live, make: adminPage(page),
        check: { visitor in try visitor.caller.check(page.needs, in: nil) },
        changes: { Int((ContinuousClock.now - begun) / Self.platformPause) },
        seat: { visitor in
          let streams = controlPlane.configuration.shares.streams
          guard let slot = streams.take(tenant: "", key: visitor.caller.name) else {
            throw Refusal.tooMany(retryAfterSeconds: 30)
          }
          return slot
        }), request, context)
  }

  private func live(_ page: Watched, _ request: Request, _ context: RoundhouseContext) async throws -> Response {
    guard let visitor = try await visitor(request, context, in: page.base.tenant) else {
      throw Refusal.unauthenticated
    }
    try page.check(visitor)
    let seat = try await page.seat(visitor)
    // It is shown as the page is, at the page's own address.
    let query = request.queryForm.filter { $0.name != Self.stage }
    let path = String(request.uri.path.dropLast("/live".count)) + (query.isEmpty ? "" : "?" + FormBody.encoded(query))
    let stage = request.queryForm.last { $0.name == Self.stage }?.value
    let shown = Request(
      head: HTTPRequest(
        method: .get, scheme: nil, authority: request.head.authority, path: path, headerFields: request.headers),
      body: RequestBody(buffer: ByteBuffer()))
    return Response(
      status: .ok,
      headers: [
        .contentType: "text/event-stream", .cacheControl: "no-store", Self.buffering: "no",
      ],
      body: ResponseBody { writer in
        defer { withExtendedLifetime(seat) {} }
        try await write(page, shown, stage, context) { text in try await writer.write(ByteBuffer(string: text)) }
        try await writer.finish(nil)
      })
  }

  private func write(
    _ page: Watched, _ request: Request, _ stage: String?, _ context: RoundhouseContext,
    _ put: (String) async throws -> Void
  ) async throws {
    let begun = ContinuousClock.now
    var (spoke, sent) = (begun, [String: String]())
    var stage = stage
    var made = (changes: -1, at: begun)
    try await put("retry: 2000\n\n")
    while !Task.isCancelled, !Task.isShuttingDownGracefully, ContinuousClock.now - begun < Self.longest {
      // Signed out, parked, or asked too often: the browser's next request is told so.
      guard let changes = try? await changes(of: page, request, context) else { return }
      if changes != made.changes || ContinuousClock.now - made.at >= Self.longestUnmade {
        made = (changes, .now)
        guard let (parts, shown) = try? await parts(of: page, request, context) else { return }
        for (id, markup) in parts where sent[id] != markup {
          try await put("event: fragment\ndata: \(id)\ndata: \(ServerSentEvent.data(markup))\n\n")
          (sent[id], spoke) = (markup, .now)
        }
        if shown.isFinal { return try await put("event: done\ndata: {}\n\n") }
        if let stage, stage != shown.stage { try await put("event: stage\ndata: {}\n\n") }
        stage = shown.stage
      }
      if ContinuousClock.now - spoke >= Self.longestSilence {
        try await put(": \n\n")
        spoke = .now
      }
      try await Task.sleep(for: Self.pause)
    }
  }

  /// For who may still look.
  private func changes(of page: Watched, _ request: Request, _ context: RoundhouseContext) async throws -> Int {
    guard let visitor = try await visitor(request, context, in: page.base.tenant, isCounted: false) else {
      throw Refusal.unauthenticated
    }
    try page.check(visitor)
    return try await page.changes()
  }

  private func parts(
    of page: Watched, _ request: Request, _ context: RoundhouseContext
  ) async throws -> (parts: [(String, String)], shown: any Page)? {
    guard let visitor = try await visitor(request, context, in: page.base.tenant, isCounted: false) else { return nil }
    let library = PageLibrary.current()
    let tenant = try page.base.tenant.map { try controlPlane.tenant($0) }
    let words = visitor.words(library, zone: tenant?.timeZone, now: controlPlane.now())
    let (content, standing) = try await page.make(
      PageAsked(
        request: request, parameters: context.parameters, visitor: visitor, words: words, typed: [], isPart: true))
    let around = PageRequestContext(
      cookies: cookies, request: request, base: page.base, visitor: visitor, library: library,
      words: words, standing: standing, tenantName: tenant?.name)
    let moving = page.parts.filter { !content.still.contains($0) }
    return (moving.compactMap { id in around.part(id, of: content).map { (id, $0) } }, content)
  }
}
