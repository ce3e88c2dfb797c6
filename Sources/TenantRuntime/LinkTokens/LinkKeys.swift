import Crypto
import Foundation
package import GRDB

/// The keys that a tenant's tokens are made with: the newest makes them, all of them open them, so that links outlive a rotation.
///
/// They live in the tenant's file, and links survive a move with it; the control file has a sealed copy for the router. When a file is
/// opened both become their union: a backup from before a rotation brings no link to an end. Beyond `most` the oldest goes, and its links
/// with it.
package struct LinkKeys: Sendable, Equatable {
  package struct Key: Sendable, Equatable {
    package let bytes: [UInt8]
    package let since: Moment
    /// What tokens are permuted and checked with: a key of its own, derived once.
    let hash: SipHash

    package init(bytes: [UInt8], since: Moment) {
      precondition(bytes.count == Self.length, "a link key has 32 bytes")
      self.bytes = bytes
      self.since = since
      let derived = HMAC<SHA256>.authenticationCode(
        for: Array("roundhouse short link tokens".utf8), using: SymmetricKey(data: bytes))
      hash = SipHash(key: Array(derived.prefix(16)))
    }

    package static let length = 32

    package static func random(since: Moment) -> Key {
      Key(bytes: (0..<length).map { _ in UInt8.random(in: .min ... .max) }, since: since)
    }
  }

  package static let most = 4
  /// Newest first, never empty.
  package let all: [Key]
  package var newest: Key { all[0] }

  package init(_ keys: [Key]) {
    precondition(!keys.isEmpty, "a tenant has a link key")
    var all: [Key] = []
    for key in keys.sorted(by: Self.isNewer) where !all.contains(where: { $0.bytes == key.bytes }) { all.append(key) }
    self.all = Array(all.prefix(Self.most))
  }

  private static func isNewer(_ left: Key, _ right: Key) -> Bool {
    left.since == right.since
      ? left.bytes.lexicographicallyPrecedes(right.bytes) : left.since.milliseconds > right.since.milliseconds
  }

  package static func random(since: Moment) -> LinkKeys { LinkKeys([.random(since: since)]) }

  /// With one more, newer than all.
  package func rotated(at: Moment) -> LinkKeys {
    let since = max(at.milliseconds, newest.since.milliseconds + 1)
    return LinkKeys(all + [.random(since: Moment(milliseconds: since))])
  }

  package func union(_ other: LinkKeys) -> LinkKeys { LinkKeys(all + other.all) }
}

// MARK: Where they are kept

extension LinkKeys {
  /// As the control file seals them: since when, then the key, for each.
  package var stored: [UInt8] {
    all.flatMap { key in (0..<8).map { UInt8(truncatingIfNeeded: key.since.milliseconds >> ($0 * 8)) } + key.bytes }
  }

  package init?(stored: [UInt8]) {
    let size = 8 + Key.length
    guard !stored.isEmpty, stored.count % size == 0 else { return nil }
    self.init(
      stride(from: 0, to: stored.count, by: size).map { start in
        let since = (0..<8).reduce(Int64(0)) { $0 | Int64(stored[start + $1]) << ($1 * 8) }
        return Key(bytes: Array(stored[start + 8..<start + size]), since: Moment(milliseconds: since))
      })
  }

  package static func read(_ db: Database) throws -> LinkKeys? {
    let keys = try Row.fetchAll(db.cachedStatement(sql: "SELECT key, since FROM link_keys")).map { row in
      Key(bytes: Array(row["key"] as Data), since: row["since"])
    }
    return keys.isEmpty ? nil : LinkKeys(keys)
  }

  /// Makes these the keys of the file.
  package func write(_ db: Database) throws {
    try db.execute(sql: "DELETE FROM link_keys")
    for key in all {
      try db.execute(
        sql: "INSERT INTO link_keys (key, since) VALUES (?, ?)", arguments: [Data(key.bytes), key.since])
    }
  }
}
