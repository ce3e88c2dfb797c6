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
