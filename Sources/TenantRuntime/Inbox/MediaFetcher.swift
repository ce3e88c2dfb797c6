import Foundation
import GRDB
import Hummingbird
import NIOCore

/// Fetches what came with texts into the tenant's own file, so that a copy of it is whole and the provider's store may forget. Only kinds
/// that no browser runs, five megabytes each, from addresses that are public.
struct MediaFetcher {
  let runtime: Runtime
  private static let together = 4
  private static let mostBytes = 5 << 20
  private static let mostRedirects = 3
  /// Waits between tries; the provider may be slow to store.
  private static let secondsAfter: [Int64] = [10, 60, 600, 3_600, 21_600]
  private static let types = [
    "image/", "audio/", "video/", "application/pdf", "text/vcard", "text/x-vcard", "text/plain",
  ]
  private static let refusedTypes: Set<String> = ["image/svg+xml"]

  private struct Item: Sendable {
    var message: Int64
    var position: Int64
    var url: String
    var tries: Int
  }

  private enum Result: Sendable {
    case fetched(type: String, body: [UInt8])
    /// For good.
    case failed(String)
    case later(String)
  }

  func takeTurn() async throws -> NextTurn {
    let now = runtime.dependencies.now()
    // As `Moment.endingWait` has it.
    let longest = now.advanced(bySeconds: Self.secondsAfter.max() ?? 0)
    let (due, next) = try await runtime.file.read { db in
      (
        try Row.fetchAll(
          db.cachedStatement(
            sql:
              "SELECT * FROM message_media WHERE state = 'recorded' AND (due_at <= ? OR due_at > ?) ORDER BY due_at LIMIT \(Self.together)"
          ),
          arguments: [now, longest]
        ).map { Item(message: $0["message_id"], position: $0["position"], url: $0["url"], tries: $0["tries"]) },
        try Moment.fetchOne(
          db.cachedStatement(
            sql: "SELECT min(due_at) FROM message_media WHERE state = 'recorded' AND due_at <= ?"), arguments: [longest]
        )
      )
    }
    guard !due.isEmpty else { return next.map { .at($0) } ?? .whenNudged }
    let results = await withTaskGroup(of: (Int, Result).self) { group in
      for (index, item) in due.enumerated() { group.addTask { (index, await fetch(item.url)) } }
      return await group.reduce(into: [Int: Result]()) { $0[$1.0] = $1.1 }
    }
    let at = runtime.dependencies.now()
    try await runtime.givingUpWhatRecurs("media", id: due.first?.message) {
      try await runtime.file.write(.replayable) { db in
        for (index, item) in due.enumerated() {
          try Self.settle(db, item, results[index] ?? .later("not begun"), at: at)
        }
      }
    } giveUp: { reference in
      try await runtime.file.write { db in
        for item in due {
          try Self.settle(db, item, .failed("internal error, reference \(reference)"), at: at)
        }
      }
    }
    return .now
  }

  private func fetch(_ address: String) async -> Result {
    var url = address
    for _ in 0...Self.mostRedirects where !Task.isCancelled {
      var call = HTTPCall(url: url, turnKey: runtime.lease.tenant)
      call.method = "GET"
      call.lane = "\(runtime.lease.tenant)/media"
      call.answerLimit = Self.mostBytes
      // The account's password is for the provider's own address alone; its store elsewhere has none to see.
      if let account = runtime.lease.twilio, url.hasPrefix(runtime.lease.twilioAPI + "/") {
        call.credentials = "\(account.accountSID):\(account.token)"
      }
      switch await runtime.dependencies.guarded.send(call) {
      case .refused(let reason): return .failed("the address \(reason)")
      case .notSent(let reason), .lost(let reason): return .later(reason)
      case .notBegun: return .later("not begun")
      case .answered(let answer):
        if (300..<400).contains(answer.status), let location = answer.headers["location"],
          let next = URL(string: location, relativeTo: URL(string: url))?.absoluteString
        {
          url = next
          continue
        }
        return Self.judge(answer)
      }
    }
    return .failed("redirected more than \(Self.mostRedirects) times")
  }

  private static func judge(_ answer: GuardedAnswer) -> Result {
    guard answer.status == 200 else {
      let reason = "answered \(answer.status)"
      return answer.status >= 500 || answer.status == 404 || answer.status == 429 ? .later(reason) : .failed(reason)
    }
    if answer.isCut { return .failed("is larger than \(mostBytes) bytes") }
    let type = (answer.headers["content-type"] ?? "").split(separator: ";").first.map { $0.lowercased() } ?? ""
    guard types.contains(where: type.hasPrefix), !refusedTypes.contains(type) else {
      return .failed("is of a kind that is not kept: \(type.prefix(60))")
    }
    return .fetched(type: type, body: answer.body)
  }

  private static func settle(_ db: Database, _ item: Item, _ result: Result, at: Moment) throws {
    func fail(_ reason: String) throws {
      try db.execute(
        sql: "UPDATE message_media SET state = 'failed', failure = ? WHERE message_id = ? AND position = ?",
        arguments: [String(reason.unicodeScalars.prefix(200)), item.message, item.position])
    }
    switch result {
    case .fetched(let type, let body):
      try db.execute(
        sql:
          "UPDATE message_media SET state = 'fetched', bytes = ?, content_type = ? WHERE message_id = ? AND position = ?",
        arguments: [body.count, type, item.message, item.position])
      // Erased meanwhile: there is no message to keep it for.
      guard db.changesCount > 0 else { return }
      try db.execute(
        sql: "INSERT INTO media_contents VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        arguments: [item.message, item.position, Data(body)])
    case .failed(let reason): try fail(reason)
    case .later(let reason):
      guard item.tries < secondsAfter.count else { return try fail(reason) }
      try db.execute(
        sql: "UPDATE message_media SET tries = tries + 1, due_at = ? WHERE message_id = ? AND position = ?",
        arguments: [at.advanced(bySeconds: secondsAfter[item.tries]), item.message, item.position])
    }
  }

  static let routes: [Route<Runtime>] = [
    Route(
      .get, "messages/:id/media/:position", needs: .readMessages, about: "What came with a text",
      answers: [Answer(200, "The content itself.", type: "*/*")], show)
  ]

  /// The content itself; a browser saves what it cannot show, and runs none of it.
  @Sendable private static func show(_ call: Call<Runtime>) async throws -> Response {
    let (id, position) = (try call.id(of: "message"), call.parameters.get("position").flatMap { Int64($0) } ?? -1)
    let row = try await call.subject.file.read { db in
      try Row.fetchOne(
        db.cachedStatement(
          sql: """
            SELECT m.state, m.failure, m.content_type, c.content FROM message_media m
            LEFT JOIN media_contents c ON c.message_id = m.message_id AND c.position = m.position
            WHERE m.message_id = ? AND m.position = ?
            """), arguments: [id, position]
      ).map {
        (
          state: $0["state"] as String, failure: $0["failure"] as String?, type: $0["content_type"] as String,
          content: $0["content"] as Data?
        )
      }
    }
    guard let row else { throw Refusal.notFound("There is no such attachment.") }
    guard let content = row.content else {
      throw Refusal.conflict(
        row.state == "failed"
          ? "It could not be fetched: \(row.failure ?? "")." : "It is being fetched; try again soon.")
    }
    return Response(
      status: .ok,
      headers: [
        .contentType: row.type, .xContentTypeOptions: "nosniff", .cacheControl: "private, no-store",
        .contentSecurityPolicy: "sandbox; default-src 'none'",
        .contentDisposition: row.type.hasPrefix("image/") ? "inline" : "attachment",
      ], body: .init(byteBuffer: ByteBuffer(bytes: content)))
  }
}
