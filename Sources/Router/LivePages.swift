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
/// - The file is lent for the making alone. Who may look is asked each time.
extension Site {
  /// Proxies that gather answers must not gather these. A name that is good for a header, whatever comes in.
  private static let buffering = HTTPField.Name("X-Accel-Buffering")!
  private static let heartbeat = Duration.seconds(15)
  private static let pause = Duration.seconds(1)
  /// Then the browser comes back by itself.
  private static let longest = Duration.seconds(3600)

  /// A parameter of the stream: the stage that its page was made in.
  static let stage = "_stage"

  func live(_ page: PageView<Runtime>, _ request: Request, _ context: RoundhouseContext) async throws -> Response {
    let key = context.parameters.get("tenant") ?? ""
    guard let visitor = try await visitor(request, context, in: key) else { throw Refusal.unauthenticated }
    try visitor.caller.check(page.needs, in: key)
    guard (try controlPlane.tenant(key)).isOpenable else { throw Refusal.locked("This tenant is paused.") }
    let seat = try await controlPlane.open.with(key) { runtime in try runtime.streamSeat(of: visitor.caller) }
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
        try await write(page, shown, stage, context, key) { text in try await writer.write(ByteBuffer(string: text)) }
        try await writer.finish(nil)
      })
  }

  private func write(
    _ page: PageView<Runtime>, _ request: Request, _ stage: String?, _ context: RoundhouseContext, _ key: String,
    _ put: (String) async throws -> Void
  ) async throws {
    let begun = ContinuousClock.now
    var (spoke, sent) = (begun, [String: String]())
    var stage = stage
    var made = (changes: -1, at: begun)
    try await put("retry: 2000\n\n")
    while !Task.isCancelled, !Task.isShuttingDownGracefully, ContinuousClock.now - begun < Self.longest {
      // Signed out, parked, or asked too often: the browser's next request is told so.
      guard let changes = try? await changes(of: key, page, request, context) else { return }
      if changes == made.changes, ContinuousClock.now - made.at < Self.heartbeat {
        try await Task.sleep(for: Self.pause)
        continue
      }
      made = (changes, .now)
      guard let (parts, shown) = try? await parts(of: page, request, context, key) else { return }
      for (id, markup) in parts where sent[id] != markup {
        try await put("event: fragment\ndata: \(id)\ndata: \(ServerSentEvent.data(markup))\n\n")
        (sent[id], spoke) = (markup, .now)
      }
      if shown.isFinal { return try await put("event: done\ndata: {}\n\n") }
      if let stage, stage != shown.stage { try await put("event: stage\ndata: {}\n\n") }
      stage = shown.stage
      if ContinuousClock.now - spoke >= Self.heartbeat {
        try await put(": \n\n")
        spoke = .now
      }
      try await Task.sleep(for: Self.pause)
    }
  }

  /// How often the file has been written to, and a running import has come on, for who may still look.
  private func changes(
    of key: String, _ page: PageView<Runtime>, _ request: Request, _ context: RoundhouseContext
  ) async throws -> Int {
    guard let visitor = try await visitor(request, context, in: key, isCounted: false) else {
      throw Refusal.unauthenticated
    }
    try visitor.caller.check(page.needs, in: key)
    guard try controlPlane.tenant(key).isOpenable else { throw Refusal.locked("This tenant is paused.") }
    return try await controlPlane.open.with(key) { runtime in runtime.changes }
  }

  private func parts(
    of page: PageView<Runtime>, _ request: Request, _ context: RoundhouseContext, _ key: String
  ) async throws -> (parts: [(String, String)], shown: any Page)? {
    guard let visitor = try await visitor(request, context, in: key, isCounted: false) else { return nil }
    let library = PageLibrary.current()
    let tenant = try controlPlane.tenant(key)
    let words = visitor.words(library, zone: tenant.timeZone, now: controlPlane.now())
    let (content, standing) = try await tenantPage(page)(
      PageAsked(
        request: request, parameters: context.parameters, visitor: visitor, words: words, typed: [],
        isPart: true))
    let around = PageRequestContext(
      cookies: cookies, request: request, base: .tenant(key), visitor: visitor, library: library,
      words: words, standing: standing, tenantName: tenant.name)
    let moving = page.live.filter { !content.still.contains($0) }
    return (moving.compactMap { id in around.part(id, of: content).map { (id, $0) } }, content)
  }
}
