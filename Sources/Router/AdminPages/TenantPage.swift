import ControlPlane
import Hummingbird
import TenantRuntime

/// One tenant, as the operator has it.
struct TenantPage: Page {
  static let template = "tenant"

  struct Quota: Sendable {
    let field: String
    let name: String
    let used: String
    let limit: String
  }

  struct Key: Sendable {
    let id: String
    let name: String
    let used: String
  }

  let title: String
  let key: String
  let name: String
  let kind: String
  let state: String
  let reason: String?
  let zone: String
  let numbers: [String]
  let hosts: [String]
  let brands: [String]
  let quotas: [Quota]
  let sid: String?
  let hasFormer: Bool
  let keys: [Key]
  let isActive: Bool
  let isPaused: Bool
  let isSuspended: Bool
  let isArchived: Bool
  let deleteAfter: String?
  let mayEdit: Bool
  let newNumber: String
  let newHost: String

  @Sendable static func make(_ visit: Visit<ControlPlane>) async throws -> any Page {
    let words = visit.words
    let key = visit.call.parameters.get("key") ?? ""
    let tenant = try await visit.answer("tenants/\(key)")
    let state = tenant.text("state")
    let isThere = state != "archived"
    let quotas = try await visit.answer("tenants/\(key)/quotas")["quotas"]?.list ?? []
    let provider = isThere ? try await visit.answer("tenants/\(key)/twilio-account") : .null
    let keys = try await visit.answer("tenants/\(key)/api-keys", query: "limit=50").rows
    return TenantPage(
      title: tenant.text("name"), key: key, name: visit.field("name", tenant.text("name")),
      kind: state == "active" ? "go" : state == "damaged" ? "stop" : "wait", state: words.name(state),
      reason: tenant["reason"]?.text, zone: tenant.text("time_zone"),
      numbers: tenant["numbers"]?.list?.compactMap(\.text) ?? [],
      hosts: tenant["hosts"]?.list?.compactMap(\.text) ?? [],
      brands: try await visit.answer("brands").rows.map { $0.text("brand") },
      quotas: quotas.map { row in
        Quota(
          field: row.text("name"), name: words.name(row.text("name")), used: row["used"]?.int.map(words.number) ?? "–",
          limit: visit.field(row.text("name"), row["limit"]?.int.map(String.init)))
      }, sid: provider["account_sid"]?.text, hasFormer: provider["has_former_token"]?.bool ?? false,
      keys: keys.filter { $0.text("state") == "active" }.map {
        Key(id: $0.text("id"), name: $0.text("name"), used: $0.moment("last_used_at").map(words.ago) ?? words("never"))
      }, isActive: state == "active", isPaused: state == "paused", isSuspended: state == "suspended",
      isArchived: state == "archived", deleteAfter: tenant.moment("delete_after").map(words.time),
      mayEdit: visit.may(.editTenants), newNumber: visit.field("number", nil), newHost: visit.field("host", nil))
  }
}

/// What each tenant may use, and uses.
struct UsagePage: Page {
  static let template = "usage"

  struct Line: Sendable {
    let key: String
    let name: String
    let uses: [String]
  }

  let title: String
  let heads: [String]
  let lines: [Line]
  let more: String?

  private static let most = 50

  @Sendable static func make(_ visit: Visit<ControlPlane>) async throws -> any Page {
    let words = visit.words
    let tenants = visit.subject.routing.tenants.values.filter { $0.state != .archived }.sorted { $0.key < $1.key }
    var lines: [Line] = []
    var heads: [String] = []
    for tenant in tenants.prefix(most) {
      let quotas = try await visit.answer("tenants/\(tenant.key)/quotas")["quotas"]?.list ?? []
      if heads.isEmpty { heads = quotas.map { words.name($0.text("name")) } }
      lines.append(
        Line(
          key: tenant.key, name: tenant.name,
          uses: quotas.map { row in
            (row["used"]?.int.map(words.number) ?? "–") + (row["limit"]?.int.map { " / " + words.number($0) } ?? "")
          }))
    }
    return UsagePage(
      title: words("Usage"), heads: heads, lines: lines,
      more: tenants.count > most
        ? words("The first {0} of {1} tenants", words.number(Int64(most)), words.number(Int64(tenants.count))) : nil)
  }
}

struct UsersPage: Page {
  static let template = "users"

  struct User: Sendable {
    let id: String
    let email: String
    let name: String?
    let role: String?
    let tenants: String
    let kind: String
    let state: String
    let seen: String
  }

  let title: String
  let users: [User]
  let email: String
  let roles: [Choice]
  let mayEdit: Bool
  let next: String?

  @Sendable static func make(_ visit: Visit<ControlPlane>) async throws -> any Page {
    let words = visit.words
    let cursor = visit.query("cursor").map { [(name: "cursor", value: $0)] } ?? []
    let answer = try await visit.answer("users", query: FormBody.encoded([(name: "limit", value: "50")] + cursor))
    return UsersPage(
      title: words("Users"), users: answer.rows.map { UserPage.line($0, words) }, email: visit.field("email", nil),
      roles: ["admin", "support"].map { Choice($0, words.name($0 == "admin" ? "platform" : $0), chosen: "support") },
      mayEdit: visit.may(.editPlatformUsers),
      next: answer["next_cursor"]?.text.map { "/admin/users?" + FormBody.encoded([(name: "cursor", value: $0)]) })
  }
}

struct UserPage: Page {
  static let template = "user"
  let title: String
  let user: UsersPage.User
  let roles: [Choice]
  let isSuspended: Bool
  let hasFactor: Bool
  let memberships: [String]
  let mayEdit: Bool

  static func line(_ row: JSON, _ words: Words) -> UsersPage.User {
    // Someone who may sign in and never has.
    let isNew = row.text("state") == "active" && row.moment("signed_in_at") == nil
    return UsersPage.User(
      id: row["id"]?.int.map(String.init) ?? "", email: row.text("email"), name: row["name"]?.text,
      role: row["platform_role"]?.text.map { words.name($0 == "admin" ? "platform" : $0) },
      tenants: row["tenants"]?.list?.prefix(4).map { $0.text("key") }.joined(separator: ", ") ?? "",
      kind: isNew ? "wait" : row.text("state") == "active" ? "go" : "stop",
      state: words.name(isNew ? "invited" : row.text("state")),
      seen: row.moment("signed_in_at").map(words.ago) ?? "–")
  }

  @Sendable static func make(_ visit: Visit<ControlPlane>) async throws -> any Page {
    let words = visit.words
    let row = try await visit.answer("users/\(try visit.id(of: "user"))")
    return UserPage(
      title: row.text("email"), user: line(row, words),
      roles: [("", words("none")), ("admin", words.name("platform")), ("support", words.name("support"))].map {
        Choice($0.0, $0.1, chosen: row["platform_role"]?.text ?? "")
      }, isSuspended: row.text("state") == "suspended", hasFactor: row["second_factor"]?.bool ?? false,
      memberships: row["tenants"]?.list?.map {
        "\($0.text("key")): \(words.name($0.text("role"))), \(words.name($0.text("state")))"
      } ?? [],
      mayEdit: visit.may(.editPlatformUsers))
  }
}
