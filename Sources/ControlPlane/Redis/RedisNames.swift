import Crypto
package import Foundation

/// The names of one installation's keys in Redis.
///
/// Several installations may use one Redis, and call their tenants and brands alike. What all nodes of an installation have in common, and no
/// other has, is the key that its secrets are sealed with: a node with another one could not read the installation's accounts. So its digest
/// is in every name. (The instance of an intake is a node's own, and a data folder's path may be the same on every machine.)
package struct RedisNames: Sendable {
  private let installation: String
  private static let digestBytes = 8

  package init(installation digest: Data) {
    installation = digest.prefix(Self.digestBytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// In braces, the hash tag of a cluster: what belongs together is on one machine.
  package func slots(_ account: String) -> String { "roundhouse:{\(installation):slots:\(account)}" }
  package func brandDay(_ brand: String, _ day: Int64) -> String {
    "roundhouse:{\(installation):brand:\(brand):\(day)}"
  }
  /// The name as a digest: it may be a person's address, and of any length.
  package func rate(_ policy: String, _ name: String) -> String {
    let digest = SHA256.hash(data: Array(name.utf8)).prefix(16).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
    return "roundhouse:{\(installation):rate:\(policy):\(digest.joined())}"
  }
  package func session(_ digest: String) -> String { "roundhouse:{\(installation):session:\(digest)}" }
  package func sessions(of user: Int64) -> String { "roundhouse:{\(installation):sessions:\(user)}" }
  package func links(_ tenant: String) -> String { "roundhouse:{\(installation):links:\(tenant)}" }
}
