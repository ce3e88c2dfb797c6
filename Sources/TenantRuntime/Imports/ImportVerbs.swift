import GRDB

/// What people do to an import. Each is one transaction with its audit row; the worker does the rest.
extension ImportBatch {
  static func begin(
    _ change: Transaction, mode: Mode, file: String, bytes: Int, _ options: ImportOptions
  ) throws -> ImportBatch {
    try change.refuseMoreImports()
    try change.refuseMoreStorage()
    let batch = try begin(
      change.db, mode: mode, file: file, bytes: bytes, options: options, actor: change.caller.name, at: change.now)
    try change.audit("import.\(mode.rawValue)", "import:\(batch.id)", after: "\(bytes) bytes")
    change.effects.wakes.insert(.imports)
    return batch
  }

  /// Imports what a dry run has looked at; answers the new import.
  static func commit(_ change: Transaction, _ id: Int64) throws -> ImportBatch {
    try change.refuseMoreImports()
    try change.refuseMoreStorage()
    let tried = try find(change.db, id: id)
    let created = tried.members.first { $0.0 == "created" }?.1.int ?? 0
    if tried.mode == .dryRun, created > 0 { try change.refuseMoreContacts(created) }
    let made = try tried.commit(change.db, actor: change.caller.name, at: change.now)
    try change.audit("import.commit", "import:\(id)", after: "import:\(made.id)")
    change.effects.wakes.insert(.imports)
    return made
  }

  /// Tries a dry run's upload again, at the same address.
  /// - Parameter known: what the new options were made of: when somebody has tried others meanwhile, theirs are not lost unseen.
  static func lookAgain(
    _ change: Transaction, _ id: Int64, _ options: ImportOptions, since known: ImportOptions
  ) throws -> ImportBatch {
    let (db, batch) = (change.db, try find(change.db, id: id))
    try batch.refuseUnlessOpenDryRun()
    guard batch.options.json == known.json else {
      throw Refusal.conflict("Somebody else has tried this file with other choices meanwhile; look again.")
    }
    if let name = options.audience { try Audience.refuseOtherRule(db, named: name) }
    try db.execute(
      sql: """
        UPDATE import_batches SET state = 'checking', options = ?, choices = ?, consent_source = ?, consent_wording = ?, consent_at = ?,
        rows = 0, created = 0, updated = 0, unchanged = 0, rejected = 0, opted_out = 0, cursor = 0, difference = '{}', finished_at = NULL,
        cancelled_by = NULL
        WHERE id = ?
        """,
      arguments: [
        options.json.serialized, options.choices.serialized, options.attestation?.source, options.attestation?.wording,
        options.attestation?.at, id,
      ])
    try change.audit("import.look_again", "import:\(id)")
    change.effects.wakes.insert(.imports)
    return try find(db, id: id)
  }

  /// Its upload is still there, to be tried again or imported.
  func refuseUnlessOpenDryRun() throws {
    guard mode == .dryRun, state == .completed else {
      throw Refusal.conflict(
        "Only a completed dry run can be tried again; this is a \(mode.rawValue), \(state.rawValue).")
    }
    guard !file.isEmpty else {
      throw Refusal.conflict(
        "This dry run has been committed already, or its upload is too old; upload the file again.")
    }
  }

  static func cancel(_ change: Transaction, _ id: Int64) throws -> ImportBatch {
    let batch = try find(change.db, id: id)
    try batch.cancel(change.db, actor: change.caller.name)
    try change.audit("import.cancel", "import:\(id)", before: batch.state.rawValue)
    return batch
  }

  static func undo(_ change: Transaction, _ id: Int64) throws -> ImportBatch {
    let batch = try find(change.db, id: id)
    try batch.askUndo(change.db, at: change.now)
    try change.audit("import.undo", "import:\(id)", before: batch.state.rawValue)
    change.effects.wakes.insert(.imports)
    return batch
  }
}
