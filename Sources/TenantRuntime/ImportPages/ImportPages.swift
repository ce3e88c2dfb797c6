import GRDB

package enum ImportPages {
  package static let all: [PageView<Runtime>] = [
    PageView("imports", needs: .readImports, ImportListPage.make),
    PageView("imports/new", needs: .runImports, ImportNewPage.make),
    PageView("imports/:id", needs: .readImports, live: ["state"], ImportPage.make),
  ]
}

/// Every file that was tried or imported, newest first.
struct ImportListPage: Page {
  static let template = "imports"

  struct Entry: Sendable {
    let path: String
    let name: String
    let state: String
    let signal: String
    let isLive: Bool
    let created: String
    let updated: String
    let rejected: String
    let who: String?
    let at: String
  }

  let title: String
  let imports: [Entry]
  let hasImports: Bool
  let isEmpty: Bool
  let pager: Pager?
  let mayRun: Bool

  @Sendable static func make(_ visit: Visit<Runtime>) async throws -> any Page {
    let words = visit.words
    let page = try PageRequest(visit.call, shown: 50)
    let all = try await visit.subject.file.read { db in
      try ImportBatch.latest(db, before: page.after, limit: page.limit + 1)
    }
    let imports = all.prefix(page.limit).map { batch in
      let (state, signal) = ImportPage.state(batch, words)
      let said = JSON.object(batch.members)
      return Entry(
        path: "\(visit.base)/imports/\(batch.id)", name: ImportPage.name(batch, words), state: state, signal: signal,
        isLive: batch.state == .checking || batch.state == .applying,
        created: words.number(said["created"]?.int ?? 0), updated: words.number(said["updated"]?.int ?? 0),
        rejected: words.number(said["rejected"]?.int ?? 0), who: words.actor(said["actor"]?.text),
        at: words.short(batch.createdAt))
    }
    return ImportListPage(
      title: words("Imports"), imports: imports, hasImports: !imports.isEmpty,
      isEmpty: imports.isEmpty && visit.query("cursor") == nil,
      pager: Pager(visit, next: page.next(after: all.map(\.id))), mayRun: visit.may(.runImports))
  }
}

/// Choosing the file, and the questions that it cannot answer.
struct ImportNewPage: Page {
  static let template = "import-new"
  let title: String
  let audiences: [String]
  let tags: [String]
  let today: String
  /// It was refused: what was said beside the file is there still, the file is not.
  let isAgain: Bool
  let source: String
  let wording: String
  let date: String
  let tag: String
  let audience: String
  let country: String
  let encoding: String
  let map: String
  let conflicts: [Choice]

  private static let rules = [
    ("overwrite", "the file wins"), ("fill", "only fill blanks"), ("keep", "keep ours"),
  ]

  @Sendable static func make(_ visit: Visit<Runtime>) async throws -> any Page {
    let words = visit.words
    return try await visit.subject.file.read { db in
      ImportNewPage(
        title: words("Import a file"),
        audiences: try Audience.all(db, after: 0, limit: 200).map(\.name),
        tags: try String.fetchAll(db.cachedStatement(sql: "SELECT name FROM tags ORDER BY folded LIMIT 500")),
        today: String(words.field(words.now).prefix(10)), isAgain: visit.typed.contains { $0.name == "consent_source" },
        source: visit.field("consent_source", nil), wording: visit.field("consent_wording", nil),
        date: visit.field("consent_date", nil), tag: visit.field("tags", nil),
        audience: visit.field("audience", nil), country: visit.field("country", nil),
        encoding: visit.field("encoding", nil), map: visit.field("map", nil),
        conflicts: rules.map { Choice($0, words($1), chosen: visit.field("on_conflict", "overwrite")) })
    }
  }
}
