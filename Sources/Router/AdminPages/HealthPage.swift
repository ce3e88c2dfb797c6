import ControlPlane
import TenantRuntime

/// How this node stands: what waits, what fails, what is left of the disk.
struct HealthPage: Page {
  static let template = "health"

  struct Check: Sendable {
    let name: String
    let kind: String
    let state: String
  }

  struct Failing: Sendable {
    let place: String
    let path: String?
    let work: String
    let count: String
  }

  let title: String
  let checks: [Check]
  let waits: [Check]
  let failing: [Failing]
  let hasFailing: Bool

  @Sendable static func make(_ visit: Visit<ControlPlane>) async throws -> any Page {
    let words = visit.words
    let health = try await visit.answer("health")
    func count(_ part: String, _ name: String) -> Int64 { health[part]?[name]?.int ?? 0 }
    func check(_ name: String, _ kind: String, _ state: String) -> Check { Check(name: name, kind: kind, state: state) }
    let writes = health["intake"]?["writes"]?.bool ?? false
    let (free, size) = (count("disk", "free_bytes"), count("disk", "size_bytes"))
    let isTight = size > 0 && free * 10 < size
    let (mails, redis) = (health["sends_mail"]?.bool ?? false, health["shares_limits"]?.bool ?? false)
    let named = health["intake"]?["waiting"]?.list?.compactMap(\.text).prefix(5).joined(separator: ", ") ?? ""
    let behind = count("intake", "waiting_tenants")
    let retried = count("mails", "retried")
    let failing = (health["failing"]?.list ?? []).map { row in
      let tenant = row["tenant"]?.text
      return Failing(
        place: tenant ?? words("The platform"), path: tenant.map { "/admin/tenants/\($0)" },
        work: words.name(Self.plain(row.text("work"))),
        count: words(row["failures"]?.int ?? 0, one: "{0} time in a row", many: "{0} times in a row"))
    }
    return HealthPage(
      title: words("Health"),
      checks: [
        check(
          words("The intake writes what comes in to the disk"), writes ? "go" : "stop",
          writes ? words("yes") : words("no: is the disk full?")),
        check(
          words("Free on the disk of the data folder"), isTight ? "stop" : "go",
          words("{0} of {1}", words.bytes(free), words.bytes(size))),
        check(
          words("Mails leave by SMTP"), mails ? "go" : "wait",
          mails ? words("yes") : words("no: they stand in the log")),
        check(
          words("Redis shares limits with other nodes"), redis ? "go" : "",
          redis ? words("yes") : words("not set up: one node")),
      ],
      waits: [
        check(
          words("Tenants with events that their file does not have yet"), behind > 0 ? "wait" : "",
          words.number(behind) + (named.isEmpty ? "" : ": \(named)")),
        check(
          words("Turns that run, wait for a slot, wait for their time"), "",
          ["running", "ready", "timed"].map { words.number(count("turns", $0)) }.joined(separator: " · ")),
        check(
          words("Tenant files open"), "",
          words("{0} of {1}", words.number(count("files", "open")), words.number(count("files", "most")))),
        check(
          words("Mails on their way"), retried > 0 ? "wait" : "",
          words("{0}, of which {1} were refused before", words.number(count("mails", "waiting")), words.number(retried))
        ),
        check(
          words("Commands that wait for this server"), "", words.number(health["commands_waiting"]?.int ?? 0)),
      ], failing: failing, hasFailing: !failing.isEmpty)
  }

  /// `sendingMail` → `sending_mail`
  private static func plain(_ name: String) -> String {
    name.replacing(/[A-Z]/) { match in "_" + match.0.lowercased() }
  }
}
