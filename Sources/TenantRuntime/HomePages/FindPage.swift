import GRDB

/// What has a word or a number, a few of each kind.
struct FindPage: Page {
  static let template = "find"

  struct Group: Sendable {
    let name: String
    let icon: String
    let hits: [Hit]
  }

  struct Hit: Sendable {
    let path: String
    let title: String
    let detail: String
  }

  let title: String
  let words: String
  let groups: [Group]
  let hasGroups: Bool
  let isAsked: Bool

  private static let places: [Finder.Kind: String] = [
    .contact: "contacts", .campaign: "campaigns", .audience: "audiences", .link: "links", .number: "numbers",
    .template: "templates",
  ]
  private static let names: [Finder.Kind: String] = [
    .contact: "People", .campaign: "Campaigns", .audience: "Audiences", .link: "Links", .number: "Numbers",
    .template: "Templates",
  ]

  @Sendable static func make(_ visit: Visit<Runtime>) async throws -> any Page {
    let words = visit.words
    let typed = String((visit.query("q") ?? "").unicodeScalars.prefix(Finder.longest).map(Character.init))
    let base = "/t/\(visit.subject.lease.tenant)/"
    let kinds = Finder.Kind.allCases.filter { visit.may($0.needs) }
    let finder = Finder(typed)
    let groups = try await visit.subject.file.read { db in
      try kinds.compactMap { kind -> Group? in
        let hits = try finder?.find(db, kind) ?? []
        if hits.isEmpty { return nil }
        return Group(
          name: words(names[kind] ?? ""), icon: "",
          hits: hits.map { hit in
            let id = hit["id"]?.int.map(String.init) ?? hit["id"]?.text ?? ""
            return Hit(
              path: base + (places[kind] ?? "") + "/" + id, title: hit["title"]?.text ?? id,
              detail: kind == .campaign ? words.name(hit["detail"]?.text ?? "") : hit["detail"]?.text ?? "")
          })
      }
    }
    return FindPage(
      title: words("Find"), words: typed, groups: groups, hasGroups: !groups.isEmpty, isAsked: finder != nil)
  }
}
