import Crypto
import Foundation
import GRDB
import HTTPTypes
import Hummingbird
import NIOCore

/// `Idempotency-Key` on a POST: the same request again gets the first answer and changes nothing.
///
/// The answer is kept in the transaction of the change, so there is no "still running": either both are there or neither. A refusal
/// changes nothing and is not kept; the same key may try again. Keys belong to who asks and to the address they ask.
struct Idempotency: Sendable {
  /// How long an answer is kept.
  private static let hours: Int64 = 24
  /// Beyond it the oldest go early.
  private static let most: Int64 = 10_000
  private static let longestKey = 255
  /// Expired rows that one request sweeps away; each adds one, so it keeps up.
  private static let sweep = 50

  /// Of the routes that keep their answer.
  static let field = HeaderField(
    name: "Idempotency-Key",
    shape: Shape.text(most: longestKey, example: "order-1712-reminder").about(
      "The same request with the same key, within a day, gets the first answer and changes nothing."))

  /// Nil: the caller sent none.
  private let key: String?
  private let path: String
  private let actor: String
  private let hash: Data

  /// - Parameter body: as it came; the same words in another order are another body.
  init(_ call: Call<Runtime>, body: ByteBuffer) throws {
    key = call.request.headers[.init(Self.field.name)!]
    if let key {
      guard (1...Self.longestKey).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
        throw Refusal.invalid(
          "Idempotency-Key", "must be 1 to \(Self.longestKey) visible ASCII characters without spaces")
      }
    }
    path = call.request.uri.path
    actor = call.caller.name
    hash = Data(SHA256.hash(data: Data(body.readableBytesView)))
  }

  struct Answer: Sendable {
    var status: HTTPResponse.Status
    var text: String
    var isReplay = false

    init(_ status: HTTPResponse.Status, _ json: JSON) {
      self.status = status
      text = json.serialized
    }

    fileprivate init(_ row: Row) {
      status = .init(code: row["status"])
      text = row["answer"]
      isReplay = true
    }

    var response: Response {
      var headers: HTTPFields = [.contentType: "application/json; charset=utf-8", .cacheControl: "no-store"]
      if isReplay { headers[.init("Idempotency-Replayed")!] = "true" }
      return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
  }

  /// Runs the verb within the transaction, once per key.
  func once(_ change: Transaction, _ verb: () throws -> Answer) throws -> Answer {
    guard let key else { return try verb() }
    let (db, at) = (change.db, change.now)
    let oldest = at.advanced(bySeconds: -Self.hours * 3600)
    let known = try Row.fetchOne(
      db.cachedStatement(
        sql: "SELECT * FROM idempotency_keys WHERE key = ? AND path = ? AND actor = ? AND at >= ?"),
      arguments: [key, path, actor, oldest])
    if let known {
      guard known["body_hash"] as Data == hash else {
        throw Refusal.invalid("Idempotency-Key", "was used with another body; take a new key for a new request")
      }
      return Answer(known)
    }
    let answer = try verb()
    try db.execute(
      sql: """
        INSERT INTO idempotency_keys (actor, path, key, body_hash, status, answer, at) VALUES (?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET body_hash = excluded.body_hash, status = excluded.status, answer = excluded.answer, at = excluded.at
        """, arguments: [actor, path, key, hash, answer.status.code, answer.text, at])
    try db.execute(
      sql: "DELETE FROM idempotency_keys WHERE id <= (SELECT max(id) FROM idempotency_keys) - ?",
      arguments: [Self.most])
    try db.execute(
      sql: """
        DELETE FROM idempotency_keys WHERE id IN (
          SELECT id FROM (SELECT id, at FROM idempotency_keys ORDER BY id LIMIT \(Self.sweep)) WHERE at < ?)
        """, arguments: [oldest])
    return answer
  }
}
