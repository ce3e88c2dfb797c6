/// What a route needs. One enum for the whole product; a role is a set of these (ControlPlane/Access/Role.swift).
package enum Permission: String, CaseIterable, Sendable {
  // Tenant side.
  case readContacts, editContacts, editConsent
  case readImports, runImports
  case readCampaigns, editCampaigns, launchCampaigns
  case readLinks, editLinks
  case readReports
  case readMessages, writeMessages
  case readSettings, editSettings, editNumbers, editBudgets, throwKillSwitch, editWebhooks
  case readUsers, editUsers, readAPIKeys, editAPIKeys, readAuditLog
  case readInvoices, deleteTenant
  // Platform side.
  case readTenants, editTenants, readFleet
}

/// Who is asking, once the router has checked it.
package struct Actor: Sendable, Equatable {
  /// As written into audit rows: `key:rh_ab12…`, `user:17`, `command`.
  package var name: String
  package var permissions: Set<Permission>

  package init(name: String, permissions: Set<Permission>) {
    self.name = name
    self.permissions = permissions
  }
}
