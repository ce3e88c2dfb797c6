package import TenantRuntime

/// A tenant's own business in the control plane: what is not in its file, and so is there while the file is paused, too.
package struct Account: Sendable {
  package let hosts: LinkHosts
  /// Of a tenant that exists.
  package let key: String

  package init(hosts: LinkHosts, key: String) {
    self.hosts = hosts
    self.key = key
  }
}

extension SiteMap {
  /// Addresses beside `SiteMap.all`, on the same base `/api/v1/tenants/KEY`, for the same keys.
  package static let account: [Route<Account>] = LinkHostRoutes.all
}
