import HTTPTypes
import Hummingbird
import NIOCore
import ServiceLifecycle

/// `GET inbox/events`: the inbox as server-sent events (WHATWG HTML 9.2).
///
/// - Goes on behind `Last-Event-ID` or `?after=`, else begins now.
/// - Between events nothing is asked of the file and it may be closed; a commit rings the bell.
/// - What waits for a slow client waits in the log, a page at a time, never in memory; one that is too far behind is sent `reset`.
enum InboxStream {
  static let routes: [Route<Runtime>] = [
    Route(
      .get, "inbox/events", needs: .readMessages, about: "The inbox as server-sent events",
      query: [
        QueryField("after", Shape.int(0...Int64.max, example: 17).about("Goes on behind this id; else Last-Event-ID."))
      ],
      headers: [
        HeaderField(name: "Last-Event-ID", shape: Shape.count.about("As browsers send it when they come back."))
      ],
      answers: [.events], watch)
  ]

  private static let heartbeat = Duration.seconds(15)
  /// How soon a stream notices that the server stops, or that its reader may read no more; nothing is read of the tenant's file for it.
  private static let look = Duration.seconds(1)
  /// Then the client comes back by itself, and its key is looked at again.
  private static let longest = Duration.seconds(3600)

  @Sendable private static func watch(_ call: Call<Runtime>) async throws -> Response {
    let after = try cursor(call)
    let (slot, bell) = (try call.slot(of: \.streams), call.subject.inbox)
    return Response(
      status: .ok,
      headers: [
        .contentType: "text/event-stream", .cacheControl: "no-store",
        // Proxies that gather answers must not gather this one.
        .init("X-Accel-Buffering")!: "no",
      ],
      body: ResponseBody { writer in
        defer { withExtendedLifetime(slot) {} }
        try await write(call, bell, after: after) { text in try await writer.write(ByteBuffer(string: text)) }
        try await writer.finish(nil)
      })
  }

  private static func cursor(_ call: Call<Runtime>) throws -> Int64? {
    for (name, text) in [
      ("Last-Event-ID", call.request.headers[.init("Last-Event-ID")!]), ("after", call.query("after")),
    ] {
      guard let text, !text.isEmpty else { continue }
      guard let id = Int64(text), id >= 0 else { throw Refusal.invalid(name, "is not an id of these events") }
      return id
    }
    return nil
  }

  private static func write(
    _ call: Call<Runtime>, _ bell: InboxBell, after: Int64?, _ put: (String) async throws -> Void
  ) async throws {
    let begun = ContinuousClock.now
    var heard = bell.rings
    var last: Int64
    if let after {
      last = after
      try await put(": open\nretry: 2000\n\n")
    } else {
      last = try await call.borrowed { runtime in try await runtime.file.read(InboxLog.newest) }
      // So that a client that never saw an event can resume, too.
      try await put("retry: 2000\nid: \(last)\nevent: ready\ndata: {}\n\n")
    }
    var spoke = ContinuousClock.now
    while !Task.isCancelled, !Task.isShuttingDownGracefully, ContinuousClock.now - begun < longest {
      let from = last
      let page: InboxLog.Page
      do {
        page = try await call.borrowed { runtime in
          try await runtime.file.read { db in try InboxLog.page(db, after: from) }
        }
      } catch is Refusal { return }  // The tenant was parked, or the reader may not any more; the client asks again.
      last = page.last
      if !page.items.isEmpty {
        try await put(
          page.items.map { "id: \($0.id)\nevent: \($0.event)\ndata: \($0.data.serialized)\n\n" }.joined())
        spoke = .now
      }
      if page.hasMore { continue }
      while bell.rings == heard {
        await bell.wait(since: heard, atMost: look)
        if Task.isCancelled || Task.isShuttingDownGracefully || ContinuousClock.now - begun >= longest { return }
        do { try await call.stillMay() } catch is Refusal { return }
        if ContinuousClock.now - spoke >= heartbeat {
          try await put(": \n\n")
          spoke = .now
        }
      }
      heard = bell.rings
    }
  }
}
