import ControlPlane
import TenantRuntime

/// Copies of tenants' files: which there are, one more, and how one is put back.
struct BackupsPage: Page {
  static let template = "backups"

  struct Backup: Sendable {
    let tenant: String
    let name: String
    let size: String
    let at: String
    /// The line that puts it back.
    let command: String
  }

  let title: String
  let backups: [Backup]
  let hasBackups: Bool
  let tenant: String
  let tenants: [Choice]
  let isFiltered: Bool
  let pager: Pager?
  let lacking: String?
  let unreadable: String?
  let mayEdit: Bool

  @Sendable static func make(_ visit: Visit<ControlPlane>) async throws -> any Page {
    let words = visit.words
    let tenant = visit.query("tenant") ?? ""
    let backups = visit.subject.commands.backups
    let page = try PageRequest(visit.call, shown: 50)
    let copies = try await backups.page(
      of: tenant.isEmpty ? nil : tenant, behind: page.isFirst ? .max : page.after, atMost: page.limit + 1)
    let keys = visit.subject.routing.tenants.keys.sorted()
    let with = try await backups.tenants()
    let closed = try await backups.unreadable()
    let without = Int64(keys.count { !with.contains($0) })
    return BackupsPage(
      title: words("Backups"),
      backups: copies.prefix(page.limit).map { copy in
        Backup(
          tenant: copy.tenant, name: copy.name, size: words.bytes(copy.bytes), at: words.time(copy.madeAt),
          command: "roundhouse restore \(copy.tenant) --from backups/\(copy.tenant)/\(copy.name)")
      }, hasBackups: !copies.isEmpty, tenant: tenant,
      tenants: keys.prefix(1_000).map { Choice($0, $0, chosen: visit.field("tenant", tenant)) },
      isFiltered: !tenant.isEmpty,
      pager: Pager(visit, next: page.next(after: copies.map(\.place))),
      lacking: without == 0
        ? nil : words(without, one: "{0} tenant has no backup here.", many: "{0} tenants have no backup here."),
      unreadable: closed.isEmpty
        ? nil
        : words(
          "These folders of backups cannot be read, and are left out of the list: {0}",
          closed.map { "backups/\($0)" }.joined(separator: ", ")), mayEdit: visit.may(.editTenants))
  }
}
