import ControlPlane
import TenantRuntime
import Testing

@Suite struct RoleTests {
  @Test func eachRoleMayDoWhatTheLowerOneMay() {
    for (lower, higher) in zip(Role.tenantRoles, Role.tenantRoles.dropFirst()) {
      #expect(higher.permissions.isStrictSuperset(of: lower.permissions))
    }
  }

  @Test func nobodyBelowAdminReadsKeysOrTheAuditLog() {
    for role in [Role.viewer, .agent, .marketer] {
      #expect(role.permissions.isDisjoint(with: [.readAPIKeys, .readAuditLog, .editAPIKeys]))
    }
  }

  @Test func aPlatformKeyHasNoAccessToTenantData() {
    #expect(Role.platform.permissions.isDisjoint(with: Role.owner.permissions))
  }

  @Test func everyChangingRouteNeedsMoreThanAViewerHas() {
    // A preview is a question that is too long for an address.
    for route in SiteMap.all where "\(route.method)" != "GET" && !route.path.hasSuffix("preview") {
      #expect(!Role.viewer.permissions.contains(route.needs), "\(route.method) \(route.path)")
    }
    for route in SiteMap.account where "\(route.method)" != "GET" {
      #expect(!Role.marketer.permissions.contains(route.needs), "\(route.method) \(route.path)")
    }
  }
}
