extension PageLibrary {
  /// Templates of pages that are the router's own.
  static let own: [String: [UInt8]] = [
    "audit": PackageResources.audit_mustache,
    "fleet": PackageResources.fleet_mustache,
    "hosts": PackageResources.hosts_mustache,
    "keys": PackageResources.keys_mustache,
    "profile": PackageResources.profile_mustache,
    "second-factor": PackageResources.second_factor_mustache,
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
