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
  let more: String?
  let lacking: String?
  let mayEdit: Bool

  private static let shown = 100

  @Sendable static func make(_ visit: Visit<ControlPlane>) async throws -> any Page {
    let words = visit.words
    let tenant = visit.query("tenant") ?? ""
    let all = try await visit.answer("backups").rows
    let rows = all.filter { tenant.isEmpty || $0.text("tenant") == tenant }
    let keys = visit.subject.routing.tenants.keys.sorted()
    let with = Set(all.map { $0.text("tenant") })
    let without = Int64(keys.count { !with.contains($0) })
    return BackupsPage(
      title: words("Backups"),
      backups: rows.prefix(shown).map { row in
        let (key, name) = (row.text("tenant"), row.text("name"))
        return Backup(
          tenant: key, name: name, size: words.bytes(row["bytes"]?.int ?? 0),
          at: row.moment("made_at").map(words.time) ?? "",
          command: "roundhouse restore \(key) --from backups/\(key)/\(name)")
      }, hasBackups: !rows.isEmpty, tenant: tenant,
      tenants: keys.prefix(1_000).map { Choice($0, $0, chosen: visit.field("tenant", tenant)) },
      isFiltered: !tenant.isEmpty,
      more: rows.count > shown
        ? words("The newest {0} of {1}", words.number(Int64(shown)), words.number(Int64(rows.count))) : nil,
      lacking: without == 0
        ? nil : words(without, one: "{0} tenant has no backup here.", many: "{0} tenants have no backup here."),
      mayEdit: visit.may(.editTenants))
  }
}
