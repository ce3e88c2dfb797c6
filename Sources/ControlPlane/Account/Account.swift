package import TenantRuntime

/// A tenant's own business in the control plane: what is not in its file, and so is there while the file is paused, too.
package struct Account: Sendable {
  package let hosts: LinkHosts
  package let commands: Commands
  package let grants: SupportGrants
  /// Of a tenant that exists.
  package let key: String

  package init(hosts: LinkHosts, commands: Commands, grants: SupportGrants, key: String) {
    (self.hosts, self.commands, self.grants, self.key) = (hosts, commands, grants, key)
  }

  package var members: Members { commands.members }
  package var directory: TenantDirectory { members.directory }
}

extension SiteMap {
  /// Addresses beside `SiteMap.all`, on the same base `/api/v1/tenants/KEY`, for the same keys.
  package static let account: [Route<Account>] =
    LinkHostRoutes.all + MemberRoutes.all + SupportGrantRoutes.all + APIKeyRoutes.all + AuditLogRoutes.all
    + AccountRoutes.all
}
