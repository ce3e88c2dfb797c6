import Crypto
import Foundation
import GRDB
import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

/// `Idempotency-Key` on a POST: the same request again gets the first answer and changes nothing.
///
/// - The key's row is written in the transaction of the change, before it: either both are there or neither. A refusal changes nothing and is
///   not kept; the same key may try again.
/// - The answer is written with it where the verb makes it, else right after. Where the server ends between the two, the same key is told that
///   the request was carried out and its answer is lost; it is never carried out twice.
/// - Keys belong to who asks and to the address they ask.
package final class OnceOnly: Sendable {
  private struct State {
    /// Of the query and of the body as far as it has been read.
    var hasher = SHA256()
    var isBodyRead = false
    var isClaimed = false
    var isKept = false
  }

  private let actor: String
  private let path: String
  private let key: String
  private let query: String
  /// Its answer holds a secret, which is shown once.
  private let isSecret: Bool
  private let state: Mutex<State>

  /// Nil: the caller sent no key, or the address needs none.
  init?<Subject>(_ call: Call<Subject>, _ operation: RouteDeclaration) throws {
    guard operation.takesIdempotencyKey, let key = call.request.headers[Self.name] else { return nil }
    guard (1...Self.longestKey).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw Refusal.invalid(
        "Idempotency-Key", "must be 1 to \(Self.longestKey) visible ASCII characters without spaces")
    }
    (self.key, actor, path) = (key, call.caller.name, call.request.uri.path)
    (query, isSecret) = (call.request.uri.query ?? "", operation.repeats == .secret)
    state = Mutex(State())
    state.withLock { $0.hasher.update(data: Data("\(query)\n".utf8)) }
  }

  static let name = HTTPField.Name("Idempotency-Key")!
  private static let longestKey = 255
  static let field = HeaderField(
    name: "Idempotency-Key",
    shape: Shape.text(least: 1, most: longestKey, example: "order-1712-reminder").about(
      "The same request with the same key, within a day, gets the first answer and changes nothing."))

  /// Names the request among those that are being carried out.
  var identity: [String] { [actor, path, key] }

  /// What the request writes down outside the tenant's file goes by this name: it is there before the key's own row, and where the server ends
  /// between the two, the same request must find it again. Another body is another request. A key is new after a day, so the names of the
  /// hours since then count, the present one first.
  func eventIDs(at: Moment) -> [String] {
    guard let body = digest else { return [] }
    let hour = at.milliseconds / 3_600_000
    return (0..<Self.hours).map { ago in
      var hasher = SHA256()
      hasher.update(data: Data((identity + ["\(hour - ago)", ""]).joined(separator: "\n").utf8))
      hasher.update(data: body)
      return "once-" + hasher.finalize().prefix(16).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
  }

  // MARK: The body

  /// One part of the body, as the handler reads it; nil: its end.
  func read(_ part: ByteBuffer?) {
    state.withLock { state in
      if let part { state.hasher.update(data: part.readableBytesView) } else { state.isBodyRead = true }
    }
  }

  private var digest: Data? { state.withLock { $0.isBodyRead ? Data($0.hasher.finalize()) : nil } }

  // MARK: Rows

  /// How long an answer is kept.
  private static let hours: Int64 = 24
  /// Expired rows that one request sweeps away; each adds one, so it keeps up.
  private static let sweep = 50
  /// Longer answers are not kept: to the same key the request counts as carried out, its answer as lost.
  package static let longestAnswer = 1 << 20
  private static let noDigest = Data(repeating: 0, count: 32)
  /// In the place of a status, of a request whose answer is not there (yet).
  static let noStatus = 0

  package struct Kept: Sendable {
    var digest: Data
    var status: Int
    var text: String
  }

  func find(_ db: Database, at: Moment) throws -> Kept? {
    try Row.fetchOne(
      db.cachedStatement(
        sql: "SELECT * FROM idempotency_keys WHERE key = ? AND path = ? AND actor = ? AND at >= ?"),
      arguments: [key, path, actor, at.advanced(bySeconds: -Self.hours * 3600)]
    ).map { Kept(digest: $0["body_hash"], status: $0["status"], text: $0["answer"]) }
  }

  /// In each transaction of the request, before its change; the first that commits counts.
  func claim(_ db: Database, at: Moment) throws {
    guard state.withLock({ state in !state.isClaimed }) else { return }
    // Another process may have been faster: memory knows what this one carries out.
    guard try find(db, at: at) == nil else { throw Self.isRunning }
    // Of an earlier day: the row gets a new id, for the sweep goes by ids.
    try db.execute(
      sql: "DELETE FROM idempotency_keys WHERE key = ? AND path = ? AND actor = ?", arguments: [key, path, actor])
    try write(db, Kept(digest: Self.noDigest, status: Self.noStatus, text: ""), at: at)
    try sweepAway(db, at: at)
    state.withLock { $0.isClaimed = true }
    db.afterNextTransaction(
      onCommit: { _ in },
      onRollback: { [weak self] _ in self?.state.withLock { ($0.isClaimed, $0.isKept) = (false, false) } })
  }

  /// The answer, in the transaction of the change or behind it; the first counts.
  func keep(_ db: Database, status: HTTPResponse.Status, text: String, at: Moment) throws {
    guard let digest, !state.withLock({ $0.isKept }) else { return }
    try write(db, Kept(digest: digest, status: status.code, text: isSecret ? Self.identifier(text) : text), at: at)
    state.withLock { $0.isKept = true }
  }

  var isKept: Bool { state.withLock { $0.isKept } }
  var isClaimed: Bool { state.withLock { $0.isClaimed } }

  /// The request has been refused after a part of it was done, in several transactions: it may be tried again.
  func withdraw(_ db: Database) throws {
    guard !isKept else { return }
    try db.execute(
      sql: "DELETE FROM idempotency_keys WHERE key = ? AND path = ? AND actor = ? AND status = \(Self.noStatus)",
      arguments: [key, path, actor])
  }

  private func write(_ db: Database, _ kept: Kept, at: Moment) throws {
    try db.execute(
      sql: """
        INSERT INTO idempotency_keys (actor, path, key, body_hash, status, answer, at) VALUES (?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (key, path, actor) DO UPDATE SET body_hash = excluded.body_hash, status = excluded.status, answer = excluded.answer, at = excluded.at
        """, arguments: [actor, path, key, kept.digest, kept.status, kept.text, at])
  }

  private func sweepAway(_ db: Database, at: Moment) throws {
    try db.execute(
      sql: """
        DELETE FROM idempotency_keys WHERE id IN (
          SELECT id FROM (SELECT id, at FROM idempotency_keys ORDER BY id LIMIT \(Self.sweep)) AS oldest WHERE at < ?)
        """, arguments: [at.advanced(bySeconds: -Self.hours * 3600)])
  }

  /// What is kept of an answer with a secret: which thing it made.
  private static func identifier(_ text: String) -> String {
    JSON.object([("id", (try? JSON(parsing: text))?["id"] ?? .null)]).serialized
  }

  // MARK: Again

  package static let isRunning = Refusal.conflict(
    "A request with this Idempotency-Key is being carried out; ask again when it is done.")

  /// The first answer. The body must have been read.
  func replay(_ kept: Kept) throws -> Response {
    guard kept.status != Self.noStatus else {
      throw Refusal.conflict(
        "A request with this Idempotency-Key was carried out, and its answer is lost: look at what is there. A new request takes a new key."
      )
    }
    guard kept.digest == digest else {
      throw Refusal.invalid("Idempotency-Key", "was used with another body; take a new key for a new request")
    }
    guard !isSecret else {
      let id = (try? JSON(parsing: kept.text))?["id"]?.serialized ?? "null"
      throw Refusal.conflict(
        "A request with this Idempotency-Key was carried out: it made \(id). The secret in its answer is shown once; make another if it is lost."
      )
    }
    var headers: HTTPFields = [.cacheControl: "no-store", HTTPField.Name("Idempotency-Replayed")!: "true"]
    if !kept.text.isEmpty { headers[.contentType] = "application/json; charset=utf-8" }
    return Response(
      status: .init(code: kept.status), headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: kept.text)))
  }
}

/// The body of a request, digested while its handler reads it.
struct DigestedBody: AsyncSequence, Sendable {
  let body: RequestBody
  let once: OnceOnly

  struct Iterator: AsyncIteratorProtocol {
    var base: RequestBody.AsyncIterator
    let once: OnceOnly

    mutating func next() async throws -> ByteBuffer? {
      let part = try await base.next()
      once.read(part)
      return part
    }
  }

  func makeAsyncIterator() -> Iterator { Iterator(base: body.makeAsyncIterator(), once: once) }
}

/// Requests with an `Idempotency-Key` that this process carries out just now.
package final class RunningRequests: Sendable {
  private let running = Mutex<Set<[String]>>([])

  package init() {}

  /// Throws when the same one runs already.
  func run<Value>(_ once: OnceOnly, _ body: () async throws -> Value) async throws -> Value {
    let identity = once.identity
    guard running.withLock({ $0.insert(identity).inserted }) else { throw OnceOnly.isRunning }
    defer { running.withLock { _ = $0.remove(identity) } }
    return try await body()
  }
}
