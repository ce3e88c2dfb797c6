import Foundation
package import GRDB
package import HTTPTypes
package import Hummingbird
package import Logging
package import NIOCore

/// One line of a site map: address, the permission it needs, the handler. `Subject` is what the address is about: one tenant's
/// runtime under `/api/v1/tenants/KEY`, the control plane under `/api/v1/admin`.
package struct Route<Subject: Sendable>: Sendable {
  package typealias Handler = @Sendable (Call<Subject>) async throws -> Response

  package let operation: RouteDeclaration
  package let needs: Permission
  /// What its answer holds besides needs this one, too.
  package let also: Permission?
  /// It cannot be taken back, or gives power away: whoever has signed in must have shown lately to be there.
  package let isDangerous: Bool
  package let handler: Handler
  /// What the `ETag` is of; nil: it has none.
  let whole: Whole?

  package typealias Whole = @Sendable (Call<Subject>) throws -> (@Sendable (Database) throws -> JSON)

  package var method: HTTPRequest.Method { operation.method }
  /// Relative to the subject's base; parameters as `:id`.
  package var path: String { operation.path }

  package init(
    _ method: HTTPRequest.Method, _ path: String, needs: Permission, also: Permission? = nil, about: String,
    query: [QueryField] = [],
    headers: [HeaderField] = [], body: BodyDeclaration? = nil, answers: [Answer],
    repeats: RouteDeclaration.Repeats = .kept, isDangerous: Bool = false, whole: Whole? = nil,
    _ handler: @escaping Handler
  ) {
    operation = RouteDeclaration(
      method, path, needs: needs, also: also, about: about, query: query, headers: headers, body: body,
      answers: answers,
      repeats: repeats, isTagged: whole != nil)
    (self.needs, self.also) = (needs, also)
    self.isDangerous = isDangerous
    self.whole = whole
    self.handler = handler
  }
}

extension Route {
  /// Throws unless the caller may ask this of the tenant; nil: of the platform.
  package func check(_ caller: Caller, in tenant: String?, at now: Moment) throws {
    try checkGoesOn(caller, in: tenant)
    if isDangerous { try caller.checkConfirmed(at: now) }
  }

  /// Throws unless the caller, asked for anew, may go on reading an answer that is written by and by. To have been there lately counts for its
  /// beginning alone.
  package func checkGoesOn(_ caller: Caller, in tenant: String?) throws {
    try caller.check(needs, in: tenant)
    if let also { try caller.check(also, in: tenant) }
  }
}

/// A request that was authenticated.
package struct Call<Subject: Sendable>: Sendable {
  package let subject: Subject
  package internal(set) var caller: Caller
  package internal(set) var request: Request
  package let parameters: Parameters
  package let logger: Logger
  /// Lends the subject once more: for answers that are written after the handler has returned.
  package let lend: Lend
  /// Throws once its caller may ask this no more: the key was revoked, the session or the support grant has ended, the role has changed. What is
  /// written after the handler has returned asks it before each page, and at least each second.
  package let stillMay: StillMay

  package typealias Lend =
    @Sendable (_ body: @escaping @Sendable (Subject) async throws -> any Sendable) async throws ->
    any Sendable
  package typealias StillMay = @Sendable () async throws -> Void

  /// - Parameter stillMay: nothing to ask where nothing is written later, as of pages.
  package init(
    subject: Subject, caller: Caller, request: Request, parameters: Parameters, logger: Logger, lend: @escaping Lend,
    stillMay: @escaping StillMay = {}
  ) {
    (self.lend, self.stillMay) = (lend, stillMay)
    self.subject = subject
    self.caller = caller
    self.request = request
    self.parameters = parameters
    self.logger = logger
  }

  /// A page of a long answer: the subject is lent for it alone, so that a slow reader holds nothing up, and to who still may have it.
  package func borrowed<Value: Sendable>(
    _ body: @escaping @Sendable (Subject) async throws -> Value
  ) async throws -> Value {
    try await stillMay()
    guard let value = try await lend(body) as? Value else {
      preconditionFailure("a lender gives back what it is given")
    }
    return value
  }

  package func id(_ name: String = "id", of thing: String) throws -> Int64 {
    // One spelling of each: `+1` and `01` are nobody's ids.
    guard let text = parameters.get(name), let id = Int64(text), id > 0, String(id) == text else {
      throw Refusal.notFound("There is no such \(thing).")
    }
    return id
  }

  /// The last value of a query parameter; nil when absent or empty.
  package func query(_ name: String) -> String? {
    request.query(name).flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The JSON body as fields, bounded.
  package func fields(most bytes: Int = 1 << 20) async throws -> Fields {
    try Self.fields(in: try await document(most: bytes))
  }

  /// For a route that declares no body: what a client sends all the same is told that it has no effect, before anything is done.
  package func refuseBody() async throws {
    let body = try await request.collected(most: 1 << 16)
    if body.readableBytes == 0 { return }
    var fields = try Self.fields(in: body)
    try fields.finish()
  }

  /// The JSON body as it came, for those who must know its bytes too.
  func document(most bytes: Int = 1 << 20) async throws -> ByteBuffer {
    if let type = request.headers[.contentType], !type.lowercased().hasPrefix("application/json") {
      throw Refusal.unsupportedMedia("Send the body as application/json.")
    }
    return try await request.collected(most: bytes)
  }

  static func fields(in body: ByteBuffer) throws -> Fields {
    if body.readableBytes == 0 { return try Fields(.object([])) }
    let json: JSON
    do { json = try JSON(parsing: body.readableBytesView, bounds: .body) } catch let repeated as JSONReader.Repeated {
      throw Refusal.invalid(String(repeated.name.prefix(60)), "is given more than once")
    } catch { throw Refusal.invalid("", "the body is not valid JSON") }
    return try Fields(json)
  }
}

extension Request {
  /// No text of ours has a NUL: SQLite's own functions would read up to it. Nor is what is not UTF-8 taken for the text of its own escapes. For
  /// every address at once.
  package func refuseUnreadableQuery() throws {
    for pair in (uri.query ?? "").split(separator: "&").prefix(100) where pair.contains("%") {
      guard pair.removingPercentEncoding == nil else { continue }
      let name = pair.prefix { $0 != "=" }.prefix(60)
      throw Refusal.invalid(String(name), "is not percent-encoded UTF-8")
    }
    for (name, value) in queryForm where value.utf8.contains(0) || name.utf8.contains(0) {
      throw Refusal.invalid(
        String(name.unicodeScalars.filter { $0 != "\u{0}" }.prefix(60).map(Character.init)), "must not contain NUL")
    }
  }

  /// The query as a form (WHATWG URL 5.1): a plus is a space there, as browsers and `URLSearchParams` write it.
  package var queryForm: [(name: String, value: String)] { Self.form(uri.query ?? "", most: 100) }

  package static func form(_ text: String, most: Int) -> [(name: String, value: String)] {
    text.split(separator: "&").prefix(most).map { pair in
      let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      func decode(_ text: Substring) -> String {
        String(decoding: text.utf8.map { $0 == UInt8(ascii: "+") ? 0x20 : $0 }, as: UTF8.self).removingPercentEncoding
          ?? String(text)
      }
      return (decode(sides[0]), sides.count > 1 ? decode(sides[1]) : "")
    }
  }

  package func query(_ name: String) -> String? { queryForm.first { $0.name == name }?.value }

  package func collected(most bytes: Int) async throws -> ByteBuffer {
    if let length = headers[.contentLength].flatMap({ Int($0) }), length > bytes {
      throw Refusal.tooLarge(Self.limitText(bytes))
    }
    var collected = ByteBuffer()
    do {
      for try await part in body {
        if collected.readableBytes + part.readableBytes > bytes { throw Refusal.tooLarge(Self.limitText(bytes)) }
        collected.writeImmutableBuffer(part)
      }
    } catch let refusal as Refusal { throw refusal } catch { throw Self.brokenBody }
    return collected
  }

  /// A body cut off or not framed as HTTP has it: the sender's doing, not ours.
  package static var brokenBody: Refusal { .malformed("The body of the request is broken or was cut off.") }

  private static func limitText(_ bytes: Int) -> String { "The body may have at most \(bytes) bytes." }
}

/// `?limit=` and `?cursor=` of every list, and the shape of its answer.
package struct PageRequest: Sendable {
  package static let most = 500
  package let limit: Int
  /// The last id the caller has seen; lists go on behind it.
  package let after: Int64
  /// Nothing has been seen yet.
  package let isFirst: Bool
  private let cursor: Cursor

  /// - Parameter shown: entries of a page, where the caller does not say.
  package init<Subject>(_ call: Call<Subject>, shown: Int = 100) throws {
    limit =
      try call.query("limit").map { text in
        guard let limit = Int(text), (1...Self.most).contains(limit) else {
          throw Refusal.invalid("limit", "must be a whole number from 1 to \(Self.most)")
        }
        return limit
      } ?? shown
    let cursor = Cursor(of: call)
    let seen =
      try call.query("cursor").map { try cursor.values($0, count: 1)[0] }
      ?? call.query("after").map { text in
        guard let id = Int64(text), id >= 0 else { throw Refusal.invalid("after", "must be the id of an entry") }
        return id
      }
    (after, isFirst, self.cursor) = (seen ?? 0, seen == nil, cursor)
  }

  /// The cursor of the next page, by the ids of rows that were fetched with `limit + 1`; nil: this is the last one.
  package func next(after ids: [Int64]) -> String? {
    ids.count > limit ? ids.prefix(limit).last.map { cursor.text([$0]) } : nil
  }

  /// Where the next page begins, for who has looked further than at what was found.
  package func cursor(behind id: Int64) -> String { cursor.text([id]) }

  /// Rows were fetched with `limit + 1`, so that the last page knows it is the last.
  package func answer(_ rows: [(id: Int64, json: JSON)], also: [(String, JSON)] = []) -> Response {
    let shown = rows.prefix(limit)
    return JSON.object(
      [("data", .list(shown.map(\.json))), ("next_cursor", .optional(next(after: rows.map(\.id))))] + also
    ).response()
  }
}

extension SQLiteFile {
  /// One page of a list. The statement ends before its LIMIT, which is the page's, and orders by `id`.
  package func page(
    _ page: PageRequest, _ sql: String, _ arguments: StatementArguments, id: String = "id",
    _ json: @escaping @Sendable (Row) throws -> JSON
  ) async throws -> Response {
    let rows = try await read { db in
      try Row.fetchAll(db, sql: sql + " LIMIT \(page.limit + 1)", arguments: arguments).map {
        (id: $0[id] as Int64, json: try json($0))
      }
    }
    return page.answer(rows)
  }
}

/// Columns as JSON, by kind: what rows of lists are made of.
extension Row {
  package func text(_ name: String) -> JSON { .optional(self[name] as String?) }
  package func int(_ name: String) -> JSON { .optional(self[name] as Int64?) }
  package func moment(_ name: String) -> JSON { .moment(self[name] as Moment?) }
  package func phone(_ name: String) -> JSON { .phone(self[name] as PhoneNumber?) }
  package func document(_ name: String) -> JSON { (self[name] as String?).flatMap { try? JSON(parsing: $0) } ?? .null }
}
