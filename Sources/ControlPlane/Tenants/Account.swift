package import TenantRuntime

/// A tenant's own business in the control plane: what is not in its file, and so is there while the file is paused, too.
package struct Account: Sendable {
  package let hosts: LinkHosts
  package let members: Members
  package let grants: SupportGrants
  package let keys: APIKeys
  package let audit: AuditLogs
  /// Of a tenant that exists.
  package let key: String

  package init(
    hosts: LinkHosts, members: Members, grants: SupportGrants, keys: APIKeys, audit: AuditLogs, key: String
  ) {
    (self.hosts, self.members, self.grants, self.key) = (hosts, members, grants, key)
    (self.keys, self.audit) = (keys, audit)
  }

  package var directory: TenantDirectory { members.directory }
}

extension SiteMap {
  /// Addresses beside `SiteMap.all`, on the same base `/api/v1/tenants/KEY`, for the same keys.
  package static let account: [Route<Account>] =
    LinkHostRoutes.all + MemberRoutes.all + SupportGrantRoutes.all + APIKeyRoutes.all + AuditLogRoutes.all
}
