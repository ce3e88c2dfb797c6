package import TenantRuntime

/// A named set of permissions.
package enum Role: String, CaseIterable, Sendable, Codable {
  case viewer, agent, marketer, admin, owner
  /// Of the platform: no silent access to tenants' data.
  case platform, support

  package var permissions: Set<Permission> {
    switch self {
    case .viewer: [.readContacts, .readImports, .readCampaigns, .readLinks, .readReports, .readMessages, .readSettings]
    case .agent: Role.viewer.permissions.union([.editConsent, .writeMessages])
    case .marketer:
      Role.agent.permissions.union([.editContacts, .runImports, .editCampaigns, .launchCampaigns, .editLinks])
    case .admin:
      Role.marketer.permissions.union([
        .editSettings, .editNumbers, .editBudgets, .throwKillSwitch, .editWebhooks, .readUsers, .editUsers,
        .readAPIKeys,
        .readAuditLog,
      ])
    case .owner: Role.admin.permissions.union([.editAPIKeys, .readInvoices, .deleteTenant])
    case .platform:
      [
        .readTenants, .editTenants, .readFleet, .readPlatformKeys, .editPlatformKeys, .readPlatformAuditLog,
        .readPlatformUsers,
        .editPlatformUsers,
      ]
    case .support: [.readTenants, .readFleet]
    }
  }

  package static let tenantRoles: [Role] = [.viewer, .agent, .marketer, .admin, .owner]
}
