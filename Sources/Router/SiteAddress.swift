import ControlPlane
import HTTPTypes
import TenantRuntime

/// Every address there is. The router mounts these, 404 and 405 come from these, and the document shows these.
struct SiteAddress: Sendable {
  enum Base: String, Sendable {
    case own = ""
    case tenant = "api/v1/tenants/:tenant/"
    case admin = "api/v1/admin/"
    case api = "api/v1/"
    /// Pages, which the document of the API does not show.
    case page = "/"
    case link = "LINK-HOST/"
  }

  let base: Base
  let operation: RouteDeclaration
  /// Whether a wrong method is distinguished from an address that is not there.
  var tellsMethods = true

  /// Without its leading slash; parameters as `:id`.
  var path: String { (base == .link || base == .page ? "" : base.rawValue) + operation.path }

  static let all: [SiteAddress] =
    SiteMap.all.map { SiteAddress(base: .tenant, operation: $0.operation) }
    + SiteMap.account.map { SiteAddress(base: .tenant, operation: $0.operation) }
    + AdminRoutes.all.map { SiteAddress(base: .admin, operation: $0.operation) }
    + OwnAccountRoutes.all.map { SiteAddress(base: .api, operation: $0.operation) }
    + SignInRoutes.all.map {
      SiteAddress(base: .page, operation: RouteDeclaration($0.method, $0.path, about: "A page", answers: []))
    }
    + OwnRoute.all.map { SiteAddress(base: .own, operation: $0.operation, tellsMethods: !$0.isHidden) }
    + FastPathOperations.webhooks.map { SiteAddress(base: .own, operation: $0) }
    + FastPathOperations.links.map { SiteAddress(base: .link, operation: $0, tellsMethods: false) }
}

/// Which methods an address knows: distinguishes 405 from 404.
enum SitePaths {
  private static let all: [(method: String, parts: [Substring])] = SiteAddress.all.filter(\.tellsMethods).map {
    ($0.operation.method.rawValue, Substring($0.path).split(separator: "/"))
  }

  /// Of the address that the router finds: of two that fit, the one that says more of it in so many words.
  static func methods(of path: String) -> [String] {
    let parts = path.split(separator: "/")
    let fitting = all.filter { known in
      known.parts.count == parts.count && zip(known.parts, parts).allSatisfy { $0.hasPrefix(":") || $0 == $1 }
    }
    let fewest = fitting.map { $0.parts.count { $0.hasPrefix(":") } }.min()
    return fitting.filter { $0.parts.count { $0.hasPrefix(":") } == fewest }.map(\.method)
  }
}
