package import GRDB
import HTTPTypes
import Synchronization

/// What a request asks besides what it wants: to be carried out once only (`Idempotency-Key`), and only on what it has seen (`If-Match`).
/// It goes with the caller into the transactions of the change, and is judged there.
package final class RequestTerms: Sendable, Equatable {
  typealias Whole = @Sendable (Database) throws -> JSON

  let once: OnceOnly?
  private let ifMatch: String?
  private let ifNoneMatch: String?
  private let whole: Whole?
  private struct State {
    /// Nil: not looked at yet.
    var isAnother: Bool?
    var tag: EntityTag?
  }
  private let state = Mutex(State())

  /// - Parameter whole: what the tag is of, as it stands now.
  init(once: OnceOnly?, ifMatch: String?, ifNoneMatch: String?, whole: Whole?) {
    (self.once, self.ifMatch, self.ifNoneMatch, self.whole) = (once, ifMatch, ifNoneMatch, whole)
  }

  package static func == (left: RequestTerms, right: RequestTerms) -> Bool { left === right }

  /// In each transaction of the request, before its change.
  package func begin(_ db: Database, at: Moment) throws {
    try once?.claim(db, at: at)
    guard let whole, ifMatch != nil || ifNoneMatch != nil, state.withLock({ $0.isAnother }) == nil else { return }
    let tag = EntityTag(of: try whole(db).serialized.utf8)
    let isAnother = ifMatch.map { !tag.holds($0) } ?? ifNoneMatch.map(tag.isAmong) ?? false
    state.withLock { $0.isAnother = isAnother }
  }

  /// In the same transaction, behind its change: what would be refused without `If-Match` as well is refused for that (RFC 9110 13.2.1).
  func end(_ db: Database) throws {
    if state.withLock({ $0.isAnother }) == true { throw Self.isAnother }
    // What is deleted has none any more.
    guard let whole, ifMatch != nil, let now = try? whole(db) else { return }
    let tag = EntityTag(of: now.serialized.utf8)
    state.withLock { $0.tag = tag }
  }

  /// Of what the change has left.
  var tagAfter: EntityTag? { state.withLock { $0.tag } }

  static let isAnother = Refusal.preconditionFailed(
    "It has been changed since you read it: read it again, and send the change with its new ETag.")
}
