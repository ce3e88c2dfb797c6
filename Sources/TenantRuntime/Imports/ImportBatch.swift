import GRDB

/// One uploaded list.
///
///     checking → applying → completed → undone
///         └─────────┴→ failed → undone
///
/// A cancelled import has failed, and says by whom it was cancelled; what it had applied stays until it is undone.
struct ImportBatch: Sendable {
  enum State: String, Sendable { case checking, applying, completed, failed, undone }
  enum Mode: String, CaseIterable, Sendable {
    case dryRun = "dry-run"
    case commit
  }

  var id: Int64
  var state: State
  var mode: Mode
  var file: String
  var options: ImportOptions
  var cursor: Int64
  var undoCursor: Int64
  var firstContactID: Int64?
  var lastContactID: Int64?
  var difference: ImportDifference
  var createdAt: Moment
  /// As the API shows it, without progress.
  var members: [(String, JSON)]

  init(_ row: Row) throws {
    guard let state = State(rawValue: row["state"]), let mode = Mode(rawValue: row["mode"]) else {
      throw DatabaseError(message: "unknown state of an import")
    }
    id = row["id"]
    self.state = state
    self.mode = mode
    file = row["file"]
    let attestation = (row["consent_source"] as String?).map {
      ImportOptions.Attestation(source: $0, wording: row["consent_wording"], at: row["consent_at"])
    }
    options = ImportOptions(try JSON(parsing: row["options"] as String), attestation: attestation)
    options.choices = try JSON(parsing: row["choices"] as String)
    cursor = row["cursor"]
    undoCursor = row["undo_cursor"]
    firstContactID = row["first_contact_id"]
    lastContactID = row["last_contact_id"]
    difference = ImportDifference(try JSON(parsing: row["difference"] as String))
    createdAt = row["created_at"]
    members = Self.members(row, difference, options.choices)
  }

  private static func members(_ row: Row, _ difference: ImportDifference, _ choices: JSON) -> [(String, JSON)] {
    var members: [(String, JSON)] = [
      ("id", row.int("id")), ("state", row.text("state")), ("mode", row.text("mode")), ("rows", row.int("rows")),
      ("created", row.int("created")), ("updated", row.int("updated")), ("unchanged", row.int("unchanged")),
      ("rejected", row.int("rejected")), ("opted_out", row.int("opted_out")), ("rejected_reasons", difference.reasons),
      ("changed_columns", difference.columns), ("sample", .list(difference.sample)),
      ("warnings", .object((difference.warningJSON.members ?? []) + (choices["unused"]?.members ?? []))),
      ("notices", .list((choices["notices"]?.list ?? []) + difference.notices)), ("columns", Self.columns(choices)),
      ("options", row.document("options")),
      (
        "consent",
        (row["consent_source"] as String?).map { source in
          [
            "source": .text(source), "wording": row.text("consent_wording"), "at": row.moment("consent_at"),
          ]
        } ?? .null
      ),
      ("failure", row.text("failure")), ("actor", row.text("actor")), ("created_at", row.moment("created_at")),
      ("finished_at", row.moment("finished_at")),
    ]
    if row["undo_asked_at"] as Moment? != nil {
      members.append(
        (
          "undo",
          [
            "deleted": row.int("undo_deleted"), "restored": row.int("undo_restored"), "kept": row.int("undo_kept"),
            "kept_contacts": row.document("undo_kept_contacts"),
            "finished_at": row.moment("undone_at"),
          ]
        ))
    }
    return members
  }

  /// What every column was taken for and why, each with three of its values.
  static func columns(_ choices: JSON) -> JSON {
    let samples = choices["samples"]?.list ?? []
    return .list(
      (choices["columns"]?.list ?? []).enumerated().map { index, column in
        .object((column.members ?? []) + [("samples", samples.indices.contains(index) ? samples[index] : .list([]))])
      })
  }

  static func find(_ db: Database, id: Int64) throws -> ImportBatch {
    guard
      let row = try Row.fetchOne(db.cachedStatement(sql: "SELECT * FROM import_batches WHERE id = ?"), arguments: [id])
    else {
      throw Refusal.notFound("There is no such import.")
    }
    return try ImportBatch(row)
  }

  /// Newest first.
  static func latest(_ db: Database, before id: Int64, limit: Int) throws -> [ImportBatch] {
    try Row.fetchAll(
      db.cachedStatement(sql: "SELECT * FROM import_batches WHERE ?1 = 0 OR id < ?1 ORDER BY id DESC LIMIT ?2"),
      arguments: [id, limit]
    ).map(ImportBatch.init)
  }

  struct Reject: Sendable {
    let row: Int64
    let detail: String
    let original: String
  }

  /// The first rejected row of a reason.
  func firstReject(_ db: Database, reason: String) throws -> Reject? {
    try Row.fetchOne(
      db.cachedStatement(
        sql: "SELECT * FROM import_rejects WHERE import_id = ? AND reason = ? ORDER BY row_number LIMIT 1"),
      arguments: [id, reason]
    ).map { Reject(row: $0["row_number"], detail: $0["detail"], original: $0["original"]) }
  }

  /// The import whose turn it is: one at a time, the others wait in the order they came.
  static func open(_ db: Database) throws -> ImportBatch? {
    try Row.fetchOne(
      db, sql: "SELECT * FROM import_batches WHERE state IN ('checking', 'applying') ORDER BY id LIMIT 1"
    ).map(ImportBatch.init)
  }
}

// MARK: Verbs

extension ImportBatch {
  /// Uploads that wait are files on the disk.
  static let mostWaiting = 20

  static func begin(
    _ db: Database, mode: Mode, file: String, bytes: Int, options: ImportOptions, actor: String, at: Moment
  ) throws -> ImportBatch {
    let waiting = try Int.fetchOne(
      db.cachedStatement(sql: "SELECT count(*) FROM import_batches WHERE state IN ('checking', 'applying')"))
    guard waiting ?? 0 < mostWaiting else {
      throw Refusal.tooMany(retryAfterSeconds: 60)
    }
    if let name = options.audience { try Audience.refuseOtherRule(db, named: name) }
    try db.execute(
      sql: """
        INSERT INTO import_batches (state, mode, file, bytes, options, choices, consent_source, consent_wording, consent_at, actor, created_at)
        VALUES ('checking', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        mode.rawValue, file, bytes, options.json.serialized, options.choices.serialized, options.attestation?.source,
        options.attestation?.wording, options.attestation?.at, actor, at,
      ])
    return try find(db, id: db.lastInsertedRowID)
  }

  /// Imports what a dry run looked at, from the same upload.
  func commit(_ db: Database, actor: String, at: Moment) throws -> ImportBatch {
    guard mode == .dryRun, state == .completed else {
      throw Refusal.conflict(
        "Only a completed dry run can be committed; this is a \(mode.rawValue), \(state.rawValue).")
    }
    guard !file.isEmpty else {
      throw Refusal.conflict(
        "This dry run has been committed already, or its upload is too old; upload the file again.")
    }
    let made = try Self.begin(db, mode: .commit, file: file, bytes: 0, options: options, actor: actor, at: at)
    try db.execute(
      sql: "UPDATE import_batches SET bytes = (SELECT bytes FROM import_batches WHERE id = ?) WHERE id = ?",
      arguments: [id, made.id])
    // One import owns the upload, and removes it when it is done.
    try db.execute(sql: "UPDATE import_batches SET file = '' WHERE id = ?", arguments: [id])
    return made
  }

  func cancel(_ db: Database, actor: String) throws {
    guard state == .checking || state == .applying else {
      throw Refusal.conflict("The import is \(state.rawValue) already; undo it to take back what it changed.")
    }
    try db.execute(sql: "UPDATE import_batches SET cancelled_by = ? WHERE id = ?", arguments: [actor, id])
  }

  func askUndo(_ db: Database, at: Moment) throws {
    guard mode == .commit, state == .completed || state == .failed else {
      throw Refusal.conflict("Only a finished import can be undone; this one is \(state.rawValue), \(mode.rawValue).")
    }
    if let later = try laterImport(db) {
      throw Refusal.conflict("Import \(later) has changed some of the same contacts since; undo that one first.")
    }
    try db.execute(
      sql: "UPDATE import_batches SET undo_asked_at = ? WHERE id = ? AND undo_asked_at IS NULL", arguments: [at, id])
    if db.changesCount == 0 { throw Refusal.conflict("The undo of this import is under way.") }
  }

  /// An import after this one that changed a contact this one made or changed: its `before` is what this one left.
  private func laterImport(_ db: Database) throws -> Int64? {
    try Int64.fetchOne(
      db.cachedStatement(
        sql: """
          SELECT l.import_id FROM import_changes l WHERE l.import_id > ?1 AND (
            EXISTS (SELECT 1 FROM import_changes m WHERE m.import_id = ?1 AND m.contact_id = l.contact_id)
            OR EXISTS (SELECT 1 FROM contacts c WHERE c.id = l.contact_id AND c.import_id = ?1)) LIMIT 1
          """), arguments: [id])
  }

  func finish(_ db: Database, state: State, failure: String? = nil, at: Moment) throws {
    try db.execute(
      sql: "UPDATE import_batches SET state = ?, failure = ?, finished_at = ? WHERE id = ?",
      arguments: [state.rawValue, failure, at, id])
  }

  /// Throws when somebody has cancelled it meanwhile.
  func goOn(_ db: Database) throws {
    if let by = try String.fetchOne(
      db.cachedStatement(sql: "SELECT cancelled_by FROM import_batches WHERE id = ?"), arguments: [id])
    {
      throw ImportFailure(reason: "cancelled by \(by)")
    }
  }
}
