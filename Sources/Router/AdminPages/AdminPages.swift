import ControlPlane
import TenantRuntime

/// Pages of the platform's own staff.
enum AdminPages {
  static let all: [PageView<ControlPlane>] = [
    PageView("", needs: .readFleet, live: ["alerts", "figures"], FleetPage.make),
    PageView("tenants", needs: .readTenants, TenantListPage.make),
    PageView("tenants/new", needs: .editTenants, TenantNewPage.make),
    PageView("tenants/:key", needs: .readTenants, TenantPage.make),
    PageView("users", needs: .readPlatformUsers, UsersPage.make),
    PageView("users/:id", needs: .readPlatformUsers, UserPage.make),
    PageView("keys", needs: .readPlatformKeys) { visit in
      try await KeysPage.make(visit, roles: [.platform], may: .editPlatformKeys, isPlatform: true) {
        try await visit.answer("api-keys", query: $0)
      }
    },
    PageView("backups", needs: .readTenants, BackupsPage.make),
    PageView("brands", needs: .readTenants, BrandsPage.make),
    PageView("usage", needs: .readTenants, UsagePage.make),
    PageView("health", needs: .readFleet, live: ["state"], HealthPage.make),
    PageView("audit", needs: .readPlatformAuditLog) { visit in
      try await AuditPage.make(visit, at: "/admin/audit", csv: "/api/v1/admin/audit-log.csv") {
        try await visit.answer("audit-log", query: $0)
      }
    },
  ]
}

/// All tenants at a glance, and the switch that stops every text.
struct FleetPage: Page {
  static let template = "fleet"

  struct Figure: Sendable {
    let name: String
    let value: String
    let path: String
  }

  struct Alert: Sendable {
    let kind: String
    let sentence: String
    let path: String
  }

  let title: String
  let figures: [Figure]
  let alerts: [Alert]
  let isStopped: Bool
  let stoppedBecause: String?
  let mayEdit: Bool

  @Sendable static func make(_ visit: Visit<ControlPlane>) async throws -> any Page {
    let words = visit.words
    let tenants = visit.subject.routing.tenants.values.sorted { $0.key < $1.key }
    let states = Dictionary(grouping: tenants, by: \.state.rawValue)
    let order = ["active", "pausing", "paused", "suspended", "archived", "damaged"]
    let kill = try await visit.answer("kill-switch")
    let health = try await visit.answer("health")
    let failing = health["failing"]?.list?.count ?? 0
    let behind = health["intake"]?["waiting_tenants"]?.int ?? 0
    let now = [
      (words("Files open"), health["files"]?["open"]?.int ?? 0),
      (words("Turns that run"), health["turns"]?["running"]?.int ?? 0),
      (words("Tenants behind"), behind), (words("Turns that fail"), Int64(failing)),
    ]
    let alerts = tenants.filter { [.damaged, .suspended, .paused].contains($0.state) }.prefix(20).map { tenant in
      Alert(
        kind: tenant.state == .damaged ? "stop" : "wait",
        sentence: "\(tenant.name): \(words.name(tenant.state.rawValue))\(tenant.reason.map { ", " + $0 } ?? "")",
        path: "/admin/tenants/\(tenant.key)")
    }
    return FleetPage(
      title: words("Fleet"),
      figures: order.filter { $0 == "active" || states[$0] != nil }.map {
        Figure(
          name: words.name($0), value: words.number(Int64(states[$0]?.count ?? 0)), path: "/admin/tenants?state=\($0)")
      } + now.map { Figure(name: $0, value: words.number($1), path: "/admin/health") }, alerts: Array(alerts),
      isStopped: kill["on"]?.bool ?? false, stoppedBecause: kill["reason"]?.text,
      mayEdit: visit.may(.editTenants))
  }
}

struct TenantListPage: Page {
  static let template = "tenants"

  struct Tenant: Sendable {
    let key: String
    let name: String
    let kind: String
    let state: String
    let reason: String?
    let numbers: String
    let hosts: String
  }

  let title: String
  let tenants: [Tenant]
  let hasTenants: Bool
  let words: String
  let states: [Choice]
  let mayEdit: Bool
  let more: String?

  private static let most = 200

  @Sendable static func make(_ visit: Visit<ControlPlane>) async throws -> any Page {
    let words = visit.words
    let (state, search) = (visit.query("state"), visit.query("q")?.lowercased())
    let all = visit.subject.routing.tenants.values.filter { tenant in
      (state == nil || tenant.state.rawValue == state)
        && (search == nil || tenant.key.contains(search ?? "") || tenant.name.lowercased().contains(search ?? ""))
    }.sorted { $0.key < $1.key }
    let tenants = all.prefix(most).map { tenant in
      Tenant(
        key: tenant.key, name: tenant.name,
        kind: tenant.state == .active ? "go" : tenant.state == .damaged ? "stop" : "wait",
        state: words.name(tenant.state.rawValue), reason: tenant.reason,
        numbers: words.number(Int64(tenant.numbers.count)),
        hosts: tenant.linkHosts.prefix(2).joined(separator: ", "))
    }
    return TenantListPage(
      title: words("Tenants"), tenants: Array(tenants), hasTenants: !tenants.isEmpty, words: visit.query("q") ?? "",
      states: ["active", "pausing", "paused", "suspended", "archived", "damaged"].map {
        Choice($0, words.name($0), chosen: state)
      },
      mayEdit: visit.may(.editTenants),
      more: all.count > most ? words("{0} more: search for them", words.number(Int64(all.count - most))) : nil)
  }
}

struct TenantNewPage: Page {
  static let template = "tenant-new"
  let title: String
  let key: String
  let name: String
  let email: String
  let zone: String
  let sid: String

  @Sendable static func make(_ visit: Visit<ControlPlane>) async throws -> any Page {
    TenantNewPage(
      title: visit.words("A new tenant"), key: visit.field("key", nil), name: visit.field("name", nil),
      email: visit.field("owner_email", nil), zone: visit.field("time_zone", "America/New_York"),
      sid: visit.field("twilio_sid", nil))
  }
}
