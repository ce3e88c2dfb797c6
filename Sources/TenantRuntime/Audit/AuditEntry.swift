import Crypto
package import Foundation
package import GRDB

/// One row of an audit log, a tenant's or the platform's, and what chains it to the row before.
///
/// - `digest` covers the row and the digest of its predecessor: a row that was changed, left out or put between shows from there on.
/// - What was before and after is covered by a digest of its own, with a salt beside it. An erasure takes words and salt away and leaves that digest:
///   the chain holds, and nobody can guess the words back.
/// - Ids have no gaps and times never go back, so the parts of a log can be found by either.
package struct AuditEntry: Sendable, Equatable {
  package var id: Int64
  package var at: Moment
  package var actor: String
  package var action: String
  package var subject: String
  /// Of a row of the platform that is about a tenant.
  package var tenant: String?
  package var before: String?
  package var after: String?
  package var address: String
  package var requestID: String?

  package init(
    at: Moment, actor: String, action: String, subject: String, tenant: String? = nil, before: String? = nil,
    after: String? = nil, address: String = "", requestID: String? = nil
  ) {
    id = 0
    (self.at, self.actor, self.action, self.subject) = (at, actor, action, subject)
    (self.tenant, self.before, self.after) = (tenant, before, after)
    (self.address, self.requestID) = (address, requestID)
  }

  package init(_ row: Row) {
    id = row["id"]
    (at, actor, action, subject) = (row["at"], row["actor"], row["action"], row["subject"])
    (address, requestID, before) = (row["address"], row["request_id"], row["before"])
    let isPlatforms = row.hasColumn("tenant_key")
    tenant = isPlatforms ? row["tenant_key"] : nil
    after = isPlatforms ? row["detail"] : row["after"]
  }

  /// Who chains a row to its predecessor.
  package struct Seal: Sendable, Equatable {
    package var salt: Data
    package var detailDigest: Data
    package var digest: Data
  }

  /// Behind the newest row of the log: takes its place there, and seals it.
  package mutating func chain(_ db: Database) throws -> Seal {
    let last = try AuditChain.last(db)
    id = last.id + 1
    at = max(at, last.at)
    let salt = Data((0..<16).map { _ in UInt8.random(in: .min ... .max) })
    let detail = detailDigest(salt: salt)
    return Seal(salt: salt, detailDigest: detail, digest: digest(after: last.digest, detail: detail))
  }

  func detailDigest(salt: Data) -> Data {
    let words: JSON = [.optional(before), .optional(after)]
    return Data(SHA256.hash(data: salt + Data(words.serialized.utf8)))
  }

  func digest(after previous: Data, detail: Data) -> Data {
    let row: JSON = [
      .int(id), .int(at.milliseconds), .text(actor), .text(action), .text(subject), .optional(tenant), .text(address),
      .optional(requestID),
    ]
    return Data(SHA256.hash(data: previous + detail + Data(row.serialized.utf8)))
  }

  package var json: JSON {
    [
      "id": .int(id), "at": .moment(at), "actor": .text(actor), "action": .text(action), "subject": .text(subject),
      "before": .optional(before), "after": .optional(after), "address": .text(address),
      "request_id": .optional(requestID),
    ]
  }
}
