extension PageLibrary {
  /// Templates of pages that are the router's own.
  static let own: [String: [UInt8]] = [
    "audit": PackageResources.audit_mustache,
    "backups": PackageResources.backups_mustache,
    "brands": PackageResources.brands_mustache,
    "fleet": PackageResources.fleet_mustache,
    "fleet-alerts": PackageResources.fleet_alerts_mustache,
    "fleet-figures": PackageResources.fleet_figures_mustache,
    "health": PackageResources.health_mustache,
    "health-state": PackageResources.health_state_mustache,
    "hosts": PackageResources.hosts_mustache,
    "keys": PackageResources.keys_mustache,
    "kit": PackageResources.kit_mustache,
    "profile": PackageResources.profile_mustache,
    "second-factor": PackageResources.second_factor_mustache,
    "sure": PackageResources.sure_mustache,
    "team": PackageResources.team_mustache,
    "tenant": PackageResources.tenant_mustache,
    "tenant-account": PackageResources.tenant_account_mustache,
    "tenant-new": PackageResources.tenant_new_mustache,
    "tenants": PackageResources.tenants_mustache,
    "usage": PackageResources.usage_mustache,
    "user": PackageResources.user_mustache,
    "users": PackageResources.users_mustache,
  ]
}
