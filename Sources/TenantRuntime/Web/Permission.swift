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
