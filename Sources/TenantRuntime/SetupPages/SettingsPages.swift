import GRDB

/// Where settings are found, in groups.
struct SettingsPage: Page {
  static let template = "settings"

  struct Entry: Sendable {
    let name: String
    let about: String
    let path: String
  }

  struct Part: Sendable {
    let id: String
    let name: String
    let entries: [Entry]
  }

  let title: String
  let parts: [Part]

  @Sendable static func make(_ visit: Visit<Runtime>) async throws -> any Page {
    let words = visit.words
    let base = "/t/\(visit.subject.lease.tenant)/"
    func entry(_ name: String, _ about: String, _ path: String, _ needs: Permission = .readSettings) -> Entry? {
      visit.may(needs) ? Entry(name: words(name), about: words(about), path: base + path) : nil
    }
    let sending = SettingsGroup.all.map { Entry(name: words($0.name), about: words($0.about), path: base + $0.path) }
    let parts: [(String, String, [Entry?])] = [
      (
        "how", "How texts leave",
        sending + [
          entry("Templates", "Saved texts that campaigns begin with", "templates", .readCampaigns),
          entry("Budget and kill switch", "Limits of a day and a month; stop every text", "budget", .readCampaigns),
        ]
      ),
      (
        "systems", "Other systems",
        [
          entry("Webhooks", "Your own systems hear of every text, click and answer", "settings/webhooks"),
          entry("History", "Everything that has happened, as webhooks tell it", "settings/events", .readMessages),
          entry("Link hosts", "Your own domain for short links", "settings/hosts"),
          entry("API keys", "For programs of yours", "settings/keys", .readAPIKeys),
        ]
      ),
      (
        "people", "People and accounts",
        [
          entry("Team", "Who works here, and what they may do", "settings/team", .readUsers),
          entry("Audit log", "Who changed what, and when", "settings/audit", .readAuditLog),
          entry("Business", "Its name, what it may use, its account with Twilio, its end", "settings/account"),
        ]
      ),
    ]
    return SettingsPage(
      title: words("Settings"),
      parts: parts.map { Part(id: $0.0, name: words($0.1), entries: $0.2.compactMap { $0 }) }.filter {
        !$0.entries.isEmpty
      })
  }
}

/// Members of `PATCH settings` that belong together.
struct SettingsGroup: Sendable {
  let path: String
  let name: String
  let about: String
  let sections: @Sendable (SettingForm) -> [SettingSection]

  var view: PageView<Runtime> {
    PageView(path, needs: .readSettings) { visit in try await SettingsGroupPage.make(visit, self) }
  }

  static let all: [SettingsGroup] = [
    .general, .hours, .sending, .prices, .words, .linkPage, .retention,
  ]
}

struct SettingsGroupPage: Page {
  static let template = "settings-group"

  struct Add: Sendable {
    let path: String
    let label: String
    let about: String
  }

  let title: String
  let about: String
  let path: String
  let etag: String
  let sections: [SettingSection]
  let add: Add?
  let mayEdit: Bool

  static func make(_ visit: Visit<Runtime>, _ group: SettingsGroup) async throws -> any Page {
    let words = visit.words
    let settings = try await visit.subject.file.read { db in try TenantSettings.read(db) }
    let path = "/t/\(visit.subject.lease.tenant)/\(group.path)"
    return SettingsGroupPage(
      title: words(group.name), about: words(group.about), path: path,
      etag: EntityTag(of: JSON.object(settings.members).serialized.utf8).text,
      sections: group.sections(SettingForm(visit, settings)),
      add: group.path == SettingsGroup.prices.path && visit.may(.editSettings)
        ? Add(
          path: path, label: words("Another calling code"),
          about: words("Without the plus: 44 for Great Britain, 1787 for Puerto Rico.")) : nil,
      mayEdit: visit.may(.editSettings))
  }
}
