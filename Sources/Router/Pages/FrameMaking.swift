import ControlPlane
import TenantRuntime

/// Where one can go, as far as one may.
extension Frame {
  private static func entry(
    _ name: String, _ icon: String, _ path: String, here: String, words: Words, count: Int64 = 0, isSoft: Bool = false,
    key: String? = nil
  ) -> Entry {
    Entry(
      name: words(name), icon: Drawing(PageLibrary.icon(icon, .here)), path: path,
      isHere: path.split(separator: "/").count <= 2 ? here == path : here.hasPrefix(path),
      count: count > 0 ? words.number(count) : nil, isSoft: isSoft, key: key)
  }

  static func groups(
    of tenant: String, _ visitor: Visitor, _ standing: TenantStanding, here: String, words: Words
  ) -> [Group] {
    let base = "/t/\(tenant)/"
    func entry(
      _ name: String, _ icon: String, _ path: String, _ needs: Permission, count: Int64 = 0, isSoft: Bool = false,
      key: String? = nil
    ) -> Entry? {
      guard visitor.may(needs) else { return nil }
      return Self.entry(name, icon, base + path, here: here, words: words, count: count, isSoft: isSoft, key: key)
    }
    return [
      Group(
        name: nil,
        entries: [
          entry("Home", "house-door", "", .readCampaigns, key: "g h"),
          entry("Inbox", "inbox", "inbox", .readMessages, count: standing.unread, key: "g i"),
          entry("Campaigns", "megaphone", "campaigns", .readCampaigns, key: "g c"),
          entry("Reports", "bar-chart", "reports", .readReports, key: "g r"),
        ].compactMap { $0 }),
      Group(
        name: words("People"),
        entries: [
          entry("Contacts", "people", "contacts", .readContacts, key: "g p"),
          entry("Audiences", "filter", "audiences", .readContacts),
          entry("Imports", "filetype-csv", "imports", .readImports),
          entry("Opt-outs", "shield-slash", "opt-outs", .readContacts, count: standing.reviews, isSoft: true),
        ].compactMap { $0 }),
      Group(
        name: words("Setup"),
        entries: [
          entry("Links", "link-45deg", "links", .readLinks),
          entry("Numbers", "telephone", "numbers", .readCampaigns),
          entry("Budget", "wallet2", "budget", .readCampaigns),
          entry("Settings", "gear", "settings", .readSettings),
        ].compactMap { $0 }),
    ].filter { !$0.entries.isEmpty }
  }

  static func tabs(of tenant: String, _ visitor: Visitor, _ standing: TenantStanding, here: String, words: Words)
    -> [Entry]
  {
    let base = "/t/\(tenant)/"
    let all: [(String, String, String, Permission, Int64)] = [
      ("Home", "house-door", "", .readCampaigns, 0), ("Contacts", "people", "contacts", .readContacts, 0),
      ("Campaigns", "megaphone", "campaigns", .readCampaigns, 0),
      ("Inbox", "inbox", "inbox", .readMessages, standing.unread), ("More", "list", "more", .readCampaigns, 0),
    ]
    return all.filter { visitor.may($0.3) }.map { name, icon, path, _, count in
      entry(name, icon, base + path, here: here, words: words, count: count)
    }
  }

  static func adminGroups(_ visitor: Visitor, here: String, words: Words) -> [Group] {
    let all: [(String, String, String, Permission)] = [
      ("Fleet", "house-door", "", .readFleet), ("Tenants", "building", "tenants", .readTenants),
      ("Users", "people", "users", .readPlatformUsers), ("Keys", "lock", "keys", .readPlatformKeys),
      ("Usage", "wallet2", "usage", .readTenants), ("Brands", "megaphone", "brands", .readTenants),
      ("Backups", "archive", "backups", .readTenants), ("Health", "lightning-charge", "health", .readFleet),
      ("Audit log", "clock-history", "audit", .readPlatformAuditLog),
    ]
    let entries = all.filter { visitor.may($0.3) }.map { name, icon, path, _ in
      entry(name, icon, "/admin/" + path, here: here, words: words)
    }
    return [Group(name: nil, entries: entries)]
  }
}
