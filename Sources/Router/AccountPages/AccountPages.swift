import ControlPlane
import HummingbirdCore
import TenantRuntime

/// Pages of a tenant that are about its account in the control plane: they are there while its file is paused, too.
enum AccountPages {
  static let all: [PageView<Account>] = [
    PageView("settings/team", needs: .readUsers, TeamPage.make),
    PageView("settings/keys", needs: .readAPIKeys, KeysPage.make),
    PageView("settings/hosts", needs: .readSettings, HostsPage.make),
    PageView("settings/audit", needs: .readAuditLog) { visit in
      try await AuditPage.make(
        visit, at: "/t/\(visit.subject.key)/settings/audit", csv: "/api/v1/tenants/\(visit.subject.key)/audit-log.csv"
      ) {
        try await visit.answer("audit-log", query: $0)
      }
    },
    PageView("settings/account", needs: .readSettings, TenantAccountPage.make),
  ]
}

/// Who works here, and when the operator's people may look in.
struct TeamPage: Page {
  static let template = "team"

  struct Member: Sendable {
    let id: String
    let email: String
    let name: String?
    let role: String
    let roles: [Choice]
    let kind: String
    let state: String
    let isInvited: Bool
    let isSuspended: Bool
    let isActive: Bool
    let isOwner: Bool
    let hasFactor: Bool
    let seen: String
    let isSelf: Bool
  }

  struct Grant: Sendable {
    let id: String
    let who: String
    let until: String
    let what: String
    let reason: String
    let isRunning: Bool
  }

  let title: String
  let members: [Member]
  let roles: [Choice]
  let email: String
  let grants: [Grant]
  let hasGrants: Bool
  let mayEdit: Bool
  let mayTransfer: Bool

  @Sendable static func make(_ visit: Visit<Account>) async throws -> any Page {
    let words = visit.words
    let own = visit.call.caller.signIn?.email
    func roles(_ chosen: String?) -> [Choice] {
      // Nobody gives what they do not have.
      let mine = visit.call.caller.permissions
      return Role.tenantRoles.filter { mine.isSuperset(of: $0.permissions) || $0.rawValue == chosen }
        .map { Choice($0.rawValue, words.name($0.rawValue), chosen: chosen) }
    }
    let members = try await visit.answer("users").rows.map { row in
      let state = row.text("state")
      return Member(
        id: row["id"]?.int.map(String.init) ?? "", email: row.text("email"), name: row["name"]?.text,
        role: words.name(row.text("role")), roles: roles(row.text("role")),
        kind: state == "active" ? "go" : state == "invited" ? "info" : "stop", state: words.name(state),
        isInvited: state == "invited", isSuspended: state == "suspended", isActive: state == "active",
        isOwner: row.text("role") == "owner", hasFactor: row["second_factor"]?.bool ?? false,
        seen: row.moment("signed_in_at").map(words.ago) ?? "–", isSelf: row.text("email") == own)
    }
    let grants = try await visit.answer("support-grants").rows.prefix(20).map { row in
      let until = row.moment("until")
      return Grant(
        id: row["id"]?.int.map(String.init) ?? "", who: row.text("granted_by"), until: until.map(words.time) ?? "",
        what: row["read_only"]?.bool == false ? words("may change things") : words("may look"),
        reason: row.text("reason"),
        isRunning: row["ended_at"]?.text == nil && (until ?? words.now) > words.now)
    }
    return TeamPage(
      title: words("Team"), members: members, roles: roles("marketer"), email: visit.field("email", nil),
      grants: Array(grants), hasGrants: !grants.isEmpty, mayEdit: visit.may(.editUsers),
      mayTransfer: visit.may(.deleteTenant))
  }
}

/// Keys that programs bring.
struct KeysPage: Page {
  static let template = "keys"

  struct Key: Sendable {
    let id: String
    let name: String
    let scope: String
    let kind: String
    let state: String
    let isLive: Bool
    let used: String
    let expires: String
    let made: String
  }

  let title: String
  let keys: [Key]
  let hasKeys: Bool
  let roles: [Choice]
  let permissions: [Choice]
  let name: String
  let isPlatform: Bool
  let mayEdit: Bool
  let next: String?

  @Sendable static func make(_ visit: Visit<Account>) async throws -> any Page {
    try await make(visit, roles: Role.tenantRoles, may: .editAPIKeys, isPlatform: false) {
      try await visit.answer("api-keys", query: $0)
    }
  }

  static func make<Subject>(
    _ visit: Visit<Subject>, roles: [Role], may: Permission, isPlatform: Bool, _ read: (String) async throws -> JSON
  ) async throws -> any Page {
    let words = visit.words
    let answer = try await read(
      FormBody.encoded([("limit", "50")] + (visit.query("cursor").map { [("cursor", $0)] } ?? [])))
    let keys = answer.rows.map { row in
      let state = row.text("state")
      let permissions = row["permissions"]?.list?.compactMap(\.text) ?? []
      return Key(
        id: row.text("id"), name: row.text("name"),
        scope: row["role"]?.text.map(words.name)
          ?? words(Int64(permissions.count), one: "{0} permission", many: "{0} permissions"),
        kind: state == "active" ? "go" : "stop", state: words.name(state), isLive: state == "active",
        used: row.moment("last_used_at").map(words.ago) ?? words("never"),
        expires: row.moment("expires_at").map(words.day) ?? words("never"),
        made: row.moment("created_at").map(words.short) ?? "")
    }
    let own = visit.call.caller.permissions
    return KeysPage(
      title: words("API keys"), keys: keys, hasKeys: !keys.isEmpty,
      roles: roles.map { Choice($0.rawValue, words.name($0.rawValue)) },
      permissions: Permission.allCases.filter(own.contains).map { Choice($0.rawValue, words.name($0.rawValue)) },
      name: visit.field("name", nil), isPlatform: isPlatform, mayEdit: visit.may(may),
      next: answer["next_cursor"]?.text.map { visit.call.request.uri.path + "?" + FormBody.encoded([("cursor", $0)]) })
  }
}

/// Names that short links live under.
struct HostsPage: Page {
  static let template = "hosts"

  struct Host: Sendable {
    let host: String
    let kind: String
    let state: String
    let isDefault: Bool
    let isPending: Bool
    let mayBeDefault: Bool
    let failure: String?
    let challenge: [Line]
  }

  struct Line: Sendable {
    let name: String
    let value: String
  }

  let title: String
  let hosts: [Host]
  let hasHosts: Bool
  let host: String
  let mayEdit: Bool

  @Sendable static func make(_ visit: Visit<Account>) async throws -> any Page {
    let words = visit.words
    let hosts = try await visit.answer("hosts").rows.map { row in
      let state = row.text("state")
      let isDefault = row["is_default"]?.bool ?? false
      return Host(
        host: row.text("host"), kind: state == "verified" ? "go" : "wait", state: words.name(state),
        isDefault: isDefault,
        isPending: state == "pending", mayBeDefault: state == "verified" && !isDefault,
        failure: row["last_check"]?["failure"]?.text,
        challenge: (row["challenge"]?.members ?? []).compactMap { name, value in
          value.text.map { Line(name: words.name(name), value: $0) }
        })
    }
    return HostsPage(
      title: words("Link hosts"), hosts: hosts, hasHosts: !hosts.isEmpty, host: visit.field("host", nil),
      mayEdit: visit.may(.editSettings))
  }
}

/// The business as the operator has it: name, what it may use, its account with the provider, its end.
struct TenantAccountPage: Page {
  static let template = "tenant-account"

  struct Use: Sendable {
    let name: String
    let used: String
    let most: String
    let bar: Drawing
  }

  let title: String
  let name: String
  let key: String
  let zone: String
  let uses: [Use]
  let sid: String?
  let sidField: String
  let hasFormer: Bool
  let mayEdit: Bool
  let mayProvider: Bool
  let mayEnd: Bool
  let deleteAfter: String?

  @Sendable static func make(_ visit: Visit<Account>) async throws -> any Page {
    let words = visit.words
    let account = try await visit.answer("account")
    let uses = try await visit.answer("quotas")["quotas"]?.list?.map { row in
      let (used, most) = (row["used"]?.int, row["limit"]?.int)
      let name = row.text("name")
      let share = most.map { $0 == 0 ? 1 : Double(used ?? 0) / Double($0) } ?? 0
      return Use(
        name: words.name(name), used: used.map(words.number) ?? "–", most: most.map(words.number) ?? words("no limit"),
        bar: most == nil || used == nil
          ? Drawing("")
          : Chart(words).share(share, share >= 1 ? "stop" : share >= 0.8 ? "wait" : "brand", label: words.name(name)))
    }
    let provider = try await visit.answer("twilio-account")
    return TenantAccountPage(
      title: words("Business"), name: visit.field("name", account.text("name")), key: account.text("key"),
      zone: account.text("time_zone"), uses: uses ?? [], sid: provider["account_sid"]?.text,
      sidField: visit.field("account_sid", provider["account_sid"]?.text),
      hasFormer: provider["has_former_token"]?.bool ?? false, mayEdit: visit.may(.editSettings),
      mayProvider: visit.may(.editNumbers), mayEnd: visit.may(.deleteTenant),
      deleteAfter: account.moment("delete_after").map(words.time))
  }
}
