import GRDB

/// One import at one address: checking, the look at what it would do, importing, done, taken back.
struct ImportPage: Page {
  static let template = "import"

  struct Progress: Sendable {
    let phase: String
    let sentence: String
    let left: String?
    let bar: Drawing
  }

  struct Outcome: Sendable {
    let bar: Drawing
    let created: String
    let updated: String
    let unchanged: String
    let rejected: String
    let inFields: String
    let optedOut: String?
    let isDone: Bool
  }

  struct Undo: Sendable {
    let sentence: String
    let kept: String?
    let keptPeople: [PageLink]
  }

  let title: String
  let id: String
  let state: String
  let signal: String
  let isLive: Bool
  let about: String
  let isFile: Bool
  let isLook: Bool
  let isEnd: Bool
  let progress: Progress?
  let waits: String?
  let failure: String?
  let outcome: Outcome?
  let notices: [ImportLookParts.Notice]
  let look: ImportLookParts?
  let undo: Undo?
  let isUndoing: Bool
  let mayUndo: Bool
  let mayCancel: Bool
  /// A dry run whose upload is still there.
  let mayImport: Bool
  let mayLookAgain: Bool
  let button: String
  let bar: String
  let isOver: Bool
  let isFinal: Bool
  let write: String?
  let contacts: String?

  @Sendable static func make(_ visit: Visit<Runtime>) async throws -> any Page {
    let id = try visit.id(of: "import")
    let progress = visit.subject.importProgress.json(id)
    return try await visit.subject.file.read { db in
      let batch = try ImportBatch.find(db, id: id)
      let ahead = try ImportBatch.open(db).map(\.id)
      return try ImportPage(db, batch, visit, progress: progress, ahead: ahead)
    }
  }

  private init(_ db: Database, _ batch: ImportBatch, _ visit: Visit<Runtime>, progress: JSON, ahead: Int64?) throws {
    let words = visit.words
    let said = JSON.object(batch.members)
    func count(_ name: String) -> Int64 { said[name]?.int ?? 0 }
    title = Self.name(batch, words)
    id = String(batch.id)
    (state, signal) = Self.state(batch, words)
    isLive = batch.state == .checking || batch.state == .applying
    let isRunning = isLive
    about = Self.about(batch, said, words)
    let isDry = batch.mode == .dryRun
    isFile = isRunning && isDry
    isLook = !isRunning && isDry
    isEnd = !isDry
    self.progress = isRunning ? Self.progress(progress, words) : nil
    waits =
      isRunning && ahead != nil && ahead != batch.id ? words("Import {0} goes first", String(ahead ?? 0)) : nil
    failure = said["failure"]?.text.map { Self.failure($0, words) }
    let hasOutcome = !isRunning && (batch.state != .failed || count("created") + count("updated") > 0)
    outcome = hasOutcome ? Self.outcome(batch, said, words) : nil
    notices = isRunning ? [] : ImportLookParts.notices(said, words)
    look = hasOutcome ? try ImportLookParts(db, batch, said, visit) : nil
    let taken = said["undo"]
    isUndoing = taken != nil && taken?["finished_at"]?.text == nil
    undo = try taken.map { try Self.undo(db, $0, visit) }
    let mayRun = visit.may(.runImports)
    let changes = count("created") + count("updated")
    mayUndo = mayRun && !isDry && taken == nil && !isRunning && changes > 0
    mayCancel = mayRun && isRunning
    let isOpen = isDry && batch.state == .completed && !batch.file.isEmpty
    mayLookAgain = mayRun && isOpen
    mayImport = mayLookAgain && changes + count("opted_out") > 0
    isOver = isDry && batch.state == .completed && batch.file.isEmpty
    button = words(changes, one: "Import {0} person", many: "Import {0} people")
    bar = words(
      "{0} new and {1} changed people. You can take it back until one of them is changed again.",
      words.number(count("created")), words.number(count("updated")))
    isFinal = !isRunning && !isUndoing
    let isThere = !isDry && batch.state != .undone && count("created") > 0
    write = isThere && visit.may(.editCampaigns) ? "\(visit.base)/campaigns/new?import=\(batch.id)" : nil
    contacts =
      isThere
      ? batch.options.audience.map { "\(visit.base)/contacts?" + FormBody.encoded([(name: "tag", value: $0)]) } : nil
  }

  static func name(_ batch: ImportBatch, _ words: Words) -> String {
    batch.options.name ?? words("Import {0}", String(batch.id))
  }

  /// How it stands, and the colour of its lamp.
  static func state(_ batch: ImportBatch, _ words: Words) -> (String, String) {
    switch (batch.state, batch.mode) {
    case (.checking, _): (words("Checking"), "wait")
    case (.applying, .dryRun): (words("Comparing"), "wait")
    case (.applying, .commit): (words("Importing"), "go")
    case (.completed, .dryRun): (words("Dry run"), "info")
    case (.completed, .commit): (words("Imported"), "go")
    case (.failed, _): (words("Stopped"), "stop")
    case (.undone, _): (words("Taken back"), "quiet")
    }
  }

  /// As it is kept, in the reader's language.
  private static func failure(_ kept: String, _ words: Words) -> String {
    let by = "cancelled by "
    guard kept.hasPrefix(by) else { return words.said(kept) }
    let who: String = words.actor(String(kept.dropFirst(by.count)))
    return words("cancelled by {0}", who)
  }

  private static func about(_ batch: ImportBatch, _ said: JSON, _ words: Words) -> String {
    let rows = said["rows"]?.int ?? 0
    let who = words.actor(said["actor"]?.text) ?? ""
    let parts: [String] = [
      rows > 0 ? words(rows, one: "{0} row", many: "{0} rows") : "",
      words("{0} by {1}", words.time(batch.createdAt), who),
      batch.mode == .dryRun && batch.state == .completed ? words("nothing is changed yet") : "",
    ]
    return parts.filter { !$0.isEmpty }.joined(separator: " · ").capitalizedFirst
  }

  private static func progress(_ now: JSON, _ words: Words) -> Progress {
    let (done, total) = (now["done"]?.int ?? 0, now["total"]?.int ?? 0)
    let isBytes = now["unit"]?.text != "rows"
    let share = total > 0 ? Double(done) / Double(total) : 0
    let percent = words.number(share * 100, decimals: 0)
    func size(_ count: Int64) -> String { isBytes ? words.bytes(count) : words.number(count) }
    let rate = now["per_second"]?.int ?? 0
    let sentence =
      total == 0
      ? words("The file waits for its turn")
      : isBytes
        ? words("{0} of {1} read, {2} a second", size(done), size(total), size(rate))
        : words("{0} of {1} people, {2} a second", size(done), size(total), size(rate))
    return Progress(
      phase: isBytes ? words("Every row is read and judged") : words("Each person is compared with your contacts"),
      sentence: sentence,
      left: now["seconds_left"]?.int.map { words("about {0} left", words.seconds($0)) },
      bar: Chart(words).share(share, "brand", label: words("{0}% done", percent)))
  }

  private static func outcome(_ batch: ImportBatch, _ said: JSON, _ words: Words) -> Outcome {
    func count(_ name: String) -> Int64 { said[name]?.int ?? 0 }
    let fields = (said["changed_columns"]?.members ?? []).reduce(Int64(0)) { $0 + ($1.1.int ?? 0) }
    let parts: [Chart.Part] = [
      .init(count("created"), "go", words("New")), .init(count("updated"), "info", words("Changed")),
      .init(count("unchanged"), "quiet", words("The same")), .init(count("rejected"), "stop", words("Rejected")),
    ]
    let optedOut = count("opted_out")
    return Outcome(
      bar: Chart(words).split(parts, isTall: true), created: words.number(count("created")),
      updated: words.number(count("updated")), unchanged: words.number(count("unchanged")),
      rejected: words.number(count("rejected")),
      inFields: words(fields, one: "in {0} field", many: "in {0} fields"),
      optedOut: optedOut == 0
        ? nil
        : words(
          optedOut, one: "{0} of these people has opted out. They are imported and stay opted out.",
          many: "{0} of these people have opted out. They are imported and stay opted out."),
      isDone: batch.mode == .commit)
  }

  private static func undo(_ db: Database, _ taken: JSON, _ visit: Visit<Runtime>) throws -> Undo {
    let words = visit.words
    let kept = taken["kept"]?.int ?? 0
    let people = try (taken["kept_contacts"]?.list ?? []).compactMap(\.int).prefix(10).compactMap { id -> PageLink? in
      let row = try Row.fetchOne(
        db.cachedStatement(sql: "SELECT phone, first_name, last_name FROM contacts WHERE id = ?"), arguments: [id])
      return row.map { PageLink(name: visit.person($0).text, path: "\(visit.base)/contacts/\(id)") }
    }
    return Undo(
      sentence: words(
        taken["deleted"]?.int ?? 0, one: "{0} person is gone again", many: "{0} people are gone again") + ", "
        + words(taken["restored"]?.int ?? 0, one: "{0} is as it was before.", many: "{0} are as they were before."),
      kept: kept == 0
        ? nil
        : words(
          kept, one: "{0} person was changed since, and stays.", many: "{0} people were changed since, and stay."),
      keptPeople: people)
  }
}
