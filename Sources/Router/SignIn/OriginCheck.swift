import Foundation
import HTTPTypes
import Hummingbird

/// Whether what a browser sends comes from a page of this server, and not from somebody else's with the user's cookies (ASVS 3.5).
enum OriginCheck {
  enum Finding: Equatable { case own, foreign, unknown }

  /// A name that is good for a header: known here, whatever comes in.
  private static let fetchSite = HTTPField.Name("Sec-Fetch-Site")!

  /// - Parameter hosts: what the request calls this server, and the public URL's, with ports that are not the scheme's own.
  static func finding(_ headers: HTTPFields, hosts: [String]) -> Finding {
    if let site = headers[fetchSite], site != "same-origin", site != "none" { return .foreign }
    guard let origin = headers[.origin] else {
      return headers[fetchSite] == "same-origin" ? .own : .unknown
    }
    guard let slashes = origin.range(of: "://") else { return .foreign }
    return hosts.contains(origin[slashes.upperBound...].lowercased()) ? .own : .foreign
  }
}
