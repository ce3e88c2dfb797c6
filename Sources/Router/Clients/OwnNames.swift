import ControlPlane
import HTTPTypes
import Hummingbird
import NIOCore
import TenantRuntime

/// Names that this server itself answers to, besides link hosts: its public one, addresses, and names without a dot, which are of the
/// machine or its network (`localhost`, a container's). Anything else that leads here is a stranger's, or nobody's yet.
struct OwnNames: Sendable {
  private let publicHost: String

  init(_ controlPlane: ControlPlane) { publicHost = controlPlane.directory.routing.publicHost }

  /// - Parameter host: as `FastPathRequest.host` gives it.
  func contains(_ host: String) -> Bool {
    if host == publicHost { return true }
    guard let dot = host.utf8.lastIndex(of: UInt8(ascii: ".")) else { return true }
    // A name's last label is no number (RFC 3696 2); one that is makes an address.
    let label = host.utf8[host.utf8.index(after: dot)...]
    return !label.isEmpty && label.allSatisfy { $0 &- 48 < 10 }
  }

  /// What an unknown host has to say, whatever the request: the same for a pending, a removed and a stranger's one.
  static var nothing: Response { Response(status: .notFound, headers: [.cacheControl: "no-store"]) }
}
