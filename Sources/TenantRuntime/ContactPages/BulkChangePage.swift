import GRDB

/// What is being done to many people at once, while it is done.
struct BulkChangePage: Page {
  static let template = "contact-change"

  let title: String
  let state: String
  let isRunning: Bool
  let isDone: Bool
  let failure: String?
  let sentence: String
  let changed: String
  let lookedAt: String
  let total: String
  let bar: Drawing
  let who: String
  let isFinal: Bool

  @Sendable static func make(_ visit: Visit<Runtime>) async throws -> any Page {
    let id = try visit.id(of: "bulk change")
    let change = try await visit.subject.file.read { db in try BulkChange.find(db, id) }
    return BulkChangePage(change, visit.words)
  }

  init(_ change: JSON, _ words: Words) {
    let (seen, whole) = (change["looked_at"]?.int ?? 0, change["total"]?.int ?? 0)
    let state = change["state"]?.text ?? ""
    title = Self.title(change, words)
    self.state = words.name(state == "completed" ? "completed" : state)
    (isRunning, isDone, failure) = (state == "running", state == "completed", change["failure"]?.text)
    let count = change["changed"]?.int ?? 0
    sentence =
      switch change["action"]?.text {
      case "tag": words(count, one: "{0} person has got the tag", many: "{0} people have got the tag")
      case "untag": words(count, one: "{0} person has lost the tag", many: "{0} people have lost the tag")
      default: words(count, one: "{0} person is deleted", many: "{0} people are deleted")
      }
    (changed, lookedAt, total) = (words.number(count), words.number(min(seen, whole)), words.number(whole))
    let share = whole == 0 || isDone ? 1 : Double(seen) / Double(whole)
    bar = Chart(words).share(
      share, failure == nil ? "brand" : "stop",
      label: words("{0}% looked at", words.number(share * 100, decimals: 0)))
    let at = (change["created_at"]?.text).flatMap { Moment(iso8601: $0) }.map { words.time($0) } ?? ""
    who = words("Asked for {0} by {1}", at, words.actor(change["actor"]?.text) ?? "")
    isFinal = !isRunning
  }

  static func title(_ change: JSON, _ words: Words) -> String {
    let tag = change["tag"]?.text ?? ""
    switch change["action"]?.text {
    case "tag": return words("Tag “{0}”", tag)
    case "untag": return words("Take the tag “{0}” away", tag)
    default: return words("Delete people")
    }
  }
}

/// All of them, newest first.
struct BulkChangesPage: Page {
  static let template = "contact-changes"

  struct Change: Sendable {
    let path: String
    let title: String
    let state: String
    let isRunning: Bool
    let isFailed: Bool
    let changed: String
    let at: String
  }

  let title: String
  let changes: [Change]
  let hasChanges: Bool
  let pager: Pager?

  @Sendable static func make(_ visit: Visit<Runtime>) async throws -> any Page {
    let words = visit.words
    let page = try PageRequest(visit.call, shown: 50)
    let all = try await visit.subject.file.read { db in
      try BulkChange.latest(db, before: page.after, limit: page.limit + 1)
    }
    let changes = all.prefix(page.limit).map { change in
      Change(
        path: "\(visit.base)/contacts/changes/\(change["id"]?.int ?? 0)", title: BulkChangePage.title(change, words),
        state: words.name(change["state"]?.text ?? ""), isRunning: change["state"] == "running",
        isFailed: change["state"] == "failed", changed: words.number(change["changed"]?.int ?? 0),
        at: (change["created_at"]?.text).flatMap { Moment(iso8601: $0) }.map { words.short($0) } ?? "")
    }
    return BulkChangesPage(
      title: words("Bulk changes"), changes: changes, hasChanges: !changes.isEmpty,
      pager: Pager(visit, next: page.next(after: all.map { $0["id"]?.int ?? 0 })))
  }
}
